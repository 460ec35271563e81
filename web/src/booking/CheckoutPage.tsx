import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, useNavigate, useParams, useSearchParams } from "react-router";
import type { Reservation } from "../api/types";
import { durationText, useFormat } from "../app/format";
import { useCountdown, useTitle } from "../app/hooks";
import { Alert } from "../app/ui/Alert";
import { Button, ButtonLink, Spinner } from "../app/ui/Button";
import { ConfirmDialog } from "../app/ui/ConfirmDialog";
import { Icon } from "../app/ui/icons";
import { Blank, Loading, Skeleton, useErrorText } from "../app/ui/states";
import { lastPayment, usePayment, useStartPayment } from "../payments/queries";
import { useCancel, useReservation } from "./queries";
import { PrivateFailure, ReservationHead, useSeatName } from "./ReservationParts";

const LOOK_EVERY_MS = 8000;
const LOOK_CLOSELY_MS = 2000;
const HURRY_MS = 60_000;

// How the visit to the pay page ended, as far as anybody knows.
type Outcome = "none" | "deciding" | "failed" | "cancelled";

// A payment that is ready or pending waits for its buyer on the pay page: who is here left that page
// with the Back button, and `returned` may speak of an earlier try.
export function outcomeOf(returned: string | null, payment: string | undefined): Outcome {
  const open = payment === undefined || payment === "ready" || payment === "pending";
  const state = open ? returned : payment;
  if (state === "failed" || state === "cancelled") return state;
  return returned && state !== "ready" && state !== "pending" ? "deciding" : "none";
}

function Countdown({ left }: { left: number }) {
  const { t } = useTranslation();
  const hurry = left < HURRY_MS;
  return (
    <div
      className={`flex items-center justify-between gap-4 rounded-xl px-4 py-3 ${hurry ? "bg-danger-soft" : "bg-accent-soft"}`}
    >
      <p className="flex items-center gap-2 text-sm font-semibold">
        <Icon name="clock" />
        {t("checkout.time_left")}
      </p>
      <p role="timer" className={`number text-xl font-bold ${hurry ? "text-danger" : "text-accent"}`}>
        {durationText(left)}
      </p>
      <p role="status" className="sr-only">
        {hurry ? t("checkout.one_minute") : ""}
      </p>
    </div>
  );
}

function Amounts({ reservation }: { reservation: Reservation }) {
  const { t } = useTranslation();
  const { money } = useFormat();
  const seatName = useSeatName();
  const { amount, currency } = reservation;
  const line = "flex justify-between gap-4";
  return (
    <dl className="number flex flex-col gap-2 text-sm">
      {reservation.seats.map((seat) => (
        <div key={seat.id} className={line}>
          <dt className="text-ink-2">{`${seatName(seat)} · ${seat.grade}`}</dt>
          <dd>{money(seat.price, currency)}</dd>
        </div>
      ))}
      {amount.discount > 0 && (
        <div className={line}>
          <dt className="text-ink-2">{t("checkout.discount")}</dt>
          <dd className="text-accent">{`−${money(amount.discount, currency)}`}</dd>
        </div>
      )}
      <div className={`${line} mt-1 border-t border-line pt-3 text-base`}>
        <dt className="font-semibold">{t("checkout.payable")}</dt>
        <dd className="text-xl font-bold">{money(amount.payable, currency)}</dd>
      </div>
    </dl>
  );
}

