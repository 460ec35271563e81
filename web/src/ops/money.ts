// Money that needs people: refunds that a provider refused.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { callOnce, get, newKey } from "../api/client";
import type { Balance, Page, RefundDecided, RefundSettlement, RefundTask } from "../api/types";
import { AUDIT, whileAllowed } from "./queries";

const REFUNDS = ["mine", "admin", "refunds"] as const;
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

// `settle`: it went back another way, or will not; without it the provider is asked once more.
export function useRefundAct(refund: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (settle: RefundSettlement | undefined) =>
      callOnce<RefundDecided>("POST", `/admin/refunds/${encodeURIComponent(refund)}/${settle ? "settle" : "retry"}`, {
        body: settle,
        idempotencyKey: newKey(),
      }),
    onSettled: () =>
      Promise.all(
        [REFUNDS, BALANCE, AUDIT].map((queryKey) => queries.invalidateQueries({ queryKey })),
      ),
  });
}
