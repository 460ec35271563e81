import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useTheme } from "../app/theme";
import type { Samples } from "./queries";

const HEIGHT = 132;
const SPAN_S = 120;

type Props = { samples: Samples; capacity: number };

// A chart needs two points: the first sample counts for the second before it, too.
const twice = (values: number[], before = 0) =>
  values.length === 1 ? [values[0]! - before, values[0]!] : values;
const data = ({ at, waiting, active }: Samples): uPlot.AlignedData => [
  twice(at, 1),
  twice(waiting),
  twice(active),
];

export default function RoomChart({ samples, capacity }: Props) {
  const { t, i18n } = useTranslation();
  const theme = useTheme();
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(undefined);
  const latest = useRef(samples);
  latest.current = samples;

  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const style = getComputedStyle(document.documentElement);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const axis = {
      stroke: colour("--ink-3"),
      grid: { stroke: colour("--line"), width: 1 },
      ticks: { show: false },
      font: `12px ${getComputedStyle(document.body).fontFamily}`,
    };
    chart.current = new uPlot(
      {
        width: element.clientWidth,
        height: HEIGHT,
        legend: { show: false },
        cursor: { show: false },
        scales: {
          x: { range: (_, min, max) => [Math.min(min, max - SPAN_S), max] },
          y: { range: (_, __, max) => [0, Math.max(5, Math.ceil(max * 1.15))] },
        },
        axes: [
          {
            ...axis,
            space: 90,
            size: 28,
            values: (_, ticks) =>
              ticks.map((tick) =>
                new Intl.DateTimeFormat(i18n.language, {
                  hourCycle: "h23",
                  hour: "2-digit",
                  minute: "2-digit",
                  second: "2-digit",
                }).format(tick * 1000),
              ),
          },
          { ...axis, size: 44, space: 30 },
        ],
        series: [
          {},
          {
            label: t("rooms.waiting"),
            stroke: colour("--accent"),
            fill: colour("--accent-soft"),
            width: 2,
            points: { show: false },
          },
          {
            label: t("rooms.active"),
            stroke: colour("--ink-2"),
            width: 2,
            dash: [5, 4],
            points: { show: false },
          },
        ],
      },
      data(latest.current),
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
  }, [t, i18n.language, theme]);

  useEffect(() => chart.current?.setData(data(samples)), [samples]);

  return (
    <figure className="flex min-w-0 flex-col gap-1">
      <div
        ref={box}
        role="img"
        aria-label={t("rooms.chart", {
          waiting: samples.waiting.at(-1) ?? 0,
          active: samples.active.at(-1) ?? 0,
          capacity,
        })}
        className="w-full overflow-hidden"
      />
      <figcaption className="flex gap-4 text-xs text-ink-2" aria-hidden="true">
        <span className="flex items-center gap-1.5">
          <span className="h-0.5 w-4 bg-accent" />
          {t("rooms.waiting")}
        </span>
        <span className="flex items-center gap-1.5">
          <span className="w-4 border-t-2 border-dashed border-ink-2" />
          {t("rooms.active")}
        </span>
      </figcaption>
    </figure>
  );
}
