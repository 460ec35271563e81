import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ApiError, get, post, signedInHint } from "../api/client";
import type { Account, Session } from "../api/types";

export const ME = ["me"] as const;

// null: nobody is signed in. undefined: not known yet.
export function useMe() {
  return useQuery({
    queryKey: ME,
    staleTime: 5 * 60_000,
    queryFn: async ({ signal }): Promise<Account | null> => {
      if (!signedInHint.get()) return null;
      try {
        const account = await get<Account>("/me", { signal, fresh: true });
        signedInHint.set(true);
        return account;
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) return null;
        throw error;
      }
    },
  });
}

function useSignIn<Body>(path: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Body) => post<Session>(path, body),
    onSuccess: (session) => {
      signedInHint.set(true);
      queries.removeQueries({ queryKey: ["mine"] }); // whatever the last person saw
      queries.setQueryData(ME, session.account);
    },
  });
}

export const useLogin = () => useSignIn<{ email: string; password: string }>("/auth/login");
export const useSignup = () =>
  useSignIn<{ email: string; password: string; name: string }>("/auth/signup");

export function useLogout() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => post<void>("/auth/logout"),
    onSuccess: () => {
      signedInHint.set(false);
      queries.setQueryData(ME, null);
      queries.removeQueries({ queryKey: ["mine"] });
    },
  });
}
