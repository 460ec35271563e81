import { memo, useCallback, useEffect, useLayoutEffect, useMemo, useRef, type KeyboardEvent, type MouseEvent } from "react";
import { useTranslation } from "react-i18next";
import { Icon, type IconName } from "../app/ui/icons";
import { boundsOf, nearestSeat, neighbour, rowLabelAt, seatNumber, type Direction, type PlacedSeat } from "./seatGeometry";
import type { SeatStates } from "./seatStates";
import { useZoom } from "./useZoom";

const NUMBERS_FROM_PX = 25;
const KEYS: Record<string, Direction> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
  Home: "start",
  End: "end",
};

type LayerProps = { seats: PlacedSeat[]; pitch: number; gradeIndex: Map<string, number> };
type Row = { key: string; label: string; seats: PlacedSeat[] };

function rowsOf(seats: PlacedSeat[]): Row[] {
  const rows = new Map<string, Row>();
  for (const seat of seats) {
    const key = `${seat.section} ${seat.row}`;
    const row = rows.get(key) ?? { key, label: seat.row, seats: [] };
    row.seats.push(seat);
    rows.set(key, row);
  }
  return [...rows.values()];
}

// Rendered once for a map. States, labels and the tab stop are attributes that SeatMap patches.
const SeatLayer = memo(function SeatLayer({ seats, pitch, gradeIndex }: LayerProps) {
  const { t } = useTranslation();
  const size = pitch * 0.8;
  const font = pitch * 0.36;
  return rowsOf(seats).map((row) => {
    const label = rowLabelAt(row.seats, pitch);
    return (
      <g key={row.key} role="group" aria-label={t("seat.row", { row: row.label })}>
        <text
          x={label.x}
          y={label.y}
          fontSize={font}
          textAnchor="middle"
          dominantBaseline="central"
          className="fill-ink-3"
          aria-hidden="true"
        >
          {row.label}
        </text>
        {row.seats.map((seat) => (
          <g
            key={seat.id}
            className="seat"
            role="checkbox"
            aria-checked="false"
            data-seat={seat.id}
            data-grade={gradeIndex.get(seat.grade) ?? 3}
            data-accessible={seat.accessible || undefined}
          >
            <rect x={seat.x - size / 2} y={seat.y - size / 2} width={size} height={size} rx={size * 0.24} />
            <text x={seat.x} y={seat.y} fontSize={seat.accessible ? size * 0.8 : font} aria-hidden="true">
              {seat.accessible ? "♿︎" : seatNumber(seat)}
            </text>
          </g>
        ))}
      </g>
    );
  });
});

function Patterns({ pitch }: { pitch: number }) {
  const unit = pitch * 0.8;
  const line = { strokeWidth: pitch * 0.07, className: "stroke-[var(--seat-gone-mark)]" };
  return (
    <defs>
      <pattern id="seat-held" width={unit / 4} height={unit / 4} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect width={unit / 4} height={unit / 4} className="fill-[var(--seat-gone)]" />
        <line x1="0" y1="0" x2="0" y2={unit / 4} {...line} />
      </pattern>
      <pattern id="seat-sold" width="1" height="1" viewBox="0 0 10 10" patternContentUnits="userSpaceOnUse">
        <rect width="10" height="10" className="fill-[var(--seat-gone)]" />
        <path d="M3.5 3.500l3 3M6.5 3.500l-3 3" fill="none" strokeWidth="1" strokeLinecap="round" className="stroke-[var(--seat-gone-mark)]" />
      </pattern>
    </defs>
  );
}

type Props = {
  seats: PlacedSeat[];
  pitch: number;
  states: SeatStates;
  selected: ReadonlySet<string>;
  own: ReadonlySet<string>; // held by this buyer already
  gradeIndex: Map<string, number>;
  onlyGrade: string | undefined;
  caption: string; // about the seat that is looked at
  stage: string; // what stands in front: stage or screen
  describe: (seat: PlacedSeat, state: string, selected: boolean) => string;
  onToggle: (seat: PlacedSeat) => void;
  onLook: (seat: PlacedSeat | undefined) => void;
};

