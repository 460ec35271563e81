import { useTranslation } from "react-i18next";
import type { AdminRoom } from "../api/types";
import { announce } from "../app/announce";
import { useFormat } from "../app/format";
import { Alert } from "../app/ui/Alert";
import { Button } from "../app/ui/Button";
import { Loading, Skeleton } from "../app/ui/states";
import { csvName, csvOf, saveCsv } from "./csv";
import { numberRows, perMinute, type Sample } from "./facts";
import LineChart from "./LineChart";

const PROMISED = 0.8; // four of five wait no longer than P80 says

function Line({ samples }: { samples: Sample[] }) {
  const { t } = useTranslation();
  const { number } = useFormat();
  const last = samples.at(-1)!;
  return (
    <LineChart
      table
      title={t("console.chart_line")}
      at={samples.map((each) => each.at)}
      lines={[
        { label: t("rooms.waiting"), look: "main", values: samples.map((each) => each.waiting) },
        { label: t("rooms.active"), look: "second", values: samples.map((each) => each.active) },
      ]}
      text={t("console.chart_line_text", { waiting: number(last.waiting), active: number(last.active) })}
    >
      {t("console.oldest_wait", { seconds: number(last.oldestWait) })}
    </LineChart>
  );
}

function Admitted({ samples }: { samples: Sample[] }) {
  const { t } = useTranslation();
  const { number } = useFormat();
  const last = samples.at(-1)!;
  return (
    <LineChart
      table
      title={t("console.chart_admitted")}
      at={samples.map((each) => each.at)}
      lines={[
        { label: t("console.admitted"), look: "main", values: samples.map((each) => each.admitted) },
        { label: t("console.allowed"), look: "limit", values: samples.map((each) => each.rate) },
      ]}
      text={t("console.chart_admitted_text", { admitted: number(last.admitted), rate: number(last.rate) })}
    />
  );
}

function Lost({ samples }: { samples: Sample[] }) {
  const { t } = useTranslation();
  const { number } = useFormat();
  const dropped = perMinute(samples, "dropped");
  const noShows = perMinute(samples, "noShows");
  return (
    <LineChart
      table
      title={t("console.chart_lost")}
      at={samples.map((each) => each.at)}
      lines={[
        { label: t("console.dropped"), look: "main", values: dropped },
        { label: t("console.no_shows"), look: "second", values: noShows },
      ]}
      text={t("console.chart_lost_text", {
        dropped: number(dropped.at(-1)!),
        missed: number(noShows.at(-1)!),
      })}
    >
      {t("console.chart_lost_note")}
    </LineChart>
  );
}

function SlotUse({ samples }: { samples: Sample[] }) {
  const { t } = useTranslation();
  const { number, percent } = useFormat();
  const last = samples.at(-1)!;
  const values = { use: percent(last.slotUse), active: number(last.active), capacity: number(last.capacity) };
  return (
    <LineChart
      table
      title={t("console.chart_slots")}
      at={samples.map((each) => each.at)}
      lines={[{ label: t("console.slot_use"), look: "main", values: samples.map((each) => each.slotUse) }]}
      least={1}
      format={percent}
      text={t("console.chart_slots_text", values)}
    >
      {t("console.chart_slots_text", values)}
    </LineChart>
  );
}

function Estimates({ samples }: { samples: Sample[] }) {
  const { t } = useTranslation();
  const { number, percent } = useFormat();
  const last = samples.at(-1)!;
  const share = (value: number | undefined) => (value === undefined ? "–" : percent(value));
  const said =
    last.checked === 0
      ? t("console.chart_eta_none")
      : t("console.chart_eta_text", {
          checked: number(last.checked),
          p50: share(last.p50),
          p80: share(last.p80),
          p90: share(last.p90),
          band: share(last.band),
          error: share(last.error),
        });
  return (
    <LineChart
      table
      title={t("console.chart_eta")}
      at={samples.map((each) => each.at)}
      lines={[
        { label: t("console.p80_kept"), look: "main", values: samples.map((each) => each.p80 ?? null) },
        { label: t("console.p80_promised"), look: "limit", values: samples.map(() => PROMISED) },
      ]}
      least={1}
      format={percent}
      text={said}
    >
      {said}
    </LineChart>
  );
}

export function RoomCharts({ room, samples, stale }: { room: AdminRoom; samples: Sample[]; stale: boolean }) {
  const { t } = useTranslation();
  const save = () => {
    saveCsv(csvName(room.id, "numbers"), [csvOf(numberRows(samples))]);
    announce(t("console.saved"));
  };
  return (
    <section aria-labelledby="numbers" className="flex min-w-0 flex-col gap-4">
      <div className="flex flex-wrap items-center justify-between gap-x-3 gap-y-2">
        <div>
          <h2 id="numbers" className="text-lg font-bold">
            {t("console.numbers")}
          </h2>
          <p className="text-sm text-ink-3">{t("console.numbers_lead")}</p>
        </div>
        <Button look="secondary" size="sm" disabled={samples.length === 0} onClick={save}>
          {t("console.numbers_csv")}
        </Button>
      </div>
      {stale && <Alert tone="warn">{t("console.numbers_stale")}</Alert>}
      {samples.length > 0 ? (
        <div className="grid gap-4 xl:grid-cols-2">
          {[Line, Admitted, Lost, SlotUse, Estimates].map((Chart) => (
            <div key={Chart.name} className="card min-w-0 p-4 xl:first:col-span-2">
              <Chart samples={samples} />
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
