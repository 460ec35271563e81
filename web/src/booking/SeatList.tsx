import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { seatNumber, type PlacedSeat } from "./seatGeometry";
import type { SeatStates } from "./seatStates";

const REDRAW_MS = 500;

type Props = {
  seats: PlacedSeat[];
  states: SeatStates;
  selected: ReadonlySet<string>;
  gradeIndex: Map<string, number>;
  onlyGrade: string | undefined;
  describe: (seat: PlacedSeat, state: string, selected: boolean) => string;
  onToggle: (seat: PlacedSeat) => void;
};

// The same seats as words and buttons: free ones (and the chosen), row by row.
export function SeatList({ seats, states, selected, gradeIndex, onlyGrade, describe, onToggle }: Props) {
  const { t } = useTranslation();
  const [, redraw] = useState(0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const unsubscribe = states.subscribe(() => {
      timer ??= setTimeout(() => {
        timer = undefined;
        redraw((count) => count + 1);
      }, REDRAW_MS);
    });
    return () => {
      clearTimeout(timer);
      unsubscribe();
    };
  }, [states]);
  const rows = useMemo(() => {
    const grouped = new Map<string, PlacedSeat[]>();
    for (const seat of seats) {
      const key = `${seat.section} ${seat.row}`;
      grouped.set(key, [...(grouped.get(key) ?? []), seat]);
    }
    return [...grouped.values()];
  }, [seats]);

  const open = (seat: PlacedSeat) =>
    selected.has(seat.id) ||
    (states.of(seat.id) === "free" && (onlyGrade === undefined || seat.grade === onlyGrade));
  const shown = rows.map((row) => row.filter(open)).filter((row) => row.length > 0);
  if (shown.length === 0) return <p className="py-8 text-center text-ink-2">{t("seat.none_free")}</p>;
  return (
    <div className="flex max-h-[68dvh] flex-col gap-3 overflow-y-auto p-1" role="group" aria-label={t("seat.list")}>
      {shown.map((row) => {
        const first = row[0];
        if (!first) return null;
        return (
          <div key={`${first.section} ${first.row}`} className="flex gap-x-3 gap-y-1.5 max-sm:flex-col">
            <p className="w-14 shrink-0 sm:pt-2.5 text-sm font-semibold text-ink-2">
              {t("seat.row", { row: first.row })}
            </p>
            <ul className="flex flex-wrap gap-1.5">
              {row.map((seat) => {
                const mine = selected.has(seat.id);
                return (
                  <li key={seat.id}>
                    <button
                      type="button"
                      aria-pressed={mine}
                      onClick={() => onToggle(seat)}
                      data-grade={gradeIndex.get(seat.grade) ?? 3}
                      className={
                        mine
                          ? "number grid size-10 place-items-center rounded-lg bg-accent text-sm font-bold text-on-accent"
                          : "swatch number grid !size-10 place-items-center !rounded-lg text-sm font-semibold text-ink"
                      }
                    >
                      <span aria-hidden="true">{seatNumber(seat)}</span>
                      <span className="sr-only">{describe(seat, states.of(seat.id), mine)}</span>
                    </button>
                  </li>
                );
              })}
            </ul>
          </div>
        );
      })}
    </div>
  );
}
