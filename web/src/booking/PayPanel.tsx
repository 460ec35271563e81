import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { ApiError, isLoggedOut } from "../api/client";
import { serverNow } from "../api/clock";
import type { Payment, ProviderName, Reservation } from "../api/types";
import { durationText, useFormat } from "../app/format";
import { useCountdown } from "../app/hooks";
import { Alert } from "../app/ui/Alert";
import { Button } from "../app/ui/Button";
import { ConfirmDialog } from "../app/ui/ConfirmDialog";
import { Icon } from "../app/ui/icons";
import { useErrorText } from "../app/ui/states";
import { openAt, whyFailed, type Outcome } from "../payments/outcome";
import { ProviderChoice } from "../payments/ProviderChoice";
import { useProviders, useStartPayment } from "../payments/queries";
import { useCancel } from "./queries";
import { LoginAgain, ReservationHead, useSeatName } from "./ReservationParts";
import { Terms } from "./terms";

const HURRY_MS = 60_000;
const REST_MS = 30_000; // of a provider that does not say for how long

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
        <>
          <div className={`${line} border-t border-line pt-2`}>
            <dt className="text-ink-2">{t("checkout.list")}</dt>
            <dd>{money(amount.list, currency)}</dd>
          </div>
          <div className={line}>
            <dt className="text-ink-2">{t("checkout.discount")}</dt>
            <dd className="text-accent">{`−${money(amount.discount, currency)}`}</dd>
          </div>
        </>
      )}
      <div className={`${line} mt-1 border-t border-line pt-3 text-base`}>
        <dt className="font-semibold">{t("checkout.payable")}</dt>
        <dd className="text-xl font-bold">{money(amount.payable, currency)}</dd>
      </div>
    </dl>
  );
}

export function GiveUp({ reservation, disabled }: { reservation: Reservation; disabled: boolean }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const cancel = useCancel();
  const [asking, setAsking] = useState(false);
  const seats = `/performances/${reservation.performance.id}`;
  return (
    <>
      <Button look="quiet" size="sm" className="self-center text-ink-2" disabled={disabled} onClick={() => setAsking(true)}>
        {t("checkout.give_up")}
      </Button>
      {asking && (
        <ConfirmDialog
          title={t("checkout.give_up_title")}
          keep={t("checkout.keep")}
          act={t("checkout.give_up")}
          busy={cancel.isPending}
          error={cancel.error}
          onAct={() => cancel.mutate({ id: reservation.id }, { onSuccess: () => void navigate(seats) })}
          onClose={() => setAsking(false)}
        >
          <p>{t("checkout.give_up_text")}</p>
        </ConfirmDialog>
      )}
    </>
  );
}

// Why the last try came to nothing: in our words where there are some, else in the provider's.
function Failure({ payment }: { payment: Payment | undefined }) {
  const { t } = useTranslation();
  const { foreign } = useFormat();
  const failed = payment?.state === "failed" ? whyFailed(payment.failure) : undefined;
  return (
    <Alert tone="bad" title={t("checkout.failed_title")}>
      {failed && (
        <p className="font-semibold text-ink">
          {"why" in failed ? t(`checkout.failure_${failed.why}`) : <q lang={foreign(failed.said)}>{failed.said}</q>}
        </p>
      )}
      {t("checkout.failed_text")}
    </Alert>
  );
}

// How the last try ended, or that it has not.
function Last({ outcome, payment }: { outcome: Outcome; payment: Payment | undefined }) {
  const { t } = useTranslation();
  const { money } = useFormat();
  if (outcome === "failed") return <Failure payment={payment} />;
  if (outcome === "cancelled") {
    return (
      <Alert tone="warn" title={t("checkout.cancelled_title")}>
        {t("checkout.cancelled_text")}
      </Alert>
    );
  }
  if (outcome === "refunded" && payment) {
    return (
      <Alert tone="warn" title={t("checkout.refunded_title", { amount: money(payment.refunded, payment.currency) })}>
        {t("checkout.refunded_text")}
      </Alert>
    );
  }
  if (!payment || !openAt(payment)) return null;
  return (
    <Alert title={t("checkout.open_title", { provider: t(`provider.${payment.provider}`, payment.provider) })}>
      {t("checkout.open_text")}
    </Alert>
  );
}

