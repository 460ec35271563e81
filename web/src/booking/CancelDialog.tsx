import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../api/client";
import type { Cancellation, Reservation } from "../api/types";
import { useFormat } from "../app/format";
import { Alert } from "../app/ui/Alert";
import { Button } from "../app/ui/Button";
import { ConfirmDialog } from "../app/ui/ConfirmDialog";
import { Dialog } from "../app/ui/Dialog";
import { Skeleton, useErrorText } from "../app/ui/states";
import { useCancel, useCancellation } from "./queries";
import { useReservationShow, useSeatName } from "./ReservationParts";
import { useStepText } from "./terms";

// What this cancel gives back, without what earlier ones did.
export function newlyRefunded(known: Reservation["refunds"], after: Reservation): number {
  const before = new Set(known.map((refund) => refund.id));
  return after.refunds
    .filter((refund) => !before.has(refund.id))
    .reduce((sum, refund) => sum + refund.amount, 0);
}

type Line = Cancellation["lines"][number];

// The fee of a seat, and the rule that says so.
function useTerms() {
  const { t } = useTranslation();
  const { money, percent } = useFormat();
  const stepText = useStepText();
  return ({ fee, rule }: Line, currency: string) => {
    const share = percent((rule?.fee_percent ?? 0) / 100);
    const much = fee > 0 ? t("cancel.fee_of", { fee: money(fee, currency), share }) : t("cancel.no_fee");
    return [much, rule && stepText(rule)].filter(Boolean).join(" · ");
  };
}

type SeatsProps = {
  reservation: Reservation;
  ids: ReadonlySet<string> | undefined; // those chosen, where there is a choice
  terms: Cancellation | undefined;
  onToggle: (id: string) => void;
};

function Seats({ reservation, ids, terms, onToggle }: SeatsProps) {
  const { t } = useTranslation();
  const { money } = useFormat();
  const seatName = useSeatName();
  const termsOf = useTerms();
  const open = reservation.seats.filter((seat) => seat.state !== "cancelled");
  return (
    <fieldset className="flex flex-col gap-1">
      <legend className={ids ? "mb-1 text-sm" : "sr-only"}>{t("cancel.which")}</legend>
      {open.map((seat) => {
        const line = terms?.lines.find((each) => each.seat === seat.id);
        return (
          <label key={seat.id} className="number flex min-h-11 items-center gap-3 rounded-lg px-2 py-1 hover:bg-sunken">
            {ids && (
              <input
                type="checkbox"
                className="size-5 shrink-0 accent-[var(--accent)]"
                checked={ids.has(seat.id)}
                onChange={() => onToggle(seat.id)}
              />
            )}
            <span className="min-w-0 grow">
              <span className="block text-ink">{`${seatName(seat)} · ${seat.grade}`}</span>
              {line && <span className="block text-xs">{termsOf(line, terms!.currency)}</span>}
            </span>
            <span className="shrink-0">{money(seat.price, reservation.currency)}</span>
          </label>
        );
      })}
    </fieldset>
  );
}

function Sum({ terms }: { terms: Cancellation }) {
  const { t } = useTranslation();
  const { money } = useFormat();
  return (
    <dl data-testid="sum" className="number flex flex-col gap-1 border-t border-line pt-3 text-ink">
      {terms.fee > 0 && (
        <div className="flex justify-between gap-4 text-sm">
          <dt>{t("cancel.fee")}</dt>
          <dd>{`−${money(terms.fee, terms.currency)}`}</dd>
        </div>
      )}
      <div className="flex justify-between gap-4 font-bold">
        <dt>{t("cancel.refund")}</dt>
        <dd>{money(terms.refund, terms.currency)}</dd>
      </div>
    </dl>
  );
}

// What the terms gave back when they were last looked at, once they give something else: time has
// passed, or another tab has cancelled meanwhile.
function useFormerRefund(terms: Cancellation | undefined, of: string): number | undefined {
  const seen = useRef<{ of: string; refund: number }>(undefined);
  const [former, setFormer] = useState<number>();
  useEffect(() => {
    if (!terms) return;
    if (seen.current?.of !== of) setFormer(undefined);
    else if (seen.current.refund !== terms.refund) setFormer(seen.current.refund);
    seen.current = { of, refund: terms.refund };
  }, [terms, of]);
  return former;
}

