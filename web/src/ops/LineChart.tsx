import { useEffect, useRef, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { TIME_ZONE } from "../app/format";
import { useTheme } from "../app/theme";
import { everySeconds } from "./facts";

const HEIGHT = 132;
const SPAN_S = 120;
const ROW_EVERY_S = 30;
const ROWS = 8;

export type Line = {
  label: string;
  values: (number | null)[];
  look: "main" | "second" | "limit"; // filled, dashed, dotted
};

type Props = {
  title?: string;
  at: number[]; // Unix seconds
  lines: Line[];
  text: string; // what the chart says, for those who cannot see it
  format?: (value: number) => string;
  least?: number; // the scale goes at least this far
  steps?: number[]; // between the marks of the scale; any when none are given
  table?: boolean; // the latest numbers as a table, too
  children?: ReactNode; // what explains it
};

const looks = {
  main: { stroke: "--accent", fill: "--accent-soft", dash: undefined },
  second: { stroke: "--ink-2", fill: undefined, dash: [5, 4] },
  limit: { stroke: "--ink-3", fill: undefined, dash: [1, 4] },
};
const marks: Record<Line["look"], string> = {
  main: "h-0.5 bg-accent",
  second: "border-t-2 border-dashed border-ink-2",
  limit: "border-t-2 border-dotted border-ink-3",
};

// A chart needs two points: the first sample counts for the second before it, too.
const dataOf = (at: number[], lines: Line[]): uPlot.AlignedData =>
  at.length === 1
    ? [[at[0]! - 1, at[0]!], ...lines.map(({ values }) => [values[0]!, values[0]!])]
    : [at, ...lines.map(({ values }) => values)];

function useClock() {
  const { i18n } = useTranslation();
  const format = new Intl.DateTimeFormat(i18n.language, {
    timeZone: TIME_ZONE,
    hourCycle: "h23",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  return (unixSeconds: number) => format.format(unixSeconds * 1000);
}

type Scale = Required<Pick<Props, "least" | "format">> & Pick<Props, "steps">;

function options(width: number, lines: Line[], clock: (at: number) => string,
  { least, steps, format }: Scale): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: colour("--ink-3"),
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
    font: `12px ${getComputedStyle(document.body).fontFamily}`,
  };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { range: (_, min, max) => [Math.min(min, max - SPAN_S), max] },
      y: { range: (_, __, max) => [0, Math.max(least, (max ?? 0) * 1.15)] },
    },
    axes: [
      { ...axis, space: 90, size: 28, values: (_, ticks) => ticks.map(clock) },
      { ...axis, size: 48, space: 30, ...(steps && { incrs: steps }), values: (_, ticks) => ticks.map(format) },
    ],
    series: [
      {},
      ...lines.map(({ label, look }): uPlot.Series => ({
        label,
        stroke: colour(looks[look].stroke),
        fill: looks[look].fill && colour(looks[look].fill),
        dash: looks[look].dash,
        width: 2,
        points: { show: false },
      })),
    ],
  };
}

function Numbers({ at, lines, format, title }: Required<Pick<Props, "at" | "lines" | "format">> & { title?: string }) {
  const { t } = useTranslation();
  const clock = useClock();
  return (
    <details className="text-xs text-ink-2">
      <summary className="flex min-h-9 w-fit items-center rounded-lg font-semibold">
        {t("console.as_table")}
        <span className="sr-only">{title}</span>
      </summary>
      <table className="number w-full text-left">
        <thead>
          <tr>
            <th scope="col" className="py-1 pr-3 font-semibold">
              {t("console.time")}
            </th>
            {lines.map(({ label }) => (
              <th key={label} scope="col" className="py-1 pr-3 font-semibold">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {everySeconds(at, ROW_EVERY_S, ROWS).map((i) => (
            <tr key={at[i]} className="border-t border-line">
              <th scope="row" className="py-1 pr-3 font-normal">
                {clock(at[i]!)}
              </th>
              {lines.map(({ label, values }) => (
                <td key={label} className="py-1 pr-3">
                  {values[i] === null || values[i] === undefined ? "–" : format(values[i])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

const plain = (value: number) => String(Math.round(value * 10) / 10);

export default function LineChart({ title, at, lines, text, format = plain, least = 5, steps, table, children }: Props) {
  const { i18n } = useTranslation();
  const theme = useTheme();
  const clock = useClock();
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(undefined);
  const latest = useRef({ at, lines, clock, steps, format });
  latest.current = { at, lines, clock, steps, format };
  const shape = lines.map(({ label, look }) => `${label} ${look}`).join();

  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const now = latest.current;
    chart.current = new uPlot(
      options(element.clientWidth, now.lines, now.clock, { least, steps: now.steps, format: now.format }),
      dataOf(now.at, now.lines),
      element,
    );
    const observer = new ResizeObserver(() =>
      chart.current?.setSize({ width: element.clientWidth, height: HEIGHT }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.current?.destroy();
      chart.current = undefined;
    };
  }, [shape, least, i18n.language, theme]);

  useEffect(() => chart.current?.setData(dataOf(at, lines)), [at, lines]);

  return (
    <figure className="flex min-w-0 flex-col gap-1">
      {title && <h3 className="text-base font-bold">{title}</h3>}
      <div ref={box} role="img" aria-label={text} className="w-full overflow-hidden" />
      <figcaption className="flex flex-col gap-1.5 text-xs text-ink-2">
        <span className="flex flex-wrap gap-x-4 gap-y-1" aria-hidden="true">
          {lines.map(({ label, look }) => (
            <span key={label} className="flex items-center gap-1.5">
              <span className={`w-4 ${marks[look]}`} />
              {label}
            </span>
          ))}
        </span>
        {children}
      </figcaption>
      {table && <Numbers at={at} lines={lines} format={format} title={title} />}
    </figure>
  );
}
