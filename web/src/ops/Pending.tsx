import { useTranslation } from "react-i18next";
import type { AdminRoom, PendingChange } from "../api/types";
import { announce } from "../app/announce";
import { durationText } from "../app/format";
import { useCountdown } from "../app/hooks";
import { Button } from "../app/ui/Button";
import { useErrorText } from "../app/ui/states";
import { useMe } from "../identity/queries";
import { ChangeList } from "./ChangeList";
import { useApprove, useAudit, useWithdraw } from "./queries";

// A change that waits for a second operator. Whoever proposed it can only take it back.
export function Pending({ room, pending }: { room: AdminRoom; pending: PendingChange }) {
  const { t } = useTranslation();
  const text = useErrorText();
  const me = useMe();
  const approve = useApprove(room.id);
  const withdraw = useWithdraw(room.id);
  const left = useCountdown(pending.expires_at);
  const audit = useAudit({ subject: room.id, who: pending.by }); // a proposal is an entry itself
  const proposer = audit.data?.pages[0]?.items[0]?.name ?? pending.by;
  const own = me.data?.id === pending.by;
  const failed = approve.error ?? withdraw.error;
  return (
    <section
      aria-labelledby="pending"
      className="flex flex-col gap-3 rounded-xl border border-line-strong bg-warn-soft p-4 text-sm"
    >
      <h2 id="pending" className="text-base font-bold">
        {t("console.pending_title")}
      </h2>
      <ChangeList changes={pending.changes} />
      <p>
        {own ? t("console.pending_own") : t("console.pending_theirs", { who: proposer })}{" "}
        <span className="number">{t("console.pending_left", { left: durationText(left ?? 0) })}</span>
      </p>
      <div className="flex flex-wrap gap-2">
        {!own && (
          <Button
            busy={approve.isPending}
            onClick={() =>
              approve.mutate(pending.id, {
                onSuccess: () => announce(t("rooms.applied", { room: room.name })),
              })
            }
          >
            {t("console.approve")}
          </Button>
        )}
        <Button
          look="secondary"
          busy={withdraw.isPending}
          onClick={() =>
            withdraw.mutate(pending.id, { onSuccess: () => announce(t("console.withdrawn")) })
          }
        >
          {t(own ? "console.withdraw" : "console.reject")}
        </Button>
      </div>
      {failed && (
        <p role="alert" className="text-danger">
          {text(failed)}
        </p>
      )}
    </section>
  );
}
