// What operators ask about days, accounts and shows.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { callOnce, get, getCsv, newKey, post } from "../api/client";
import { serverNow } from "../api/clock";
import type {
  BooksCheck,
  CancellationStep,
  LastBooksCheck,
  LedgerAccount,
  OfficeJob,
  Page,
  Policy,
  PolicyPreview,
  Settlement,
  Transfer,
} from "../api/types";
import { AUDIT, whileAllowed } from "./queries";

const KOREA_MS = 9 * 3_600_000;
const DAY_MS = 86_400_000;
// A provider may take its time to list a day.
const PATIENCE_MS = 90_000;

// Korea's calendar, which days are counted by: 2026-12-01.
export const koreanDay = (at: number) => new Date(at + KOREA_MS).toISOString().slice(0, 10);
export const today = () => koreanDay(serverNow());
// When a day begins; `later` days after it.
export const beginOf = (day: string, later = 0) =>
  new Date(Date.parse(`${day}T00:00:00+09:00`) + later * DAY_MS).toISOString();

const settlementPath = (day: string, provider: string) =>
  `/admin/settlement?${new URLSearchParams({ day, ...(provider && { provider }) })}`;

export function useSettlement(day: string, provider: string) {
  return useQuery({
    queryKey: ["mine", "admin", "settlement", day, provider],
    staleTime: 60_000,
    retry: false,
    queryFn: ({ signal }) =>
      get<Settlement>(settlementPath(day, provider), { signal, fresh: true, timeoutMs: PATIENCE_MS }),
  });
}

export const settlementCsv = async (day: string, provider: string) => [
  (await getCsv(settlementPath(day, provider), PATIENCE_MS)).text,
];

// from, to: days, both included; empty: any.
export type LedgerFilter = { account: string; from: string; to: string };

function ledgerQuery({ account, from, to }: LedgerFilter, more: Record<string, string>) {
  const query = new URLSearchParams(more);
  if (account) query.set("account", account);
  if (from) query.set("from", beginOf(from));
  if (to) query.set("to", beginOf(to, 1));
  return `/admin/ledger?${query}`;
}

export function useLedger(filter: LedgerFilter) {
  return useInfiniteQuery({
    queryKey: ["mine", "admin", "ledger", filter],
    initialPageParam: 0,
    queryFn: ({ pageParam, signal }) =>
      get<{ items: Transfer[]; next_cursor?: number }>(
        ledgerQuery(filter, { limit: "50", ...(pageParam && { cursor: String(pageParam) }) }),
        { signal, fresh: true },
      ),
    getNextPageParam: (page) => page.next_cursor,
  });
}

export async function ledgerCsv(filter: LedgerFilter) {
  const parts: string[] = [];
  for (let cursor: string | undefined = ""; cursor !== undefined; ) {
    const page = await getCsv(ledgerQuery(filter, { limit: "1000", ...(cursor && { cursor }) }));
    parts.push(parts.length ? page.text.slice(page.text.indexOf("\n") + 1) : page.text);
    cursor = page.next;
  }
  return parts;
}

export function useLedgerAccounts() {
  return useQuery({
    queryKey: ["mine", "admin", "ledger-accounts"],
    queryFn: async ({ signal }) =>
      (await get<{ items: LedgerAccount[] }>("/admin/ledger/accounts", { signal, fresh: true })).items,
  });
}

const CHECK = ["mine", "admin", "books"] as const;

export function useBooksCheck() {
  const queries = useQueryClient();
  const last = useQuery({
    queryKey: CHECK,
    queryFn: ({ signal }) => get<LastBooksCheck>("/admin/ledger/check", { signal, fresh: true }),
  });
  const run = useMutation({
    mutationFn: () => post<BooksCheck>("/admin/ledger/check", {}, { timeoutMs: PATIENCE_MS }),
    onSettled: () => queries.invalidateQueries({ queryKey: CHECK }),
  });
  return { last, run };
}

const JOBS = ["mine", "admin", "jobs"] as const;

export function useJobs() {
  return useInfiniteQuery({
    queryKey: JOBS,
    initialPageParam: "",
    refetchInterval: whileAllowed(3000),
    queryFn: ({ pageParam, signal }) =>
      get<Page<OfficeJob>>(`/admin/jobs${pageParam && `?cursor=${pageParam}`}`, { signal, fresh: true }),
    getNextPageParam: (page) => page.next_cursor,
  });
}

export function useCallOff(performance: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (reason: string) =>
      callOnce<OfficeJob>("POST", `/admin/performances/${encodeURIComponent(performance)}/cancel`, {
        body: { reason },
        idempotencyKey: newKey(),
      }),
    onSettled: () =>
      Promise.all(
        [JOBS, AUDIT, ["performances"], ["shows"], ["show"]].map((queryKey) => queries.invalidateQueries({ queryKey })),
      ),
  });
}

const policyPath = (show: string) => `/admin/shows/${encodeURIComponent(show)}/cancellation-policy`;
const POLICY = (show: string) => ["mine", "admin", "policy", show] as const;

export function usePolicy(show: string) {
  return useQuery({
    queryKey: POLICY(show),
    queryFn: ({ signal }) => get<Policy>(policyPath(show), { signal, fresh: true }),
  });
}

export function useSavePolicy(show: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (steps: CancellationStep[]) =>
      callOnce<Policy>("PUT", policyPath(show), { body: { steps }, idempotencyKey: newKey() }),
    onSuccess: (policy) => queries.setQueryData(POLICY(show), policy),
    onSettled: () => queries.invalidateQueries({ queryKey: AUDIT }),
  });
}

export type PreviewOrder = { steps: CancellationStep[]; bought_at: string; starts_at: string; price: number };

// The server's own rule, asked for what is being written.
export function usePolicyPreview(order: PreviewOrder | undefined) {
  return useQuery<PolicyPreview>({
    queryKey: ["mine", "admin", "policy-preview", order],
    enabled: order !== undefined,
    retry: false,
    placeholderData: (before) => before,
    queryFn: ({ signal }) => post<PolicyPreview>("/admin/cancellation-policy/preview", order, { signal }),
  });
}
