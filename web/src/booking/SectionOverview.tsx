import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Section } from "../api/types";
import { useFormat } from "../app/format";
import { boundsOf, hullOf, seatsOf, type Box } from "./seatGeometry";
import type { SeatStates } from "./seatStates";

const RECOUNT_MS = 1000;

// Free seats of each section, of one grade or of all, counted at most once a second.
function useFreeSeats(sections: Section[], states: SeatStates, onlyGrade: string | undefined) {
  const ids = useMemo(
    () =>
      sections.map((section) => ({
        id: section.id,
        seats: seatsOf(section)
          .filter((seat) => onlyGrade === undefined || seat.grade === onlyGrade)
          .map((seat) => seat.id),
      })),
    [sections, onlyGrade],
  );
  const [free, setFree] = useState<Map<string, number>>(new Map());
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const count = () => {
      timer = undefined;
      setFree(new Map(ids.map(({ id, seats }) => [id, seats.length - states.takenCount(seats)])));
    };
    count();
    const unsubscribe = states.subscribe(() => {
      timer ??= setTimeout(count, RECOUNT_MS);
    });
    return () => {
      clearTimeout(timer);
      unsubscribe();
    };
  }, [ids, states]);
  return free;
}

const cornersOf = (box: Box | undefined) =>
  box ? [box, { x: box.x + box.width, y: box.y + box.height }] : [];

type Props = {
  sections: Section[];
  states: SeatStates;
  gradeIndex: Map<string, number>;
  onlyGrade: string | undefined;
  stage: string;
  box: Box | undefined; // where the stage stands
  onOpen: (section: string) => void;
};

export function SectionOverview({ sections, states, gradeIndex, onlyGrade, stage, box, onOpen }: Props) {
  const { t } = useTranslation();
  const { number } = useFormat();
  const free = useFreeSeats(sections, states, onlyGrade);
  const shapes = useMemo(
    () =>
      sections.map((section) => {
        const seats = seatsOf(section);
        const hull = hullOf(seats);
        const middle = seats.reduce((sum, s) => ({ x: sum.x + s.x, y: sum.y + s.y }), { x: 0, y: 0 });
        return {
          section,
          total: seats.filter((s) => onlyGrade === undefined || s.grade === onlyGrade).length,
          grade: gradeIndex.get(onlyGrade ?? seats[0]?.grade ?? "") ?? 3,
          points: hull.map((point) => `${point.x},${point.y}`).join(" "),
          hull,
          x: middle.x / Math.max(1, seats.length),
          y: middle.y / Math.max(1, seats.length),
        };
      }),
    [sections, gradeIndex, onlyGrade],
  );
  const bounds = useMemo(() => {
    const corners = [...shapes.flatMap((shape) => shape.hull), ...cornersOf(box)];
    const raw = boundsOf(corners, 0);
    const margin = Math.max(raw.width, raw.height) * 0.03;
    return boundsOf(corners, margin);
  }, [shapes, box]);
  const font = bounds.width / 45;

  return (
    <div className="flex flex-col gap-4">
      <svg
        aria-hidden="true"
        viewBox={`${bounds.x} ${bounds.y} ${bounds.width} ${bounds.height}`}
        className="block max-h-[60dvh] w-full"
      >
        {box && <rect {...box} rx={font / 2} className="fill-sunken stroke-line-strong" strokeWidth={font / 8} />}
        <text
          x={box ? box.x + box.width / 2 : bounds.x + bounds.width / 2}
          y={box ? box.y + box.height / 2 : bounds.y + font}
          fontSize={font}
          textAnchor="middle"
          dominantBaseline="central"
          className="fill-ink-2 font-semibold"
        >
          {stage}
        </text>
        {shapes.map((shape) => {
          const left = free.get(shape.section.id) ?? 0;
          return (
            // The same sections are buttons in the list below; this picture is for pointers.
            <g
              key={shape.section.id}
              data-section={shape.section.id}
              className={`cursor-pointer transition-opacity ${shape.total === 0 ? "opacity-25" : "hover:opacity-80"}`}
              onClick={() => onOpen(shape.section.id)}
            >
              {/* The fuller a section, the paler: heat of sales at a glance. */}
              <polygon points={shape.points} strokeLinejoin="round" className="fill-[var(--seat-gone)]" />
              <polygon
                points={shape.points}
                strokeLinejoin="round"
                style={{
                  fill: `var(--grade-${shape.grade}-soft)`,
                  fillOpacity: left / Math.max(1, shape.total),
                  stroke: left > 0 ? `var(--grade-${shape.grade})` : "var(--seat-gone-mark)",
                  strokeWidth: 1.5,
                  vectorEffect: "non-scaling-stroke",
                }}
              />
              <text
                x={shape.x}
                y={shape.y}
                fontSize={font * 0.9}
                textAnchor="middle"
                dominantBaseline="central"
                className="fill-ink font-bold"
              >
                {shape.section.name}
              </text>
            </g>
          );
        })}
      </svg>
      <ul className="grid grid-cols-2 gap-2 sm:grid-cols-3 lg:grid-cols-4">
        {shapes.filter((shape) => shape.total > 0).map((shape) => {
          const left = free.get(shape.section.id) ?? 0;
          return (
            <li key={shape.section.id}>
              <button
                type="button"
                className="card flex min-h-12 w-full items-center gap-2 px-3 py-2 text-left text-sm hover:bg-sunken disabled:opacity-60"
                onClick={() => onOpen(shape.section.id)}
              >
                <span className="swatch" data-grade={shape.grade} aria-hidden="true" />
                <span className="min-w-0 grow font-semibold">{shape.section.name}</span>
                <span className="number text-ink-3">
                  {left > 0 ? t("seat.free_count", { n: number(left) }) : t("sale.sold_out")}
                </span>
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
