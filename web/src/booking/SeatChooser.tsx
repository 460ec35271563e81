import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Performance, SeatMapData, ShowDetail } from "../api/types";
import { announce } from "../app/announce";
import { useFormat } from "../app/format";
import { useOnline } from "../app/hooks";
import { Alert } from "../app/ui/Alert";
import { Button } from "../app/ui/Button";
import { Segmented } from "../app/ui/Segmented";
import { Loading, Skeleton, useErrorText } from "../app/ui/states";
import { useMe } from "../identity/queries";
import { BestAvailable } from "./BestAvailable";
import { HoldTrouble, PendingNotice } from "./notices";
import { allSeats, countSeats, gradeOrder, pitchOf, seatNumber, stageBox, straightSeats, WHOLE_HALL_SEATS_MAX, type PlacedSeat } from "./seatGeometry";
import { SeatGrades, SeatMarks } from "./SeatLegend";
import { SeatList } from "./SeatList";
import { SeatMap } from "./SeatMap";
import { SectionOverview } from "./SectionOverview";
import { SelectionBar } from "./SelectionBar";
import { useBuying } from "./useBuying";
import { useOpenSection } from "./useOpenSection";
import { useOwnSeats } from "./useOwnSeats";
import { useSelection } from "./useSelection";
import { useSeatStates } from "./useSeatStates";

type Props = { performance: Performance; show: ShowDetail; map: SeatMapData; stage: string };