function Done({ reservation, refunded, onClose }: { reservation: Reservation; refunded: number; onClose: () => void }) {
  const { t } = useTranslation();
  const { money } = useFormat();
  return (
    <Dialog
      title={t("cancel.done_title")}
      onClose={onClose}
      actions={<Button onClick={onClose}>{t("common.close")}</Button>}
    >
      {refunded > 0
        ? t("cancel.done_refund", { amount: money(refunded, reservation.currency) })
        : t("cancel.done_text")}
    </Dialog>
  );
}

type Props = { reservation: Reservation; onClose: () => void };

// Asks first, says what comes back and why, and tells afterwards what came back. What is refunded is
// what was shown: when it differs, the buyer is asked again.
export function CancelDialog({ reservation, onClose }: Props) {
  const { t } = useTranslation();
  const { money, dateTime, foreign } = useFormat();
  const text = useErrorText();
  const { title, startsAt } = useReservationShow(reservation);
  const cancel = useCancel();
  const [known] = useState(reservation.refunds); // as the question was asked
  const open = reservation.seats.filter((seat) => seat.state !== "cancelled");
  const [ids, setIds] = useState<ReadonlySet<string>>(() => new Set(open.map((seat) => seat.id)));
  const whole = ids.size === open.length;
  const confirmed = reservation.state === "confirmed";
  const chosen = [...ids];
  const terms = useCancellation(reservation.id, chosen, confirmed && !cancel.isSuccess);
  const former = useFormerRefund(terms.data, chosen.sort().join());
  const { refetch } = terms;
  const changed = cancel.error instanceof ApiError && cancel.error.code === "refund_changed";
  useEffect(() => {
    if (changed) void refetch();
  }, [changed, cancel.error, refetch]);

  if (cancel.isSuccess) {
    return <Done reservation={reservation} refunded={newlyRefunded(known, cancel.data)} onClose={onClose} />;
  }
  const toggle = (id: string) => {
    cancel.reset();
    setIds((now) => {
      const next = new Set(now);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  };
  const act = () =>
    cancel.mutate({
      id: reservation.id,
      ...(whole ? {} : { seats: chosen }),
      ...(terms.data && { refund_expected: terms.data.refund }),
    });
  return (
    <ConfirmDialog
      title={t("cancel.title")}
      keep={t("cancel.keep")}
      act={whole ? t("cancel.submit") : t("cancel.submit_some", { n: ids.size, count: ids.size })}
      busy={cancel.isPending}
      error={changed ? undefined : cancel.error}
      disabled={ids.size === 0 || (confirmed && (!terms.data || (changed && terms.isFetching)))}
      onAct={act}
      onClose={onClose}
    >
      <p className="font-semibold text-ink">
        <span lang={foreign(title)}>{title}</span>
        <span className="block text-sm font-normal text-ink-2">{dateTime(startsAt)}</span>
      </p>
      <Seats reservation={reservation} ids={confirmed && open.length > 1 ? ids : undefined} terms={terms.data} onToggle={toggle} />
      {confirmed && ids.size > 0 && terms.isPending && <Skeleton className="h-8 w-full" />}
      {terms.data && <Sum terms={terms.data} />}
      {former !== undefined && terms.data && (
        <Alert tone="warn" title={t("cancel.changed_title")}>
          {t("cancel.changed_text", {
            before: money(former, terms.data.currency),
            after: money(terms.data.refund, terms.data.currency),
          })}
        </Alert>
      )}
      {terms.isError && !terms.data && (
        <Alert
          tone="bad"
          actions={
            terms.error instanceof ApiError &&
            terms.error.transient && (
              <Button look="secondary" size="sm" busy={terms.isFetching} onClick={() => void refetch()}>
                {t("common.retry")}
              </Button>
            )
          }
        >
          {text(terms.error)}
        </Alert>
      )}
      <p className="text-sm">{confirmed ? t("cancel.text") : t("cancel.text_pending")}</p>
    </ConfirmDialog>
  );
}
