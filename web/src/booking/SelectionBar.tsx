import { useTranslation } from "react-i18next";
import type { GradePrice } from "../api/types";
import { useFormat } from "../app/format";
import { Button } from "../app/ui/Button";
import { Icon } from "../app/ui/icons";
import type { PlacedSeat } from "./seatGeometry";

type Props = {
  seats: PlacedSeat[];
  seatsMax: number | undefined;
  grades: GradePrice[];
  currency: string;
  signedIn: boolean;
  busy: boolean;
  nameOf: (seat: PlacedSeat) => string;
  onRemove: (seat: PlacedSeat) => void;
  onHold: () => void;
};

// What is chosen and what it costs: at the bottom edge of a phone, beside the map on a desktop.
export function SelectionBar(props: Props) {
  const { seats, seatsMax, grades, currency, signedIn, busy, nameOf, onRemove, onHold } = props;
  const { t } = useTranslation();
  const { money } = useFormat();
  const priceOf = (seat: PlacedSeat) => grades.find((each) => each.grade === seat.grade)?.price ?? 0;
  const total = seats.reduce((sum, seat) => sum + priceOf(seat), 0);
  return (
    <section
      aria-labelledby="selection"
      className="sticky bottom-0 z-20 -mx-4 flex flex-col gap-3 border-t border-line bg-surface px-4 py-3 pb-[max(0.75rem,env(safe-area-inset-bottom))] shadow-card md:-mx-8 md:px-8 lg:static lg:mx-0 lg:rounded-2xl lg:border lg:p-5"
    >
      <h2 id="selection" className="text-base font-bold max-lg:sr-only">
        {t("selection.title")}
      </h2>
      {seats.length === 0 ? (
        <p className="text-sm text-ink-2">{seatsMax !== undefined && t("selection.empty", { max: seatsMax, count: seatsMax })}</p>
      ) : (
        <ul className="no-scrollbar flex gap-2 max-lg:overflow-x-auto lg:flex-col">
          {seats.map((seat) => (
            <li
              key={seat.id}
              className="number flex shrink-0 items-center gap-2 rounded-lg bg-sunken pl-3 text-sm lg:justify-between"
            >
              <span>
                <span className="font-semibold">
                  {nameOf(seat)}
                </span>
                <span className="ml-2 text-ink-2">{seat.grade}</span>
                <span className="ml-2 text-ink-2 max-lg:hidden">{money(priceOf(seat), currency)}</span>
              </span>
              <button
                type="button"
                className="grid size-9 place-items-center rounded-lg text-ink-2 hover:text-ink"
                aria-label={t("selection.remove", { seat: nameOf(seat) })}
                onClick={() => onRemove(seat)}
              >
                <Icon name="close" />
              </button>
            </li>
          ))}
        </ul>
      )}
      {/* A phone's map needs the room until there is something to buy. */}
      <div
        className={`flex items-center gap-4 ${seats.length === 0 ? "max-lg:hidden" : ""} lg:flex-col lg:items-stretch lg:gap-3 lg:border-t lg:border-line lg:pt-4`}
      >
        <p className="flex shrink-0 flex-col lg:flex-row lg:items-baseline lg:justify-between">
          <span className="text-sm text-ink-3">{t("selection.total", { n: seats.length, count: seats.length })}</span>
          <span className="number text-lg font-bold">{money(total, currency)}</span>
        </p>
        <Button size="lg" className="grow" disabled={seats.length === 0} busy={busy} onClick={onHold}>
          {signedIn ? t("selection.hold") : t("selection.login_and_hold")}
        </Button>
      </div>
      <p className="text-xs text-ink-3 max-lg:hidden">{t("selection.note")}</p>
    </section>
  );
}
