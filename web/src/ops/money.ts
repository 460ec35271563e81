// Money as operators see it: refunds that a provider refused, payments and what was asked of whom.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { callOnce, get, newKey, post } from "../api/client";
import type {
  Balance,
  OfficePayment,
  Page,
  PaymentHistory,
  ProviderHealth,
  PaymentSettlement,
  RefundDecided,
  RefundSettlement,
  RefundTask,
  Reversal,
} from "../api/types";
import { AUDIT, whileAllowed } from "./queries";

const REFUNDS = ["mine", "admin", "refunds"] as const;
const PAYMENTS = ["mine", "admin", "payments"] as const;
const BALANCE = ["mine", "admin", "balance"] as const;

export function useBalance() {
  return useQuery({
    queryKey: BALANCE,
    refetchInterval: whileAllowed(10_000),
    queryFn: ({ signal }) => get<Balance>("/admin/payments/balance", { signal, fresh: true }),
  });
}

export function useRefundTasks() {
  return useInfiniteQuery({
    queryKey: REFUNDS,
    refetchInterval: whileAllowed(10_000),
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      get<Page<RefundTask>>(`/admin/refunds?limit=100${pageParam && `&cursor=${pageParam}`}`, { signal, fresh: true }),
    getNextPageParam: (page) => page.next_cursor,
  });
}

// A settlement: it went back another way, or will not. A reversal: what becomes of a purchase whose
// money the provider took back. Without either the provider is asked once more.
const actOf = (decision: RefundSettlement | Reversal | undefined) =>
  decision === undefined ? "retry" : "purchase" in decision ? "reversal" : "settle";

export function useRefundAct(refund: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (decision: RefundSettlement | Reversal | undefined) =>
      callOnce<RefundDecided>("POST", `/admin/refunds/${encodeURIComponent(refund)}/${actOf(decision)}`, {
        body: decision,
        idempotencyKey: newKey(),
      }),
    onSettled: () =>
      Promise.all(
        [REFUNDS, BALANCE, AUDIT].map((queryKey) => queries.invalidateQueries({ queryKey })),
      ),
  });
}

export function useProviderHealth() {
  return useQuery({
    queryKey: ["mine", "admin", "providers"],
    refetchInterval: whileAllowed(5000),
    queryFn: async ({ signal }) =>
      (await get<Page<ProviderHealth>>("/admin/payments/providers", { signal, fresh: true })).items,
  });
}

export type PaymentFilter = { state: string; provider: string; q: string }; // empty: all

export function useOfficePayments(filter: PaymentFilter) {
  const asked = Object.entries(filter).filter(([, value]) => value !== "");
  return useInfiniteQuery({
    queryKey: [...PAYMENTS, filter],
    refetchInterval: whileAllowed(10_000),
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams(asked);
      if (pageParam) query.set("cursor", pageParam);
      return get<Page<OfficePayment>>(`/admin/payments?${query}`, { signal, fresh: true });
    },
    getNextPageParam: (page) => page.next_cursor,
  });
}

const HISTORY = (payment: string) => ["mine", "admin", "payment", payment] as const;
const paymentPath = (payment: string) => `/admin/payments/${encodeURIComponent(payment)}`;

export function usePaymentHistory(payment: string) {
  return useQuery({
    queryKey: HISTORY(payment),
    refetchInterval: whileAllowed(5000),
    queryFn: ({ signal }) => get<PaymentHistory>(paymentPath(payment), { signal, fresh: true }),
  });
}

// Asks the provider now how the payment stands.
export function useLookUp(payment: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => post<PaymentHistory>(`${paymentPath(payment)}/reconcile`),
    onSuccess: (history) => queries.setQueryData(HISTORY(payment), history),
    onSettled: () =>
      Promise.all([PAYMENTS, REFUNDS, BALANCE].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
}

// How it ended, where its provider has not answered for an hour.
export function useSettlePayment(payment: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (settlement: PaymentSettlement) =>
      callOnce<PaymentHistory>("POST", `${paymentPath(payment)}/settle`, { body: settlement, idempotencyKey: newKey() }),
    onSuccess: (history) => queries.setQueryData(HISTORY(payment), history),
    onSettled: () =>
      Promise.all([PAYMENTS, REFUNDS, BALANCE, AUDIT].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
}
