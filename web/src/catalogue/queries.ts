import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { get } from "../api/client";
import type { Page, Performance, Show, ShowDetail, ShowSort } from "../api/types";

const PAGE_SIZE = 24;

export function useShows(kind: string, sort: ShowSort) {
  return useInfiniteQuery({
    queryKey: ["shows", kind, sort],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams({ sort, limit: String(PAGE_SIZE) });
      if (kind) query.set("kind", kind);
      if (pageParam) query.set("cursor", pageParam);
      return get<Page<Show>>(`/shows?${query.toString()}`, { signal });
    },
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: (previous) => previous,
  });
}

export function useShow(id: string | undefined) {
  return useQuery({
    queryKey: ["show", id],
    enabled: Boolean(id),
    queryFn: ({ signal }) => get<ShowDetail>(`/shows/${encodeURIComponent(id ?? "")}`, { signal }),
  });
}

export function usePerformances(show: string) {
  return useQuery({
    queryKey: ["performances", show],
    refetchInterval: 30_000,
    queryFn: async ({ signal }) => {
      const path = `/shows/${encodeURIComponent(show)}/performances`;
      const items: Performance[] = [];
      let cursor: string | null | undefined = "";
      do {
        const query: string = cursor ? `?cursor=${encodeURIComponent(cursor)}` : "";
        const page: Page<Performance> = await get<Page<Performance>>(path + query, { signal });
        items.push(...page.items);
        cursor = page.next_cursor;
      } while (cursor && items.length < 500);
      return items.sort((a, b) => a.starts_at.localeCompare(b.starts_at));
    },
  });
}

// Asked again now and then: it may be called off while somebody looks at its seats.
export function usePerformance(id: string | undefined) {
  return useQuery({
    queryKey: ["performance", id],
    enabled: Boolean(id),
    refetchInterval: 30_000,
    queryFn: ({ signal }) =>
      get<Performance>(`/performances/${encodeURIComponent(id ?? "")}`, { signal }),
  });
}
