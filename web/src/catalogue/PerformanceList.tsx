import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Performance } from "../api/types";
import { dayKey, durationText, useFormat } from "../app/format";
import { useCountdown } from "../app/hooks";
import { ButtonLink } from "../app/ui/Button";
import { waitPath } from "../waitroom/address";
import { useRoom } from "../waitroom/queries";
import { hallName } from "./names";
import { SaleBadge } from "./SaleBadge";

const DAY_MS = 86_400_000;

function OpensIn({ at }: { at: string }) {
  const { t } = useTranslation();
  const { dateTime } = useFormat();
  const left = useCountdown(at);
  const soon = left !== undefined && left > 0 && left < DAY_MS;
  return (
    <p className="text-sm text-ink-2">
      {t("performance.opens_at", { time: dateTime(at) })}
      {soon && (
        <span className="number ml-2 font-semibold text-accent">
          {t("performance.opens_in", { left: durationText(left) })}
        </span>
      )}
    </p>
  );
}

type RowProps = { performance: Performance; currency: string; to: string; waits: boolean; early: boolean };

// `waits`: the way leads through the wait page, which is no part of this app. `early`: the waiting
// room takes people before the sale opens.
function Row({ performance, currency, to, waits, early }: RowProps) {
  const { t } = useTranslation();
  const { time, money, number, day, foreign } = useFormat();
  const opening = useCountdown(performance.sale_opens_at);
  const upcoming = performance.sale_state === "upcoming" && opening !== 0;
  const onSale = performance.sale_state === "on_sale" || (performance.sale_state === "upcoming" && opening === 0);
  return (
    <li className="card flex flex-col gap-4 p-4 sm:flex-row sm:items-center sm:p-5">
      <div className="flex min-w-0 grow flex-col gap-1.5">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <h3 className={`number text-xl font-bold ${performance.called_off ? "text-ink-3 line-through" : ""}`}>
            <time dateTime={performance.starts_at}>{time(performance.starts_at)}</time>
          </h3>
          <SaleBadge
            state={onSale ? "on_sale" : performance.sale_state}
            available={performance.seats_available}
            total={performance.seats_total}
            calledOff={performance.called_off}
          />
          {!performance.called_off && (
            <span className="number text-sm text-ink-3">
              {t("performance.seats_left", {
                free: number(performance.seats_available),
                total: number(performance.seats_total),
              })}
            </span>
          )}
        </div>
        <p lang={foreign(hallName(performance.hall))} className="text-sm text-ink-2">
          {hallName(performance.hall)}
        </p>
        <ul className="number flex flex-wrap gap-x-4 gap-y-1 text-sm">
          {performance.grades.map((grade) => (
            <li key={grade.grade}>
              <span className="text-ink-3">{grade.grade}</span>{" "}
              <span className="font-semibold">{money(grade.price, performance.currency ?? currency)}</span>
            </li>
          ))}
        </ul>
        {performance.called_off && <p className="text-sm text-ink-2">{t("performance.called_off")}</p>}
        {upcoming && performance.sale_opens_at && <OpensIn at={performance.sale_opens_at} />}
      </div>
      {upcoming && early && (
        <ButtonLink to={to} reloadDocument={waits} look="secondary" className="max-sm:w-full">
          {t("performance.wait_early")}
        </ButtonLink>
      )}
      {onSale && (
        <ButtonLink
          to={to}
          reloadDocument={waits}
          className="shrink-0 max-sm:w-full"
          aria-label={t("performance.choose_seats_for", {
            day: day(performance.starts_at),
            time: time(performance.starts_at),
          })}
        >
          {t("performance.choose_seats")}
        </ButtonLink>
      )}
    </li>
  );
}

type Props = { performances: Performance[]; currency: string; roomId?: string | null };

export function PerformanceList({ performances, currency, roomId }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const room = useRoom(roomId ?? undefined);
  const days = useMemo(() => {
    const byDay = new Map<string, Performance[]>();
    for (const each of performances) {
      const key = dayKey(each.starts_at);
      byDay.set(key, [...(byDay.get(key) ?? []), each]);
    }
    return [...byDay];
  }, [performances]);
  const [chosen, setChosen] = useState<string>();
  const sellable = days.find(([, list]) => list.some((each) => each.sale_state === "on_sale"));
  const current = days.find(([key]) => key === chosen) ?? sellable ?? days[0];
  if (!current) return <p className="text-ink-2">{t("performance.none")}</p>;
  const [currentKey, list] = current;

  return (
    <div className="flex flex-col gap-4">
      <fieldset className="min-w-0">
        <legend className="sr-only">{t("performance.day")}</legend>
        <div className="no-scrollbar -mx-4 flex gap-2 overflow-x-auto px-4 py-1 md:mx-0 md:px-1">
          {days.map(([key, each]) => {
            const iso = each[0]?.starts_at ?? "";
            return (
              <label
                key={key}
                className={
                  "relative flex min-w-15 shrink-0 flex-col items-center rounded-xl border px-2 py-2 transition-colors " +
                  "has-focus-visible:outline-3 has-focus-visible:outline-accent " +
                  (key === currentKey
                    ? "border-ink bg-ink text-bg"
                    : "border-line bg-surface text-ink hover:bg-sunken")
                }
              >
                <input
                  type="radio"
                  name="day"
                  className="absolute inset-0 cursor-pointer opacity-0"
                  checked={key === currentKey}
                  onChange={() => setChosen(key)}
                  aria-label={format.day(iso)}
                />
                <span aria-hidden="true" className="text-xs">{format.month(iso)}</span>
                <span aria-hidden="true" className="number text-lg font-bold">{format.dayOfMonth(iso)}</span>
                <span aria-hidden="true" className="text-xs">{format.weekday(iso)}</span>
              </label>
            );
          })}
        </div>
      </fieldset>
      <ul className="flex flex-col gap-3">
        {list.map((performance) => (
          <Row
            key={performance.id}
            performance={performance}
            currency={currency}
            waits={Boolean(roomId)}
            early={room.data?.mode === "prequeue"}
            to={
              roomId
                ? waitPath(roomId, performance.id)
                : `/performances/${performance.id}`
            }
          />
        ))}
      </ul>
    </div>
  );
}
