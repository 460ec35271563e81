import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { AdminRoom, AuditEntry } from "../api/types";
import { useFormat } from "../app/format";
import { Button } from "../app/ui/Button";
import { inputClass } from "../app/ui/Field";
import { Failure, Loading, Skeleton } from "../app/ui/states";
import { auditRows, changesOf } from "./audit";
import { ChangeList } from "./ChangeList";
import { csvName, csvOf, withoutHeader } from "./csv";
import { Download } from "./Download";
import { allAudit, allLog, useAudit } from "./queries";
import { useNameOf } from "./useNameOf";

// `only`: the fields that say something here.
export function Entry({ entry, only }: { entry: AuditEntry; only?: string[] }) {
  const { exact } = useFormat();
  const nameOf = useNameOf();
  return (
    <li className="grid gap-1 border-t border-line py-3 text-sm sm:grid-cols-[16rem_1fr] sm:gap-4">
      <div className="min-w-0">
        <time dateTime={entry.at} className="number block font-semibold">
          {exact(entry.at)}
        </time>
        <span className="block text-ink-2">{nameOf(entry)}</span>
        {entry.email && <span className="block text-xs wrap-anywhere text-ink-3">{entry.email}</span>}
      </div>
      <ChangeList changes={changesOf(entry).filter(({ field }) => !only || only.includes(field))} />
    </li>
  );
}

// Everybody who changed something lately, each once.
function By({ entries, who, onChange }: { entries: AuditEntry[]; who: string; onChange: (who: string) => void }) {
  const { t } = useTranslation();
  const nameOf = useNameOf();
  const id = useId();
  const people = new Map(entries.map((entry) => [entry.who, nameOf(entry)]));
  if (people.size < 2) return null;
  return (
    <div className="flex w-full flex-col gap-1.5 sm:w-64">
      <label htmlFor={id} className="text-sm font-semibold">
        {t("console.log_by")}
      </label>
      <select
        id={id}
        value={who}
        onChange={(event) => onChange(event.target.value)}
        className={`${inputClass} border-line-strong`}
      >
        <option value="">{t("console.log_everybody")}</option>
        {[...people].map(([each, name]) => (
          <option key={each} value={each}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}

function Entries({ room, who, onWho }: { room: AdminRoom; who: string; onWho: (who: string) => void }) {
  const { t } = useTranslation();
  const everybody = useAudit({ subject: room.id });
  const audit = useAudit({ subject: room.id, who });
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
  const entries = audit.data.pages.flatMap(({ items }) => items);
  return (
    <>
      <By entries={everybody.data?.pages.flatMap(({ items }) => items) ?? []} who={who} onChange={onWho} />
      {entries.length === 0 && <p className="text-sm text-ink-3">{t("console.log_none")}</p>}
      <ol aria-labelledby="log">
        {entries.map((entry) => (
          <Entry key={entry.id} entry={entry} />
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
  const [who, setWho] = useState("");
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
            parts={async () => [csvOf(auditRows(await allAudit({ subject: room.id, who })))]}
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
      <Entries room={room} who={who} onWho={setWho} />
    </section>
  );
}
