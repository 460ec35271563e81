import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, useParams, useSearchParams } from "react-router";
import { isLoggedOut } from "../api/client";
import type { Deposit, Payment, Reservation } from "../api/types";
import { useCountdown, useTitle } from "../app/hooks";
import { Button, ButtonLink, Spinner } from "../app/ui/Button";
import { Blank, Loading, Skeleton } from "../app/ui/states";
import { DepositCard } from "../payments/Deposit";
import { awaitedDeposit, outcomeOf } from "../payments/outcome";
import { forgetPayment, lastPayment, usePayment } from "../payments/queries";
import { RefundAccount } from "../payments/RefundAccount";
import { Refunds } from "../payments/Refunds";
import { GiveUp, PayPanel } from "./PayPanel";
import { useReservation } from "./queries";
import { PrivateFailure, ReservationHead } from "./ReservationParts";

const LOOK_EVERY_MS = 8000;
const LOOK_CLOSELY_MS = 2000;
const LONG_MS = 20_000;

const toReservations = (label: string) => (
  <ButtonLink look="secondary" to="/my/reservations">
    {label}
  </ButtonLink>
);

// Nobody knows yet, and waiting here is not needed: whatever comes out is done without this page.
function Deciding() {
  const { t } = useTranslation();
  const [long, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), LONG_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className="container-page">
      <div className="mx-auto flex max-w-md flex-col items-center gap-4 py-20 text-center">
        <span className="text-2xl text-accent">
          <Spinner />
        </span>
        <h1 className="text-xl font-bold">{t("checkout.deciding_title")}</h1>
        <p role="status" className="text-ink-2">
          {t(long ? "checkout.deciding_long" : "checkout.deciding_text")}
        </p>
        {long && toReservations(t("nav.my_reservations"))}
      </div>
    </div>
  );
}

type AwaitedProps = { reservation: Reservation; payment: Payment; deposit: Deposit; onOther: () => void };

function Awaited({ reservation, payment, deposit, onOther }: AwaitedProps) {
  const { t } = useTranslation();
  return (
    <div className="container-page grid items-start gap-6 py-6 md:py-10 lg:grid-cols-[minmax(0,1fr)_24rem]">
      <div className="flex flex-col gap-4">
        <h1 className="text-2xl font-bold">{t("deposit.waiting")}</h1>
        <div className="card p-5">
          <ReservationHead reservation={reservation} />
        </div>
      </div>
      <div className="flex flex-col gap-3">
        <DepositCard payment={payment} deposit={deposit} keptUntil={reservation.pay_by} />
        <Button look="secondary" onClick={onOther}>
          {t("deposit.other")}
        </Button>
        <GiveUp reservation={reservation} disabled={false} />
      </div>
    </div>
  );
}

// What is known of the money when the seats are free again. A payment may have been begun elsewhere.
function moneyOf(reservation: Reservation, payment: Payment | undefined) {
  if (reservation.refunds.length > 0) return "refunds";
  if (payment?.state === "paid" || payment?.state === "unknown") return "undecided";
  return payment?.state === "failed" || payment?.state === "cancelled" ? "none" : "unsure";
}

function Over({ reservation, payment, why }: { reservation: Reservation; payment: Payment | undefined; why: "expired" | "cancelled" }) {
  const { t } = useTranslation();
  const { refunds } = reservation;
  return (
    <div className="container-page">
      <Blank
        icon="clock"
        title={t(`checkout.over_${why}_title`)}
        actions={
          <>
            <ButtonLink to={`/performances/${reservation.performance.id}`}>{t("checkout.seats_again")}</ButtonLink>
            {toReservations(t("nav.my_reservations"))}
          </>
        }
      >
        <p>{t(`checkout.over_money_${moneyOf(reservation, payment)}`)}</p>
        {refunds.length > 0 && (
          <div className="mt-3 flex flex-col items-center">
            <Refunds refunds={refunds} currency={reservation.currency} />
            <RefundAccount reservation={reservation} />
          </div>
        )}
      </Blank>
    </div>
  );
}

function CheckoutSkeleton() {
  return (
    <Loading>
      <div className="container-page grid gap-6 py-10 lg:grid-cols-[1fr_24rem]">
        <Skeleton className="h-48 w-full rounded-2xl" />
        <Skeleton className="h-72 w-full rounded-2xl" />
      </div>
    </Loading>
  );
}

// Every state of a purchase that can be come to: by a click, a reload, the Back button, a second tab,
// a link in a mail weeks later.
export default function CheckoutPage() {
  const { t } = useTranslation();
  const { reservation: id = "" } = useParams();
  const [search] = useSearchParams();
  const returned = search.get("state");
  const [looking, setLooking] = useState(LOOK_EVERY_MS);
  const [otherWay, setOtherWay] = useState(false);
  const reservation = useReservation(id, looking);
  const state = reservation.data?.state;
  const last = reservation.data?.payment_id ?? lastPayment(id);
  const payment = usePayment(last, state !== undefined && state !== "confirmed");
  const outcome = outcomeOf(returned, payment.data?.state);
  const left = useCountdown(state === "pending" ? reservation.data?.pay_by : undefined);
  useTitle(t("checkout.title"));

  useEffect(() => {
    setLooking(outcome === "deciding" || left === 0 ? LOOK_CLOSELY_MS : LOOK_EVERY_MS);
  }, [outcome, left]);
  useEffect(() => {
    if (state === "confirmed") forgetPayment(id);
  }, [state, id]);

  if (reservation.isPending || (last && payment.isLoading)) return <CheckoutSkeleton />;
  if (!reservation.data || isLoggedOut(reservation.error)) return <PrivateFailure query={reservation} />;
  const data = reservation.data;
  if (state === "confirmed") {
    return <Navigate to={`/tickets/${data.id}`} replace state={{ fresh: Boolean(returned) }} />;
  }
  if (state === "expired" || state === "cancelled") return <Over reservation={data} payment={payment.data} why={state} />;
  const deposit = awaitedDeposit(payment.data);
  if (payment.data && deposit && !otherWay) {
    return <Awaited reservation={data} payment={payment.data} deposit={deposit} onOther={() => setOtherWay(true)} />;
  }
  if (outcome === "deciding") return <Deciding />;
  if (left === 0) return <Over reservation={data} payment={payment.data} why="expired" />;
  return <PayPanel reservation={data} payment={payment.data} outcome={outcome} left={left} />;
}
