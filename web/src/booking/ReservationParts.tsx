import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, useLocation } from "react-router";
import { ApiError, isLoggedOut } from "../api/client";
import type { HeldSeat, Reservation } from "../api/types";
import { useFormat } from "../app/format";
import { NotFoundPage } from "../app/NotFoundPage";
import { Failure } from "../app/ui/states";
import { hallName } from "../catalogue/names";
import { useShow } from "../catalogue/queries";
import { loginPath } from "../identity/next";
import { seatNumber } from "./seatGeometry";

// "A-12" and "S101-3-8" as people say them. Ids of another shape are shown as they are.
export function useSeatName() {
  const { t } = useTranslation();
  return (seat: string | Partial<HeldSeat> | undefined): string => {
    if (!seat) return "";
    const id = typeof seat === "string" ? seat : (seat.id ?? seat.label ?? "");
    const cut = id.lastIndexOf("-");
    if (cut <= 0) return typeof seat === "string" ? seat : (seat.label ?? id);
    const [section, row] = id.slice(0, cut).split("-");
    const number = seatNumber({ id });
    return row === undefined
      ? t("seat.name", { row: section, number })
      : t("seat.name_section", { section, row, number });
  };
}

// A reservation carries its performance; only the poster is looked up.
export function useReservationShow({ performance }: Reservation) {
  const show = useShow(performance.show_id);
  return {
    show: show.data,
    title: performance.show_title,
    startsAt: performance.starts_at,
    hall: hallName(performance.hall),
  };
}

export function ReservationHead({ reservation, children }: { reservation: Reservation; children?: ReactNode }) {
  const { t } = useTranslation();
  const { dateTime, foreign } = useFormat();
  const { show, title, startsAt, hall } = useReservationShow(reservation);
  const seatName = useSeatName();
  return (
    <div className="flex gap-4">
      {show?.poster_url && (
        <img
          src={show.poster_url}
          alt=""
          width={96}
          height={144}
          className="aspect-[2/3] w-18 shrink-0 self-start rounded-lg object-cover sm:w-24"
        />
      )}
      <div className="flex min-w-0 grow flex-col gap-1">
        <h2 lang={foreign(title)} className="text-lg font-bold">
          {title}
        </h2>
        <p className="text-sm text-ink-2">
          <time dateTime={startsAt}>{dateTime(startsAt)}</time>
          <span lang={foreign(hall)} className="block">
            {hall}
          </span>
        </p>
        <p className="number text-sm font-semibold">
          {reservation.seats.map((seat) => `${seatName(seat)} (${seat.grade})`).join(", ")}
        </p>
        <p className="number text-xs text-ink-3">{t("reservation.number", { number: reservation.number })}</p>
        {children}
      </div>
    </div>
  );
}

// The session ended while the page was open: back here afterwards.
export function LoginAgain() {
  const { pathname, search } = useLocation();
  return <Navigate to={loginPath(pathname + search)} replace />;
}

type Reading = { error: unknown; refetch: () => unknown; isFetching: boolean };

// What to show when something that belongs to a person could not be read.
export function PrivateFailure({ query: { error, refetch, isFetching } }: { query: Reading }) {
  if (isLoggedOut(error)) return <LoginAgain />;
  if (error instanceof ApiError && error.status === 404) return <NotFoundPage />;
  return (
    <div className="container-page">
      <Failure error={error} onRetry={() => void refetch()} busy={isFetching} />
    </div>
  );
}
