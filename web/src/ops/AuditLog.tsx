import { useTranslation } from "react-i18next";
import type { AdminRoom, AuditEntry } from "../api/types";
import { useFormat } from "../app/format";
import { Button } from "../app/ui/Button";
import { Failure, Loading, Skeleton } from "../app/ui/states";
import { useMe } from "../identity/queries";
import { auditRows, changesOf } from "./audit";
import { ChangeList } from "./ChangeList";
import { csvName, csvOf, withoutHeader } from "./csv";
import { Download } from "./Download";
import { allAudit, allLog, useAudit } from "./queries";

const BY_THE_PLAN = "plan"; // as the server calls itself when a planned change is due

function Entry({ entry, own }: { entry: AuditEntry; own: boolean }) {
  const { t } = useTranslation();
  const { exact } = useFormat();
  return (
    <li className="grid gap-1 border-t border-line py-3 text-sm sm:grid-cols-[16rem_1fr] sm:gap-4">
      <div>
        <time dateTime={entry.at} className="number block font-semibold">
          {exact(entry.at)}
        </time>
        <span className="text-ink-2">{own ? t("console.you") : entry.who === BY_THE_PLAN ? t("console.by_plan") : entry.who}</span>
      </div>
      <ChangeList changes={changesOf(entry)} />
    </li>
  );
}

function Entries({ room }: { room: AdminRoom }) {
  const { t } = useTranslation();
  const me = useMe();
  const audit = useAudit();
  if (audit.isPending) {
    return (
      <Loading>
        <Skeleton className="h-40 w-full" />
      </Loading>
    );
  }
  if (!audit.data) {
    return <Failure error={audit.error} onRetry={() => void audit.refetch()} busy={audit.isFetching} />;
  }
  const entries = audit.data.pages.flatMap((page) => page.items).filter(({ subject }) => subject === room.id);
  return (
    <>
      {entries.length === 0 && (
        <p className="text-sm text-ink-3">{t(audit.hasNextPage ? "console.log_none_yet" : "console.log_none")}</p>
      )}
      <ol aria-labelledby="log">
        {entries.map((entry) => (
          <Entry key={entry.id} entry={entry} own={entry.who === me.data?.id} />
        ))}
      </ol>
      {audit.hasNextPage && (
        <div className="w-fit">
          <Button look="secondary" busy={audit.isFetchingNextPage} onClick={() => void audit.fetchNextPage()}>
            {t("console.log_older")}
          </Button>
        </div>
      )}
    </>
  );
}

// Who changed what; and all that happened to the line, for a spreadsheet.
export function AuditLog({ room }: { room: AdminRoom }) {
  const { t } = useTranslation();
  return (
    <section aria-labelledby="log" className="flex flex-col gap-4">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div>
          <h2 id="log" className="text-lg font-bold">
            {t("console.log_title")}
          </h2>
          <p className="max-w-prose text-sm text-ink-2">{t("console.log_note")}</p>
        </div>
        <div className="flex flex-wrap gap-2">
          <Download
            label={t("console.log_csv")}
            name={() => csvName(room.id, "changes")}
            parts={async () => {
              const entries = await allAudit();
              return [csvOf(auditRows(entries.filter(({ subject }) => subject === room.id)))];
            }}
          />
          <Download
            label={t("console.line_csv")}
            name={() => csvName(room.id, "log")}
            parts={async () =>
              (await allLog(room.id)).map((part, i) => (i === 0 ? part : withoutHeader(part)))
            }
          />
        </div>
      </div>
      <Entries room={room} />
    </section>
  );
}
