import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call, callOnce, get, newKey } from "../api/client";
import type { BankAccount, Payment, ProviderName, StartedPayment } from "../api/types";
import { local } from "../app/storage";
import { goOnTo } from "../waitroom/closing";

const lastKey = (reservation: string) => `onsale.payment.${reservation}`;

// The payment that was begun last for a reservation, in whichever tab of this browser.
export const lastPayment = (reservation: string) => local.getItem(lastKey(reservation));
export const forgetPayment = (reservation: string) => local.removeItem(lastKey(reservation));

// Whom one may pay with here.
export function useProviders() {
  return useQuery({
    queryKey: ["providers"],
    staleTime: 60_000,
    queryFn: async ({ signal }) =>
      (await get<{ items: ProviderName[] }>("/payments/providers", { signal })).items,
  });
}

// Opens the provider's pay page for a reservation and comes back to its checkout.
export function useStartPayment(reservation: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (provider: ProviderName) =>
      callOnce<StartedPayment>(
        "POST",
        `/reservations/${encodeURIComponent(reservation)}/payments`,
        {
          body: {
            provider,
            return_url: `${window.location.origin}/checkout/${encodeURIComponent(reservation)}`,
          },
          idempotencyKey: newKey(),
        },
      ),
    onSuccess: (payment) => {
      if (payment.payment_id) local.setItem(lastKey(reservation), payment.payment_id);
      if (payment.redirect_url) goOnTo(payment.redirect_url);
    },
    // Another tab was faster, say: the page is to show how things stand.
    onError: () => queries.invalidateQueries({ queryKey: ["mine"] }),
  });
}

const CLOSELY_MS = 3000;
const NOW_AND_THEN_MS = 10_000; // the buyer is at the provider, or the money is to come
const OPEN = new Set<Payment["state"]>(["ready", "pending"]);

export function usePayment(id: string | null | undefined, enabled: boolean) {
  return useQuery<Payment>({
    queryKey: ["mine", "payment", id],
    enabled: enabled && Boolean(id),
    staleTime: 0,
    refetchInterval: ({ state: { data } }) => {
      if (!data || data.state === "unknown") return CLOSELY_MS;
      return OPEN.has(data.state) ? NOW_AND_THEN_MS : false;
    },
    queryFn: ({ signal }) =>
      get<Payment>(`/payments/${encodeURIComponent(id ?? "")}`, { signal, fresh: true }),
  });
}

// Where what was deposited goes back to.
export function useGiveAccount(reservation: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (account: BankAccount) =>
      call<void>("PUT", `/reservations/${encodeURIComponent(reservation)}/refund-account`, { body: account }),
    onSettled: () => queries.invalidateQueries({ queryKey: ["mine"] }),
  });
}
