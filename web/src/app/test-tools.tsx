import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { MemoryRouter, useLocation } from "react-router";
import { vi } from "vitest";
import type { FieldError } from "../api/types";

type Make = (body: unknown) => Response;

export const json =
  (status: number, body: unknown): Make =>
  () =>
    new Response(JSON.stringify(body), { status });
export const problem = (status: number, code: string, errors?: FieldError[]): Make =>
  json(status, { status, code, errors });

// Answers calls by "METHOD /path" (without the query); anything else is a 404.
export function serve(answers: Record<string, Make>) {
  const calls: { call: string; body: unknown; headers: Record<string, string> }[] = [];
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
    const path = url.replace(/^\/api\/v1/, "").replace(/\?.*$/, "");
    const name = `${init.method} ${path}`;
    const body: unknown = typeof init.body === "string" ? JSON.parse(init.body) : undefined;
    calls.push({ call: name, body, headers: init.headers as Record<string, string> });
    return Promise.resolve((answers[name] ?? problem(404, "not_found"))(body));
  });
  return calls;
}

// Renders inside the app's providers; returns a function that tells the current path.
export function show(page: ReactNode, at = "/") {
  let path = at;
  function Where() {
    path = useLocation().pathname;
    return null;
  }
  const client = new QueryClient({ defaultOptions: { queries: { retry: false }, mutations: { retry: false } } });
  render(
    <QueryClientProvider client={client}>
      <MemoryRouter initialEntries={[at]}>
        {page}
        <Where />
      </MemoryRouter>
    </QueryClientProvider>,
  );
  return () => path;
}