// Providers that could not be reached, and until when they are left in peace.
function useResting(error: unknown, provider: ProviderName | undefined) {
  const [resting, setResting] = useState<Partial<Record<ProviderName, string>>>({});
  useEffect(() => {
    if (!(error instanceof ApiError) || error.code !== "provider_unavailable" || !provider) return;
    const until = new Date(serverNow() + (error.retryAfterMs ?? REST_MS)).toISOString();
    setResting((now) => ({ ...now, [provider]: until }));
  }, [error, provider]);
  return resting;
}

type Props = {
  reservation: Reservation;
  payment: Payment | undefined; // the last one that was begun
  outcome: Outcome;
  left: number | undefined;
};

// What it costs, whom to pay with, and how the last try went.
export function PayPanel({ reservation, payment, outcome, left }: Props) {
  const { t } = useTranslation();
  const { money } = useFormat();
  const text = useErrorText();
  const start = useStartPayment(reservation.id);
  const providers = useProviders();
  const [chosen, setChosen] = useState<ProviderName>();
  const offered = providers.data ?? [];
  const provider = [chosen, payment?.provider].find((each) => offered.some((one) => one === each)) as ProviderName | undefined ?? offered[0];
  const { reset } = start;
  const leaving = start.isPending || (start.isSuccess && Boolean(start.data.redirect_url));
  const resting = useResting(start.error, start.variables);
  const rest = useCountdown(provider && resting[provider]) ?? 0;

  // Coming back with the browser's Back button shows this page as it was left: wake it.
  useEffect(() => {
    const shown = (event: PageTransitionEvent) => event.persisted && reset();
    window.addEventListener("pageshow", shown);
    return () => window.removeEventListener("pageshow", shown);
  }, [reset]);

  if (isLoggedOut(start.error)) return <LoginAgain />;
  const amount = money(reservation.amount.payable, reservation.currency);
  const free = reservation.amount.payable === 0; // and no provider hears of it
  const failed = start.isError && !resting[start.variables] ? start.error : undefined;
  return (
    <div className="container-page grid items-start gap-6 py-6 md:py-10 lg:grid-cols-[minmax(0,1fr)_24rem]">
      <div className="flex flex-col gap-4">
        <h1 className="text-2xl font-bold">{t("checkout.title")}</h1>
        <Last outcome={outcome} payment={payment} />
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
        {!free && (
          <ProviderChoice
            providers={offered}
            value={provider}
            disabled={leaving}
            resting={resting}
            onChange={(next) => {
              setChosen(next);
              reset();
            }}
          />
        )}
        {!free && providers.isSuccess && offered.length === 0 && <Alert tone="warn">{t("checkout.no_provider")}</Alert>}
        {rest > 0 && (
          <Alert tone="warn" title={t("checkout.rests_title", { provider: t(`provider.${provider}`) })}>
            <span className="number">
              {t(offered.length > 1 ? "checkout.rests_choose" : "checkout.rests_wait", { left: durationText(rest) })}
            </span>
          </Alert>
        )}
        {(failed || providers.isError) && (
          <Alert
            tone="bad"
            actions={
              providers.isError && (
                <Button look="secondary" size="sm" busy={providers.isFetching} onClick={() => void providers.refetch()}>
                  {t("common.retry")}
                </Button>
              )
            }
          >
            {text(failed ?? providers.error)}
          </Alert>
        )}
        <Button
          size="lg"
          busy={leaving || (!free && providers.isPending)}
          disabled={!free && (!provider || rest > 0)}
          onClick={() => start.mutate(provider ?? "sandbox")}
        >
          {free
            ? t("checkout.confirm")
            : openAt(payment) && provider === payment?.provider
              ? t("checkout.pay_on", { amount })
              : t(outcome === "failed" ? "checkout.pay_again" : "checkout.pay", { amount })}
        </Button>
        <Terms steps={reservation.cancellation_steps} />
        <GiveUp reservation={reservation} disabled={leaving} />
      </section>
    </div>
  );
}