export function SeatChooser({ performance, show, map, stage }: Props) {
  const { t } = useTranslation();
  const { spokenMoney } = useFormat();
  const text = useErrorText();
  const me = useMe();
  const currency = performance.currency ?? show.currency;
  const online = useOnline();
  const { states, known, error, live, seatsMax, refresh } = useSeatStates(performance.id, true);
  const selection = useSelection(performance.id);
  const buying = useBuying({ performance, roomId: show.room_id, selection, refresh });

  const box = useMemo(() => stageBox(map.stage), [map.stage]);
  const total = useMemo(() => map.sections.reduce((sum, s) => sum + countSeats(s), 0), [map]);
  const large = total > WHOLE_HALL_SEATS_MAX;
  const { section: openSection, open, close } = useOpenSection();
  const [view, setView] = useState<"map" | "list">("map");
  const [onlyGrade, setOnlyGrade] = useState<string>();
  const [looking, setLooking] = useState<PlacedSeat>();

  const index = useMemo(() => new Map(allSeats(map).map((seat) => [seat.id, seat])), [map]);
  const section = large ? map.sections.find((each) => each.id === openSection) : undefined;
  const seats = useMemo(
    () => (large ? (section ? straightSeats(section) : []) : [...index.values()]),
    [large, section, index],
  );
  const pitch = useMemo(
    () => (section ? 1 : pitchOf(map.sections.flatMap((each) => each.rows))),
    [map, section],
  );
  const gradeIndex = useMemo(() => gradeOrder(performance.grades), [performance.grades]);
  const selected = useMemo(() => new Set(selection.ids), [selection.ids]);
  const own = useOwnSeats(performance.id, Boolean(me.data), buying.held);
  const chosen = selection.ids.flatMap((id) => index.get(id) ?? []);

  const nameOf = useCallback(
    (seat: PlacedSeat) =>
      t(large ? "seat.name_section" : "seat.name", {
        section: seat.sectionName,
        row: seat.row,
        number: seatNumber(seat),
      }),
    [t, large],
  );
  const describe = useCallback(
    (seat: PlacedSeat, state: string, mine: boolean) => {
      const price = performance.grades.find((each) => each.grade === seat.grade)?.price;
      return [
        nameOf(seat),
        seat.grade,
        price === undefined ? "" : spokenMoney(price, currency),
        seat.accessible ? t("seat.accessible") : "",
        mine ? t("seat.state_selected") : t(`seat.state_${own.has(seat.id) ? "own" : state}`),
      ]
        .filter(Boolean)
        .join(", ");
    },
    // spokenMoney follows the language, as t does
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [performance.grades, currency, nameOf, own, t],
  );

  const toggle = useCallback(
    (seat: PlacedSeat) => {
      if (selection.ids.includes(seat.id)) {
        selection.remove([seat.id]);
        announce(t("seat.said_removed", { seat: nameOf(seat) }));
      } else if (own.has(seat.id)) {
        announce(t("seat.said_own", { seat: nameOf(seat) }));
      } else if (states.of(seat.id) !== "free") {
        announce(t("seat.said_taken", { seat: nameOf(seat) }));
      } else if (seatsMax !== undefined && selection.ids.length >= seatsMax) {
        buying.tell({ kind: "too_many", max: seatsMax });
      } else {
        buying.tell(undefined);
        selection.change((now) => [...now, seat.id]);
        announce(t("seat.said_selected", { seat: nameOf(seat) }));
      }
    },
    [selection, states, own, nameOf, t, buying, seatsMax],
  );

  // A chosen seat that somebody else got leaves the choice, with a word about it.
  const busy = useRef(buying.busy);
  busy.current = buying.busy;
  const { remove, ids } = selection;
  const { tell } = buying;
  useEffect(() => {
    const check = () => {
      if (busy.current || !states.known) return;
      const gone = ids.filter((id) => states.of(id) !== "free" || !index.has(id));
      if (gone.length === 0) return;
      remove(gone);
      tell({ kind: "taken", seats: gone });
    };
    check();
    return states.subscribe(check);
  }, [states, ids, index, remove, tell]);

  const seatName = (id: string) => {
    const seat = index.get(id);
    return seat ? nameOf(seat) : id;
  };

  const best = (
    <BestAvailable
      grades={performance.grades}
      currency={currency}
      seatsMax={seatsMax ?? 1}
      busy={buying.busy}
      onChoose={buying.start}
    />
  );
  // Who opens a section is taken to it, not left where its button stood.
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), [section]);
  const overview = large && !section; // a long page on a phone: what is below it would be lost
  return (
    <div className="grid grow items-start gap-x-8 gap-y-4 lg:grid-cols-[minmax(0,1fr)_22rem]">
      <div className="flex min-w-0 flex-col gap-4">
        <PendingNotice performance={performance.id} signedIn={Boolean(me.data)} />
        <HoldTrouble buying={buying} seatName={seatName} />
        <SeatGrades
          grades={performance.grades}
          currency={currency}
          gradeIndex={gradeIndex}
          only={onlyGrade}
          onOnly={setOnlyGrade}
        />
        {overview && <div className="lg:hidden">{best}</div>}
        {/* A desktop has the marks in the same row: the map, with what moves it, is to fit the screen. */}
        <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-3">
          {section ? (
            <div className="flex items-center gap-3">
              <Button look="secondary" size="sm" onClick={close}>
                {t("seat.all_sections")}
              </Button>
              <h2 ref={heading} tabIndex={-1} className="scroll-mt-4 text-lg font-bold">
                {t("seat.section", { section: section.name })}
              </h2>
            </div>
          ) : (
            <p className="flex items-center gap-2 text-sm text-ink-3">
              <span className={`size-2 rounded-full ${live && online ? "bg-accent" : "bg-line-strong"}`} aria-hidden="true" />
              {t(online ? (live ? "seat.live" : "seat.polling") : "seat.offline")}
            </p>
          )}
          <SeatMarks own={own.size > 0} className="max-lg:order-first max-lg:w-full" />
          {(!large || section) && (
            <Segmented
              label={t("seat.view")}
              value={view}
              options={[
                { value: "map", label: t("seat.view_map") },
                { value: "list", label: t("seat.view_list") },
              ]}
              onChange={setView}
            />
          )}
        </div>
        {error !== undefined && (
          <Alert
            tone="warn"
            title={t("seat.stale")}
            actions={
              <Button look="secondary" size="sm" onClick={() => void refresh()}>
                {t("common.retry")}
              </Button>
            }
          >
            {text(error)}
          </Alert>
        )}
        <div className="card p-2 sm:p-4">
          {!known ? (
            <Loading>
              <Skeleton className="aspect-[4/3] w-full rounded-xl" />
            </Loading>
          ) : overview ? (
            <SectionOverview
              sections={map.sections}
              states={states}
              gradeIndex={gradeIndex}
              onlyGrade={onlyGrade}
              stage={stage}
              box={box}
              onOpen={open}
            />
          ) : view === "list" ? (
            <SeatList {...{ seats, states, selected, gradeIndex, onlyGrade, describe }} onToggle={toggle} />
          ) : (
            <SeatMap
              key={section?.id ?? "hall"}
              {...{ seats, pitch, states, selected, own, gradeIndex, onlyGrade, stage, describe }}
              caption={
                looking
                  ? describe(looking, states.of(looking.id), selected.has(looking.id))
                  : t("seat.hint")
              }
              onToggle={toggle}
              onLook={setLooking}
            />
          )}
        </div>
      </div>
      <div className="contents lg:sticky lg:top-4 lg:flex lg:flex-col lg:gap-4">
        <div className={overview ? "max-lg:hidden" : "contents"}>{best}</div>
        <SelectionBar
          seats={chosen}
          seatsMax={seatsMax}
          grades={performance.grades}
          currency={currency}
          signedIn={Boolean(me.data)}
          busy={buying.busy}
          nameOf={nameOf}
          onRemove={toggle}
          onHold={() => buying.start({ seats: selection.ids })}
        />
      </div>
    </div>
  );
}
