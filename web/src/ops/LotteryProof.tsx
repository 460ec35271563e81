import { useTranslation } from "react-i18next";
import type { Lottery } from "../api/types";
import { useFormat } from "../app/format";
import { Icon } from "../app/ui/icons";

function useFacts(lottery: Lottery): [label: string, value: string][] {
  const { t } = useTranslation();
  const { number, dateTime } = useFormat();
  const { beacon } = lottery;
  const facts: [string, string | undefined][] = [
    ["committed_at", lottery.committed_at && dateTime(lottery.committed_at)],
    ["commitment", lottery.commitment],
    ["closed_at", lottery.closed_at && dateTime(lottery.closed_at)],
    ["count", lottery.count === undefined ? undefined : number(lottery.count)],
    ["root", lottery.root],
    [
      "beacon",
      beacon &&
        (beacon.kind === "drand"
          ? t("console.beacon_drand_round", {
              round: String(beacon.round ?? ""),
              at: beacon.round_at ? dateTime(beacon.round_at) : "",
            })
          : t("console.beacon_parties_of", { k: beacon.k ?? 0, n: beacon.commitments?.length ?? 0 })),
    ],
    ["drawn_at", lottery.drawn_at && dateTime(lottery.drawn_at)],
    ["seed", lottery.seed],
    ["value", lottery.value],
  ];
  return facts.flatMap(([key, value]): [string, string][] =>
    value === undefined ? [] : [[t(`console.lottery_${key}`), value]],
  );
}

// What is published so far, as everybody can read it.
export function LotteryProof({ room, lottery }: { room: string; lottery: Lottery }) {
  const { t } = useTranslation();
  const facts = useFacts(lottery);
  const base = `/api/v1/rooms/${encodeURIComponent(room)}/lottery`;
  const link = "flex min-h-9 w-fit items-center gap-1.5 rounded-lg text-sm font-semibold text-accent underline";
  return (
    <section aria-labelledby="published" className="card flex min-w-0 flex-col gap-3 p-4">
      <h2 id="published" className="text-lg font-bold">
        {t("console.lottery_published")}
      </h2>
      {facts.length === 0 ? (
        <p className="text-sm text-ink-3">{t("console.lottery_nothing")}</p>
      ) : (
        <dl className="flex flex-col gap-2 text-sm">
          {facts.map(([label, value]) => (
            <div key={label}>
              <dt className="text-ink-3">{label}</dt>
              <dd className="number break-all font-semibold">{value}</dd>
            </div>
          ))}
        </dl>
      )}
      <a className={link} href={base} target="_blank" rel="noreferrer">
        {t("console.lottery_proof")}
        <Icon name="external" />
      </a>
      {(lottery.state === "closed" || lottery.state === "drawn") && (
        <a className={link} href={`${base}/entries`} target="_blank" rel="noreferrer">
          {t("console.lottery_entries")}
          <Icon name="external" />
        </a>
      )}
      <p className="text-sm text-ink-3">{t("console.lottery_check")}</p>
    </section>
  );
}
