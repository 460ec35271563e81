import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { PaymentHistory, ProviderCall } from "../api/types";
import { announce } from "../app/announce";
import { useFormat } from "../app/format";
import { Alert } from "../app/ui/Alert";
import { Button } from "../app/ui/Button";
import { Dialog } from "../app/ui/Dialog";
import { Failure, Loading, Skeleton, useErrorText } from "../app/ui/states";
import { DecisionDialog } from "./DecisionDialog";
import { useLookUp, usePaymentHistory, useSettlePayment } from "./money";
import { PaymentBadge } from "./PaymentBadge";

function Facts({ history: { payment, reference, receipt, next_look_at: next } }: { history: PaymentHistory }) {
  const { t } = useTranslation();
  const { money, exact } = useFormat();
  const facts: [string, string | undefined][] = [
    [t("money_page.asked_for"), money(payment.amount, payment.currency)],
    [t("money_page.captured"), money(payment.captured, payment.currency)],
    [t("money_page.refunded"), money(payment.refunded, payment.currency)],
    [t("money_page.provider"), t(`provider.${payment.provider}`, payment.provider)],
    [t("money_page.begun"), exact(payment.created_at)],
    [t("money_page.paid_at"), payment.paid_at && exact(payment.paid_at)],
    [t("money_page.next_look"), next && exact(next)],
    [t("money_page.failure"), payment.failure],
    [t("money_page.subject"), payment.subject],
    [t("money_page.payment"), payment.id],
    [t("money_page.account"), payment.account_id],
    [t("money_page.reference"), reference],
    [t("money_page.receipt"), receipt],
  ];
  return (
    <dl className="number flex flex-col gap-1 text-sm">
      {facts.map(
        ([term, value]) =>
          value && (
            <div key={term} className="flex justify-between gap-4">
              <dt className="shrink-0 text-ink-3">{term}</dt>
              <dd className="min-w-0 text-right wrap-anywhere text-ink">{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

function Call({ call }: { call: ProviderCall }) {
  const { t } = useTranslation();
  const { exact, number } = useFormat();
  return (
    <li className="number flex flex-wrap gap-x-3 border-t border-line py-1.5 text-sm">
      <time dateTime={call.at} className="text-ink-3">
        {exact(call.at)}
      </time>
      <span className="font-semibold text-ink">{t(`money_page.step_${call.step}`)}</span>
      <span className={call.outcome === "answered" ? "" : "text-danger"}>{t(`money_page.outcome_of_${call.outcome}`)}</span>
      {call.code && <span className="wrap-anywhere">{call.code}</span>}
      <span className="text-ink-3">{t("money_page.took", { ms: number(call.duration_ms) })}</span>
    </li>
  );
}

function Known({ history }: { history: PaymentHistory }) {
  const { t } = useTranslation();
  const { money, exact, foreign } = useFormat();
  return (
    <div className="flex flex-col gap-4">
      <p>
        <PaymentBadge state={history.payment.state} />
      </p>
      <Facts history={history} />
      {history.refunds.length > 0 && (
        <section aria-labelledby="payment-refunds">
          <h3 id="payment-refunds" className="mb-1 text-sm font-bold text-ink">
            {t("money_page.refunds")}
          </h3>
          <ul>
            {history.refunds.map((refund) => (
              <li key={refund.id} className="number flex flex-wrap gap-x-3 border-t border-line py-1.5 text-sm">
                <span className="font-semibold text-ink">{money(refund.amount, history.payment.currency)}</span>
                <span>{t(`console.state_${refund.state}`)}</span>
                <span lang={foreign(refund.settled_reason ?? refund.reason)}>{refund.settled_reason ?? refund.reason}</span>
                <time dateTime={refund.created_at} className="text-ink-3">
                  {exact(refund.created_at)}
                </time>
              </li>
            ))}
          </ul>
        </section>
      )}
      <section aria-labelledby="payment-calls">
        <h3 id="payment-calls" className="mb-1 text-sm font-bold text-ink">
          {t("money_page.calls")}
        </h3>
        {history.calls.length === 0 && <p className="text-sm text-ink-3">{t("money_page.calls_none")}</p>}
        <ol>
          {history.calls.map((call, at) => (
            <Call key={at} call={call} />
          ))}
        </ol>
      </section>
    </div>
  );
}

// One payment: how it stands, what was asked of its provider, and what came back.
export function PaymentHistoryDialog({ payment, onClose }: { payment: string; onClose: () => void }) {
  const { t } = useTranslation();
  const { money } = useFormat();
  const text = useErrorText();
  const history = usePaymentHistory(payment);
  const look = useLookUp(payment);
  const settle = useSettlePayment(payment);
  const [settling, setSettling] = useState(false);
  const known = history.data?.payment;
  if (settling && known) {
    return (
      <DecisionDialog
        title={t("money_page.settle_payment_title", { amount: money(known.amount, known.currency) })}
        act={t("money_page.settle_do")}
        outcomes={["captured", "not_captured"]}
        busy={settle.isPending}
        error={settle.error}
        onAct={(outcome, reason) =>
          settle.mutate(
            { outcome, reason },
            {
              onSuccess: () => {
                setSettling(false);
                announce(t("money_page.payment_settled"));
              },
            },
          )
        }
        onClose={() => {
          setSettling(false);
          settle.reset();
        }}
      />
    );
  }
  return (
    <Dialog
      title={t("money_page.history_of")}
      onClose={onClose}
      actions={
        <>
          {known?.state === "unknown" && (
            <Button look="secondary" onClick={() => setSettling(true)}>
              {t("money_page.settle")}
            </Button>
          )}
          <Button
            look="secondary"
            busy={look.isPending}
            disabled={!history.data}
            onClick={() => look.mutate(undefined, { onSuccess: () => announce(t("money_page.looked_up")) })}
          >
            {t("money_page.look_up")}
          </Button>
        </>
      }
    >
      {history.isPending ? (
        <Loading>
          <Skeleton className="h-48 w-full" />
        </Loading>
      ) : history.data ? (
        <Known history={history.data} />
      ) : (
        <Failure error={history.error} onRetry={() => void history.refetch()} busy={history.isFetching} />
      )}
      {look.isError && <Alert tone="bad">{text(look.error)}</Alert>}
    </Dialog>
  );
}
