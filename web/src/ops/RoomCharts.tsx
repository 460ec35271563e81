import type { TFunction } from "i18next";
import type { ComponentProps } from "react";
import { useTranslation } from "react-i18next";
import type { AdminRoom } from "../api/types";
import { durationText, useFormat } from "../app/format";
import { Alert } from "../app/ui/Alert";
import { Loading, Skeleton } from "../app/ui/states";
import { csvName } from "./csv";
import { Download } from "./Download";
import { perMinute, realWaits, type Past, type Sample } from "./facts";
import LineChart from "./LineChart";
import { historyCsv } from "./queries";

const PROMISED = 0.8; // four of five wait no longer than P80 says

type Chart = Omit<ComponentProps<typeof LineChart>, "at" | "table"> & { title: string };
type Say = { t: TFunction; number: (value: number) => string; percent: (value: number) => string };
type Of = (samples: Sample[], last: Sample, say: Say) => Chart;

const TIMES = [10, 30, 60, 300, 600, 1800, 3600, 7200, 21_600, 43_200, 86_400, 172_800, 345_600]; // seconds
const seconds = (value: number) => durationText(value * 1000);

const line: Of = (samples, last, { t, number }) => ({
  title: t("console.chart_line"),
  lines: [
    { label: t("rooms.waiting"), look: "main", values: samples.map(({ waiting }) => waiting) },
    { label: t("rooms.active"), look: "second", values: samples.map(({ active }) => active) },
  ],
  text: t("console.chart_line_text", { waiting: number(last.waiting), active: number(last.active) }),
  children: t("console.oldest_wait", { seconds: number(last.oldestWait) }),
});

const admitted: Of = (samples, last, { t, number }) => ({
  title: t("console.chart_admitted"),
  lines: [
    { label: t("console.admitted"), look: "main", values: samples.map((each) => each.admitted) },
    { label: t("console.allowed"), look: "limit", values: samples.map(({ rate }) => rate) },
  ],
  text: t("console.chart_admitted_text", { admitted: number(last.admitted), rate: number(last.rate) }),
});

const lost: Of = (samples, _, { t, number }) => {
  const dropped = perMinute(samples, "dropped");
  const noShows = perMinute(samples, "noShows");
  return {
    title: t("console.chart_lost"),
    lines: [
      { label: t("console.dropped"), look: "main", values: dropped },
      { label: t("console.no_shows"), look: "second", values: noShows },
    ],
    text: t("console.chart_lost_text", { dropped: number(dropped.at(-1)!), missed: number(noShows.at(-1)!) }),
    children: t("console.chart_lost_note"),
  };
};

const slots: Of = (samples, last, { t, number, percent }) => {
  const said = t("console.chart_slots_text", {
    use: percent(last.slotUse),
    active: number(last.active),
    capacity: number(last.capacity),
  });
  return {
    title: t("console.chart_slots"),
    lines: [{ label: t("console.slot_use"), look: "main", values: samples.map(({ slotUse }) => slotUse) }],
    least: 1,
    format: percent,
    text: said,
    children: said,
  };
};

const waits: Of = (samples, last, { t }) => {
  const said = [
    last.eta
      ? t("console.chart_waits_eta", { p50: seconds(last.eta.p50_seconds), p80: seconds(last.eta.p80_seconds) })
      : t("console.chart_waits_no_eta"),
    last.waited
      ? t("console.chart_waits_real", { p50: seconds(last.waited.p50_seconds), p80: seconds(last.waited.p80_seconds) })
      : t("console.chart_waits_no_real"),
  ].join(" ");
  return {
    title: t("console.chart_waits"),
    lines: [
      { label: t("console.real_wait"), look: "main", values: realWaits(samples) },
      { label: t("console.eta_p80"), look: "second", values: samples.map(({ eta }) => eta?.p80_seconds ?? null) },
      { label: t("console.eta_p50"), look: "limit", values: samples.map(({ eta }) => eta?.p50_seconds ?? null) },
    ],
    least: 30,
    steps: TIMES,
    format: seconds,
    text: said,
    children: `${said} ${t("console.chart_waits_note")}`,
  };
};

const kept: Of = (samples, { calibration }, { t, number, percent }) => {
  const said = calibration
    ? t("console.chart_eta_text", {
        checked: number(calibration.checked),
        p50: percent(calibration.p50_covered),
        p80: percent(calibration.p80_covered),
        p90: percent(calibration.p90_covered),
        band: percent(calibration.band_covered),
        error: percent(calibration.median_error),
      })
    : t("console.chart_eta_none");
  return {
    title: t("console.chart_eta"),
    lines: [
      {
        label: t("console.p80_kept"),
        look: "main",
        values: samples.map((each) => each.calibration?.p80_covered ?? null),
      },
      { label: t("console.p80_promised"), look: "limit", values: samples.map(() => PROMISED) },
    ],
    least: 1,
    format: percent,
    text: said,
    children: said,
  };
};

const CHARTS = { line, admitted, lost, waits, kept, slots };

// Where the charts begin, and why not earlier.
function useBeginning(past: Past | undefined) {
  const { t } = useTranslation();
  const { exact } = useFormat();
  if (!past) return t("console.numbers_lead");
  const first = past.kept[0]?.at;
  const hour = first !== undefined && first * 1000 - Date.parse(past.since) > 60_000;
  if (hour) return t("console.numbers_lead");
  return t(past.kept.length === 0 ? "console.numbers_none" : "console.numbers_since", { time: exact(past.since) });
}

export function RoomCharts({ room, past, stale }: { room: AdminRoom; past: Past | undefined; stale: boolean }) {
  const { t } = useTranslation();
  const { number, percent } = useFormat();
  const beginning = useBeginning(past);
  const samples = past?.samples ?? [];
  const last = samples.at(-1);
  return (
    <section aria-labelledby="numbers" className="flex min-w-0 flex-col gap-4">
      <div className="flex flex-wrap items-center justify-between gap-x-3 gap-y-2">
        <div>
          <h2 id="numbers" className="text-lg font-bold">
            {t("console.numbers")}
          </h2>
          <p className="text-sm text-ink-3">{beginning}</p>
        </div>
        <Download
          label={t("console.numbers_csv")}
          name={() => csvName(room.id, "numbers")}
          parts={async () => [await historyCsv(room.id)]}
        />
      </div>
      {stale && <Alert tone="warn">{t("console.numbers_stale")}</Alert>}
      {last ? (
        <div className="grid gap-4 xl:grid-cols-2">
          {Object.entries(CHARTS).map(([name, chart]) => (
            <div key={name} className="card min-w-0 p-4 xl:first:col-span-2 xl:last:col-span-2">
              <LineChart table at={samples.map(({ at }) => at)} {...chart(samples, last, { t, number, percent })} />
            </div>
          ))}
        </div>
      ) : (
        !stale && (
          <Loading>
            <Skeleton className="h-72 w-full rounded-2xl" />
          </Loading>
        )
      )}
    </section>
  );
}
