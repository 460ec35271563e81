import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "../api/client";

export function newQueryClient() {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        retry: (failures, error) =>
          error instanceof ApiError && error.transient && failures < 2,
        retryDelay: (attempt, error) => {
          const asked = error instanceof ApiError ? error.retryAfterMs : undefined;
          return Math.min(asked ?? 700 * 2 ** attempt * (0.7 + Math.random() * 0.6), 15_000);
        },
      },
      mutations: { retry: false, networkMode: "always" },
    },
  });
}
