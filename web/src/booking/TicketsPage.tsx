import { useTranslation } from "react-i18next";
import { Navigate, useLocation, useParams } from "react-router";
import type { Reservation, Ticket } from "../api/types";
import { useFormat } from "../app/format";
import { useTitle } from "../app/hooks";
import { Alert } from "../app/ui/Alert";
import { Button, ButtonLink } from "../app/ui/Button";
import { Icon } from "../app/ui/icons";
import { Failure, Loading, Skeleton } from "../app/ui/states";
import { useReservation, useTickets } from "./queries";
import { PrivateFailure, useReservationShow, useSeatName } from "./ReservationParts";

function TicketCard({ ticket, reservation, index }: { ticket: Ticket; reservation: Reservation; index: number }) {
  const { t } = useTranslation();
  const { fullDay, time, foreign } = useFormat();
  const { title, startsAt, hall } = useReservationShow(reservation);
  const seatName = useSeatName();
  const fact = (term: string, value: string) => (
    <div>
      <dt className="text-xs text-ink-3">{term}</dt>
      <dd className="number font-bold">{value}</dd>
    </div>
  );
  return (
    <article
      aria-labelledby={`ticket-${ticket.id}`}
      className="ticket flex flex-col"
      style={{ ["--tear" as string]: "calc(100% - 19rem)" }}
    >
      <div className="flex flex-col gap-4 p-6">
        <h2 id={`ticket-${ticket.id}`} className="text-lg font-bold">
          <span lang={foreign(title)}>{title}</span>
          <span className="sr-only">{` – ${seatName(ticket.seat)}`}</span>
        </h2>
        <dl className="grid grid-cols-2 gap-4 text-base">
          {fact(t("ticket.date"), fullDay(startsAt))}
          {fact(t("ticket.time"), time(startsAt))}
          {fact(t("ticket.seat"), seatName(ticket.seat))}
          {fact(t("ticket.grade"), ticket.seat.grade)}
        </dl>
        <p lang={foreign(hall)} className="text-sm text-ink-2">
          {hall}
        </p>
      </div>
      <div className="mt-auto flex h-76 flex-col items-center justify-center gap-3 border-t-2 border-dashed border-line px-6">
        <img
          src={ticket.qr_svg_url}
          alt={t("ticket.qr", { seat: seatName(ticket.seat) })}
          width={208}
          height={208}
          className="size-52 rounded-lg bg-white p-2"
        />
        <p className="number text-xs text-ink-3">
          {t("ticket.number", { number: reservation.number, index: index + 1 })}
        </p>
      </div>
    </article>
  );
}

export default function TicketsPage() {
  const { t } = useTranslation();
  const { reservation: id = "" } = useParams();
  const location = useLocation();
  const fresh = Boolean((location.state as { fresh?: boolean } | null)?.fresh);
  const reservation = useReservation(id);
  const confirmed = reservation.data?.state === "confirmed";
  const tickets = useTickets(id, confirmed);
  useTitle(t("ticket.title"));

  if (reservation.isPending || (confirmed && tickets.isPending)) {
    return (
      <Loading>
        <div className="container-page grid gap-6 py-10 sm:grid-cols-2 lg:grid-cols-3">
          <Skeleton className="h-[30rem] w-full rounded-2xl" />
          <Skeleton className="h-[30rem] w-full rounded-2xl max-sm:hidden" />
        </div>
      </Loading>
    );
  }
  if (!reservation.data) return <PrivateFailure query={reservation} />;
  if (!confirmed) return <Navigate to={`/checkout/${id}`} replace />;
  const list = tickets.data ?? [];
  return (
    <div className="container-page flex flex-col gap-6 py-6 md:py-10">
      {fresh && (
        <div className="no-print">
          <Alert tone="good" title={t("ticket.fresh_title")}>
            {t("ticket.fresh_text")}
          </Alert>
        </div>
      )}
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h1 className="text-2xl font-bold">{t("ticket.title")}</h1>
        <div className="no-print flex gap-2">
          <Button look="secondary" size="sm" onClick={() => window.print()}>
            <Icon name="printer" />
            {t("ticket.print")}
          </Button>
          <ButtonLink look="secondary" size="sm" to="/my/reservations">
            {t("nav.my_reservations")}
          </ButtonLink>
        </div>
      </div>
      {tickets.isError && (
        <Failure error={tickets.error} onRetry={() => void tickets.refetch()} busy={tickets.isFetching} />
      )}
      <div className="grid gap-6 drop-shadow-sm sm:grid-cols-2 lg:grid-cols-3">
        {list.map((ticket, index) => (
          <TicketCard key={ticket.id} ticket={ticket} reservation={reservation.data} index={index} />
        ))}
      </div>
      <p className="no-print text-sm text-ink-3">{t("ticket.advice")}</p>
    </div>
  );
}
