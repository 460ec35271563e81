import { useMutation, useQuery } from "@tanstack/react-query";
import { callOnce, get, newKey } from "../api/client";
import type { Payment, StartedPayment } from "../api/types";
import { goOnTo } from "../waitroom/closing";
import { session } from "../app/storage";

const lastKey = (reservation: string) => `onsale.payment.${reservation}`;

// Opens the provider's pay page for a reservation and comes back to its checkout.
export function useStartPayment(reservation: string) {
  return useMutation({
    mutationFn: () =>
      callOnce<StartedPayment>(
        "POST",
        `/reservations/${encodeURIComponent(reservation)}/payments`,
        {
          body: {
            provider: "sandbox",
            return_url: `${window.location.origin}/checkout/${encodeURIComponent(reservation)}`,
          },
          idempotencyKey: newKey(),
        },
      ),
    onSuccess: (payment) => {
      if (payment.payment_id) session.setItem(lastKey(reservation), payment.payment_id);
      if (payment.redirect_url) goOnTo(payment.redirect_url);
    },
  });
}

export const lastPayment = (reservation: string) => session.getItem(lastKey(reservation));

const UNDECIDED = new Set(["ready", "pending", "unknown"]);

export function usePayment(id: string | null, enabled: boolean) {
  return useQuery<Payment>({
    queryKey: ["mine", "payment", id],
    enabled: enabled && Boolean(id),
    staleTime: 0,
    refetchInterval: (query) =>
      query.state.data && !UNDECIDED.has(query.state.data.state) ? false : 3000,
    queryFn: ({ signal }) =>
      get<Payment>(`/payments/${encodeURIComponent(id ?? "")}`, { signal, fresh: true }),
  });
}
