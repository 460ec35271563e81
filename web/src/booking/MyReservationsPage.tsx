import { useState } from "react";
import { useTranslation } from "react-i18next";
import { isLoggedOut } from "../api/client";
import { serverNow } from "../api/clock";
import type { Reservation, ReservationState } from "../api/types";
import { durationText, useFormat } from "../app/format";
import { useCountdown, useTitle } from "../app/hooks";
import { Button, ButtonLink } from "../app/ui/Button";
import { Segmented } from "../app/ui/Segmented";
import { Badge, Blank, Loading, Skeleton } from "../app/ui/states";
import { RefundAccount } from "../payments/RefundAccount";
import { Refunds } from "../payments/Refunds";
import { CancelDialog } from "./CancelDialog";
import { useReservations } from "./queries";
import { PrivateFailure, ReservationHead } from "./ReservationParts";

const STATES = ["", "confirmed", "pending", "cancelled"] as const;
type Filter = (typeof STATES)[number];
const tones = { confirmed: "accent", pending: "warn", cancelled: "plain", expired: "plain" } as const;

function Card({ reservation, onCancel }: { reservation: Reservation; onCancel: () => void }) {
  const { t } = useTranslation();
  const { money } = useFormat();
  const pending = reservation.state === "pending";
  const left = useCountdown(pending ? reservation.pay_by : undefined);
  const past = Date.parse(reservation.performance.starts_at) < serverNow();
  const payable = money(reservation.amount.payable, reservation.currency);
  const state: ReservationState = pending && left === 0 ? "expired" : reservation.state;
  return (
    <article className="card flex flex-col gap-4 p-4 sm:p-5">
      <div className="flex items-center justify-between gap-3">
        <Badge tone={tones[state]}>{t(`reservation.state_${state}`)}</Badge>
        {state === "pending" && left !== undefined && (
          <span className="number text-sm font-semibold text-warn">
            {t("reservation.pay_within", { left: durationText(left) })}
          </span>
        )}
      </div>
      <ReservationHead reservation={reservation}>
        <p className="number mt-1 text-base font-bold">
          {reservation.refunds.length > 0 ? t("reservation.paid", { amount: payable }) : payable}
        </p>
        {reservation.called_off && (
          <p className="text-sm font-semibold text-danger">
            {t(state === "confirmed" || state === "pending" ? "reservation.called_off_soon" : "reservation.called_off")}
          </p>
        )}
        <Refunds refunds={reservation.refunds} currency={reservation.currency} />
      </ReservationHead>
      <RefundAccount reservation={reservation} />
      {(state === "confirmed" || state === "pending") && (
        <div className="flex flex-wrap gap-2 sm:justify-end">
          {!past && (
            <Button look="secondary" size="sm" className="max-sm:grow" onClick={onCancel}>
              {t("reservation.cancel")}
            </Button>
          )}
          {reservation.called_off ? null : state === "confirmed" ? (
            <ButtonLink size="sm" className="max-sm:grow" to={`/tickets/${reservation.id}`}>
              {t("reservation.tickets")}
            </ButtonLink>
          ) : (
            <ButtonLink size="sm" className="max-sm:grow" to={`/checkout/${reservation.id}`}>
              {t("reservation.pay")}
            </ButtonLink>
          )}
        </div>
      )}
    </article>
  );
}

export default function MyReservationsPage() {
  const { t } = useTranslation();
  const [filter, setFilter] = useState<Filter>("");
  const reservations = useReservations(filter);
  const [cancelling, setCancelling] = useState<Reservation>();
  useTitle(t("reservation.title"));

  if (reservations.isError && (!reservations.data || isLoggedOut(reservations.error)))
    return <PrivateFailure query={reservations} />;
  return (
    <div className="container-page flex flex-col gap-6 py-6 md:py-10">
      <div className="mx-auto flex w-full max-w-3xl flex-col gap-6">
        <h1 className="text-2xl font-bold">{t("reservation.title")}</h1>
        <Segmented
          label={t("reservation.filter")}
          value={filter}
          options={STATES.map((state) => ({ value: state, label: t(`reservation.filter_${state || "all"}`) }))}
          onChange={setFilter}
        />
        {reservations.isPending && (
          <Loading>
            <Skeleton className="mb-4 h-44 w-full rounded-2xl" />
            <Skeleton className="h-44 w-full rounded-2xl" />
          </Loading>
        )}
        {reservations.data?.length === 0 && (
          <Blank
            icon="ticket"
            title={t("reservation.empty_title")}
            actions={<ButtonLink to="/">{t("reservation.empty_action")}</ButtonLink>}
          >
            {t("reservation.empty_text")}
          </Blank>
        )}
        <ul className="flex flex-col gap-4">
          {reservations.data?.map((reservation) => (
            <li key={reservation.id}>
              <Card reservation={reservation} onCancel={() => setCancelling(reservation)} />
            </li>
          ))}
        </ul>
      </div>
      {cancelling && <CancelDialog reservation={cancelling} onClose={() => setCancelling(undefined)} />}
    </div>
  );
}
