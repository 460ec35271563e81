import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import type { OfficePayment, PaymentState } from "../api/types";
import { useFormat } from "../app/format";
import { Button } from "../app/ui/Button";
import { Field } from "../app/ui/Field";
import { Select } from "../app/ui/Select";
import { Failure, Loading, Skeleton } from "../app/ui/states";
import { useOfficePayments, type PaymentFilter } from "./money";
import { PaymentBadge } from "./PaymentBadge";
import { PaymentHistoryDialog } from "./PaymentHistory";

// What is not final comes first: that is what an operator looks for.
const STATES: PaymentState[] = [
  "unknown",
  "pending",
  "ready",
  "paid",
  "failed",
  "cancelled",
  "refunded",
  "partially_refunded",
];
const PROVIDERS = ["sandbox", "toss", "kakaopay"] as const;

function Row({ payment, onOpen }: { payment: OfficePayment; onOpen: () => void }) {
  const { t } = useTranslation();
  const { money, exact } = useFormat();
  return (
    <li className="border-t border-line py-2">
      <button
        type="button"
        onClick={onOpen}
        className="number grid w-full grid-cols-[1fr_auto] items-center gap-x-4 gap-y-0.5 rounded-lg p-2 text-left text-sm hover:bg-sunken sm:grid-cols-[9rem_1fr_12rem_auto]"
      >
        <span className="font-bold">{money(payment.amount, payment.currency)}</span>
        <span className="truncate text-ink-2 max-sm:col-span-2 max-sm:row-start-2">
          {`${t(`provider.${payment.provider}`, payment.provider)} · ${payment.subject}`}
        </span>
        <time dateTime={payment.created_at} className="text-ink-3 max-sm:col-span-2 max-sm:row-start-3">
          {exact(payment.created_at)}
        </time>
        <span className="max-sm:col-start-2 max-sm:row-start-1">
          <PaymentBadge state={payment.state} />
        </span>
      </button>
    </li>
  );
}

// Payments by state, provider or an id; each opens with its history, at an address of its own.
export function PaymentList() {
  const { t } = useTranslation();
  const [filter, setFilter] = useState<PaymentFilter>({ state: "unknown", provider: "", q: "" });
  const [search, setSearch] = useSearchParams();
  const payments = useOfficePayments(filter);
  const opened = search.get("payment");
  const open = (payment: string | undefined) => setSearch(payment ? { payment } : {}, { replace: !payment });
  const items = payments.data?.pages.flatMap((page) => page.items);
  const all: [string, string] = ["", t("money_page.all")];
  return (
    <section aria-labelledby="payments" className="flex flex-col gap-4">
      <h2 id="payments" className="text-lg font-bold">
        {t("money_page.payments")}
      </h2>
      <div className="grid gap-3 sm:grid-cols-3">
        <Select
          label={t("console.field_state")}
          value={filter.state}
          options={[all, ...STATES.map((state): [string, string] => [state, t(`money_page.payment_${state}`)])]}
          onChange={(state) => setFilter({ ...filter, state })}
        />
        <Select
          label={t("money_page.provider")}
          value={filter.provider}
          options={[all, ...PROVIDERS.map((each): [string, string] => [each, t(`provider.${each}`)])]}
          onChange={(provider) => setFilter({ ...filter, provider })}
        />
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const q = new FormData(event.currentTarget).get("q");
            setFilter({ state: "", provider: "", q: typeof q === "string" ? q.trim() : "" });
          }}
        >
          <Field label={t("money_page.find")} name="q" hint={t("money_page.find_hint")} maxLength={200} enterKeyHint="search" />
        </form>
      </div>
      {payments.isPending && (
        <Loading>
          <Skeleton className="h-24 w-full" />
        </Loading>
      )}
      {payments.isError && !items && (
        <Failure error={payments.error} onRetry={() => void payments.refetch()} busy={payments.isFetching} />
      )}
      {items?.length === 0 && <p className="text-sm text-ink-3">{t("money_page.payments_none")}</p>}
      <ul>
        {items?.map((payment) => (
          <Row key={payment.id} payment={payment} onOpen={() => open(payment.id)} />
        ))}
      </ul>
      {payments.hasNextPage && (
        <Button
          look="secondary"
          className="self-center"
          busy={payments.isFetchingNextPage}
          onClick={() => void payments.fetchNextPage()}
        >
          {t("common.more")}
        </Button>
      )}
      {opened && <PaymentHistoryDialog key={opened} payment={opened} onClose={() => open(undefined)} />}
    </section>
  );
}