function GiveUpDialog({ reservation, onClose }: { reservation: Reservation; onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const cancel = useCancel();
  const seats = `/performances/${reservation.performance.id}`;
  return (
    <ConfirmDialog
      title={t("checkout.give_up_title")}
      keep={t("checkout.keep")}
      act={t("checkout.give_up")}
      busy={cancel.isPending}
      error={cancel.error}
      onAct={() => cancel.mutate({ id: reservation.id }, { onSuccess: () => void navigate(seats) })}
      onClose={onClose}
    >
      <p>{t("checkout.give_up_text")}</p>
    </ConfirmDialog>
  );
}

function Pay({ reservation, outcome, left }: { reservation: Reservation; outcome: Outcome; left: number | undefined }) {
  const { t } = useTranslation();
  const { money } = useFormat();
  const text = useErrorText();
  const start = useStartPayment(reservation.id);
  const [givingUp, setGivingUp] = useState(false);
  const { reset } = start;
  const leaving = start.isPending || (start.isSuccess && Boolean(start.data.redirect_url));

  // Coming back with the browser's Back button shows this page as it was left: wake it.
  useEffect(() => {
    const shown = (event: PageTransitionEvent) => event.persisted && reset();
    window.addEventListener("pageshow", shown);
    return () => window.removeEventListener("pageshow", shown);
  }, [reset]);

  return (
    <div className="container-page grid items-start gap-6 py-6 md:py-10 lg:grid-cols-[minmax(0,1fr)_24rem]">
      <div className="flex flex-col gap-4">
        <h1 className="text-2xl font-bold">{t("checkout.title")}</h1>
        {outcome === "failed" && (
          <Alert tone="bad" title={t("checkout.failed_title")}>
            {t("checkout.failed_text")}
          </Alert>
        )}
        {outcome === "cancelled" && (
          <Alert tone="warn" title={t("checkout.cancelled_title")}>
            {t("checkout.cancelled_text")}
          </Alert>
        )}
        <div className="card p-5">
          <ReservationHead reservation={reservation} />
        </div>
      </div>
      <section aria-labelledby="amounts" className="card flex flex-col gap-5 p-5 shadow-card">
        <h2 id="amounts" className="text-lg font-bold">
          {t("checkout.amounts")}
        </h2>
        {left !== undefined && <Countdown left={left} />}
        <Amounts reservation={reservation} />
        {start.isError && <Alert tone="bad">{text(start.error)}</Alert>}
        <Button size="lg" busy={leaving} onClick={() => start.mutate()}>
          {outcome === "failed"
            ? t("checkout.pay_again", { amount: money(reservation.amount.payable, reservation.currency) })
            : t("checkout.pay", { amount: money(reservation.amount.payable, reservation.currency) })}
        </Button>
        <p className="text-sm text-ink-3">{t("checkout.sandbox")}</p>
        <Button look="quiet" size="sm" className="self-center text-ink-2" disabled={leaving} onClick={() => setGivingUp(true)}>
          {t("checkout.give_up")}
        </Button>
      </section>
      {givingUp && <GiveUpDialog reservation={reservation} onClose={() => setGivingUp(false)} />}
    </div>
  );
}

function Deciding() {
  const { t } = useTranslation();
  return (
    <div className="container-page">
      <div role="status" className="mx-auto flex max-w-md flex-col items-center gap-4 py-20 text-center">
        <span className="text-2xl text-accent">
          <Spinner />
        </span>
        <h1 className="text-xl font-bold">{t("checkout.deciding_title")}</h1>
        <p className="text-ink-2">{t("checkout.deciding_text")}</p>
      </div>
    </div>
  );
}

function Over({ reservation, why }: { reservation: Reservation; why: "expired" | "cancelled" }) {
  const { t } = useTranslation();
  return (
    <div className="container-page">
      <Blank
        icon="clock"
        title={t(`checkout.over_${why}_title`)}
        actions={
          <>
            <ButtonLink to={`/performances/${reservation.performance.id}`}>{t("checkout.seats_again")}</ButtonLink>
            <ButtonLink look="secondary" to="/my/reservations">
              {t("nav.my_reservations")}
            </ButtonLink>
          </>
        }
      >
        {t(`checkout.over_${why}_text`)}
      </Blank>
    </div>
  );
}

export default function CheckoutPage() {
  const { t } = useTranslation();
  const { reservation: id = "" } = useParams();
  const [search] = useSearchParams();
  const returned = search.get("state");
  const [looking, setLooking] = useState(LOOK_EVERY_MS);
  const reservation = useReservation(id, looking);
  const pending = reservation.data?.state === "pending";
  const payment = usePayment(reservation.data?.payment_id ?? lastPayment(id), pending && Boolean(returned));
  const outcome = outcomeOf(returned, payment.data?.state);
  const left = useCountdown(pending ? reservation.data?.pay_by : undefined);
  useTitle(t("checkout.title"));

  useEffect(() => {
    setLooking(outcome === "deciding" || left === 0 ? LOOK_CLOSELY_MS : LOOK_EVERY_MS);
  }, [outcome, left]);

  if (reservation.isPending) {
    return (
      <Loading>
        <div className="container-page grid gap-6 py-10 lg:grid-cols-[1fr_24rem]">
          <Skeleton className="h-48 w-full rounded-2xl" />
          <Skeleton className="h-72 w-full rounded-2xl" />
        </div>
      </Loading>
    );
  }
  if (!reservation.data) return <PrivateFailure query={reservation} />;
  const data = reservation.data;
  if (data.state === "confirmed") {
    return <Navigate to={`/tickets/${data.id}`} replace state={{ fresh: Boolean(returned) }} />;
  }
  if (data.state === "expired") return <Over reservation={data} why="expired" />;
  if (data.state === "cancelled") return <Over reservation={data} why="cancelled" />;
  if (outcome === "deciding") return <Deciding />;
  if (left === 0) return <Over reservation={data} why="expired" />;
  return <Pay reservation={data} outcome={outcome} left={left} />;
}