export function SeatMap(props: Props) {
  const { seats, pitch, states, selected, own, gradeIndex, onlyGrade, describe, onToggle, onLook } = props;
  const { t } = useTranslation();
  const svg = useRef<SVGSVGElement>(null);
  const elements = useRef(new Map<string, SVGGElement>());
  const painted = useRef(new Map<string, string>()); // what each seat shows, to touch only what changed
  const tabStop = useRef<string>(undefined);
  const byId = useMemo(() => new Map(seats.map((seat) => [seat.id, seat])), [seats]);
  const hall = useMemo(() => boundsOf(seats, pitch), [seats, pitch]);
  const home = useMemo(
    () => ({
      x: hall.x - pitch * 0.8,
      y: hall.y - pitch * 2.2,
      width: hall.width + pitch * 1.2,
      height: hall.height + pitch * 2.2,
    }),
    [hall, pitch],
  );
  const showNumbers = useCallback(
    (pixelsPerUnit: number) =>
      svg.current?.toggleAttribute("data-far", pixelsPerUnit * pitch < NUMBERS_FROM_PX),
    [pitch],
  );
  const zoom = useZoom(svg, home, showNumbers);

  const paint = useCallback(
    (id: string) => {
      const element = elements.current.get(id);
      const seat = byId.get(id);
      if (!element || !seat) return;
      const mine = selected.has(id);
      const held = own.has(id);
      const state = held ? "own" : states.of(id);
      const dim = onlyGrade !== undefined && seat.grade !== onlyGrade && !mine && !held;
      const look = `${state} ${mine} ${dim}`;
      if (painted.current.get(id) === look) return;
      painted.current.set(id, look);
      element.setAttribute("data-state", state);
      element.setAttribute("aria-checked", String(mine));
      element.setAttribute("aria-disabled", String(state !== "free" && !mine));
      element.setAttribute("aria-label", describe(seat, state, mine));
      element.toggleAttribute("data-dim", dim);
    },
    [byId, states, selected, own, describe, onlyGrade],
  );

  useLayoutEffect(() => {
    elements.current = new Map(
      [...(svg.current?.querySelectorAll<SVGGElement>("[data-seat]") ?? [])].map((element) => [
        element.dataset.seat ?? "",
        element,
      ]),
    );
    if (!tabStop.current || !byId.has(tabStop.current)) tabStop.current = seats[0]?.id;
    for (const [id, element] of elements.current) {
      element.setAttribute("tabindex", id === tabStop.current ? "0" : "-1");
    }
  }, [byId, seats]);

  // Other elements or other words: every seat is painted. Otherwise those that look different.
  useLayoutEffect(() => painted.current.clear(), [byId, describe]);
  useLayoutEffect(() => {
    for (const id of elements.current.keys()) paint(id);
  }, [paint]);

  useEffect(
    () =>
      states.subscribe((changed) => {
        if (changed === "all") {
          for (const id of elements.current.keys()) paint(id);
          return;
        }
        for (const id of changed) {
          paint(id);
          const element = elements.current.get(id);
          if (!element) continue;
          element.toggleAttribute("data-fresh", true);
          setTimeout(() => element.removeAttribute("data-fresh"), 700);
        }
      }),
    [states, paint],
  );

  const focusSeat = (seat: PlacedSeat) => {
    if (tabStop.current) elements.current.get(tabStop.current)?.setAttribute("tabindex", "-1");
    tabStop.current = seat.id;
    const element = elements.current.get(seat.id);
    element?.setAttribute("tabindex", "0");
    zoom.reveal(seat, pitch);
    element?.focus({ preventScroll: true });
  };

  const seatOf = (target: EventTarget) =>
    byId.get((target as Element).closest<SVGGElement>("[data-seat]")?.dataset.seat ?? "");

  const click = (event: MouseEvent) => {
    if (zoom.wasDrag()) return;
    const seat =
      seatOf(event.target) ??
      nearestSeat(seats, zoom.toMap(event.clientX, event.clientY), pitch * 0.75);
    if (!seat) return;
    onLook(seat);
    onToggle(seat);
  };

  const key = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const seat = seatOf(event.target);
    const direction = KEYS[event.key];
    if (direction && seat) {
      const next = neighbour(seats, seat, direction);
      if (next) focusSeat(next);
    } else if ((event.key === " " || event.key === "Enter") && seat) onToggle(seat);
    else if (event.key === "+" || event.key === "=") zoom.zoomAt(1.4, seat);
    else if (event.key === "-") zoom.zoomAt(1 / 1.4);
    else if (event.key === "0") zoom.fit();
    else return;
    event.preventDefault();
  };

  const button = (icon: IconName, label: string, act: () => void) => (
    <button
      type="button"
      className="grid size-11 place-items-center rounded-lg hover:bg-sunken"
      aria-label={label}
      title={label}
      onClick={act}
    >
      <Icon name={icon} />
    </button>
  );
  const chosen = seats.filter((seat) => selected.has(seat.id));

  return (
    <div className="flex flex-col gap-2">
      <div className="flex items-center justify-between gap-3 border-b border-line pb-2">
        {/* Room for the longest: what is pressed must not move under the finger. */}
        <p aria-hidden="true" className="number line-clamp-3 min-w-0 pl-2 text-sm text-ink-2 max-sm:h-16">
          {props.caption}
        </p>
        <div className="flex shrink-0">
          {button("minus", t("seat.zoom_out"), () => zoom.zoomAt(1 / 1.6))}
          {button("plus", t("seat.zoom_in"), () => zoom.zoomAt(1.6))}
          {button("fit", t("seat.zoom_fit"), zoom.fit)}
        </div>
      </div>
      {/* One listener for all seats; each seat itself is a focusable checkbox. */}
      <svg
        ref={svg}
        role="group"
        aria-label={t("seat.map")}
        className="seatmap block max-h-[68dvh] w-full lg:max-h-[max(22rem,calc(100dvh-26rem))]"
        style={{ aspectRatio: `${home.width} / ${home.height}` }}
        viewBox={`${home.x} ${home.y} ${home.width} ${home.height}`}
        onClick={click}
        onKeyDown={key}
        onPointerOver={(event) => {
          const seat = seatOf(event.target);
          if (seat) onLook(seat);
        }}
        onFocus={(event) => {
          const seat = seatOf(event.target);
          if (seat) onLook(seat);
        }}
      >
        <Patterns pitch={pitch} />
        <path
          aria-hidden="true"
          className="fill-none stroke-line-strong"
          strokeWidth={pitch * 0.12}
          strokeLinecap="round"
          d={`M${hall.x + hall.width * 0.16} ${hall.y - pitch * 0.55} Q${hall.x + hall.width / 2} ${hall.y - pitch * 1.15} ${hall.x + hall.width * 0.84} ${hall.y - pitch * 0.55}`}
        />
        <text
          aria-hidden="true"
          x={hall.x + hall.width / 2}
          y={hall.y - pitch * 1.4}
          fontSize={pitch * 0.5}
          textAnchor="middle"
          className="fill-ink-3 font-semibold"
        >
          {props.stage}
        </text>
        <SeatLayer seats={seats} pitch={pitch} gradeIndex={gradeIndex} />
        <g aria-hidden="true" pointerEvents="none">
          {chosen.map((seat) => (
            <path
              key={seat.id}
              transform={`translate(${seat.x} ${seat.y}) scale(${pitch})`}
              d="M-.18 .01 -.05 .14 .19 -.13"
              fill="none"
              strokeWidth="0.1"
              strokeLinecap="round"
              strokeLinejoin="round"
              className="stroke-on-accent"
            />
          ))}
        </g>
      </svg>
    </div>
  );
}
