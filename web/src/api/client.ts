import { observeServerDate } from "./clock";
import type { FieldError, Problem } from "./types";
import { local, readCookie, rememberCookie } from "../app/storage";

export const API_BASE = "/api/v1";
const TIMEOUT_MS = 15_000;
const SIGNED_IN_HINT = "onsale.signed_in";
const REFRESHED_AT = "onsale.refreshed_at";

// Every failure of a call: `code` is the server's stable word for it, or one of ours:
// network (nothing came back), timeout, bad_answer (not what the contract says).
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly errors: FieldError[];
  readonly traceId: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(problem: Problem, retryAfterMs?: number) {
    super(problem.detail ?? problem.title ?? problem.code ?? String(problem.status));
    this.name = "ApiError";
    this.status = problem.status;
    this.code = problem.code ?? `http_${problem.status}`;
    this.errors = problem.errors ?? [];
    this.traceId = problem.trace_id;
    this.retryAfterMs = retryAfterMs;
  }

  // The same request may work in a moment; not so a payment provider's outage, which lasts.
  get transient() {
    if (this.code === "provider_unavailable") return false;
    return (
      this.status === 0 ||
      this.status === 429 ||
      this.status >= 500 ||
      this.code === "idempotency_in_progress"
    );
  }
}

// Whoever asked is signed in no longer.
export const isLoggedOut = (error: unknown) => error instanceof ApiError && error.status === 401;

type Options = {
  body?: unknown;
  headers?: Record<string, string>;
  idempotencyKey?: string;
  signal?: AbortSignal;
  fresh?: boolean; // never from a cache; its Date header sets the clock
  base?: string; // of the path, when it is not the API's
  read?: (response: Response) => Promise<unknown>; // of an answer that is not JSON
  timeoutMs?: number; // of one try, for what takes the server long
};

// Whether somebody may be signed in here: who is not needn't be asked for. A cookie too, for where
// storage is forgotten sooner.
const HINT_COOKIE = "onsale_in";
export const signedInHint = {
  get: () => local.getItem(SIGNED_IN_HINT) === "1" || readCookie(HINT_COOKIE) === "1",
  set: (signedIn: boolean) => {
    if (signedIn) local.setItem(SIGNED_IN_HINT, "1");
    else local.removeItem(SIGNED_IN_HINT);
    rememberCookie(HINT_COOKIE, signedIn ? "1" : "");
  },
};

export function newKey(): string {
  return typeof crypto.randomUUID === "function"
    ? crypto.randomUUID()
    : Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
        byte.toString(16).padStart(2, "0"),
      ).join("");
}

async function problemOf(response: Response): Promise<Problem> {
  try {
    const body = (await response.json()) as Partial<Problem>;
    return { ...body, status: response.status };
  } catch {
    return { status: response.status };
  }
}

function retryAfterMs(response: Response): number | undefined {
  const header = response.headers.get("Retry-After");
  const seconds = header ? Number(header) : Number.NaN;
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}

type Deadline = { signal: AbortSignal; passed: boolean };

// AbortSignal.any() and timeout() are younger than the oldest browsers served (package.json).
async function within<T>(
  ms: number,
  caller: AbortSignal | undefined,
  work: (deadline: Deadline) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  const deadline = { signal: abort.signal, passed: false };
  const give = () => abort.abort(caller?.reason);
  const timer = setTimeout(() => {
    deadline.passed = true;
    abort.abort();
  }, ms);
  if (caller?.aborted) give();
  caller?.addEventListener("abort", give);
  try {
    return await work(deadline);
  } finally {
    clearTimeout(timer);
    caller?.removeEventListener("abort", give);
  }
}

const once = <T>(method: string, path: string, options: Options): Promise<T> =>
  within(options.timeoutMs ?? TIMEOUT_MS, options.signal, (deadline) => ask<T>(method, path, options, deadline));

async function ask<T>(
  method: string,
  path: string,
  options: Options,
  deadline: Deadline,
): Promise<T> {
  const mutation = method !== "GET";
  const headers: Record<string, string> = { Accept: "application/json", ...options.headers };
  if (mutation) {
    headers["X-Onsale-CSRF"] = "1";
    headers["Accept-Language"] = document.documentElement.lang; // of pay pages and mails
  }
  if (options.body !== undefined) headers["Content-Type"] = "application/json";
  if (options.idempotencyKey) headers["Idempotency-Key"] = options.idempotencyKey;

  const sentAt = Date.now();
  const failure = (code: string, status = 0) =>
    new ApiError({ status, code: deadline.passed ? "timeout" : code });
  let response: Response;
  try {
    response = await fetch((options.base ?? API_BASE) + path, {
      method,
      headers,
      body: options.body === undefined ? undefined : JSON.stringify(options.body),
      credentials: "same-origin",
      cache: mutation || options.fresh ? "no-store" : "default",
      signal: deadline.signal,
    });
  } catch (cause) {
    if (options.signal?.aborted) throw cause;
    throw failure("network");
  }
  if (mutation || options.fresh) {
    observeServerDate(response.headers.get("Date"), sentAt, Date.now());
  }
  if (!response.ok) throw new ApiError(await problemOf(response), retryAfterMs(response));
  if (response.status === 204) return undefined as T;
  try {
    return (await (options.read ? options.read(response) : response.json())) as T;
  } catch (cause) {
    if (options.signal?.aborted) throw cause;
    throw failure("bad_answer", deadline.passed ? 0 : response.status);
  }
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

// Tries again what may work in a moment, as patiently as the server asks.
async function persistently<T>(tries: number, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ApiError) || !error.transient || attempt >= tries) throw error;
      await sleep(Math.min(error.retryAfterMs ?? 400 * 2 ** attempt, 5000));
    }
  }
}

// One refresh at a time, across tabs too: the server ends the whole session when a refresh token
// is used twice.
let refreshing: Promise<boolean> | undefined;

// False when the session is over. An answer that is lost on the way says nothing about that: the
// server hands the same successor out again, so it is asked again, and otherwise the trouble is told
// as what it is.
async function refreshUnderLock(startedAt: number): Promise<boolean> {
  if (Number(local.getItem(REFRESHED_AT) ?? 0) > startedAt) return true; // another tab did
  try {
    await persistently(3, () => once("POST", "/auth/refresh", { body: {} }));
    local.setItem(REFRESHED_AT, String(Date.now()));
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.transient) throw error;
    if (error instanceof ApiError && error.status === 401) signedInHint.set(false);
    return false;
  }
}

async function refreshAlone(startedAt: number): Promise<boolean> {
  if (!navigator.locks) return refreshUnderLock(startedAt);
  return navigator.locks.request("onsale.refresh", () => refreshUnderLock(startedAt));
}

function refresh(): Promise<boolean> {
  refreshing ??= refreshAlone(Date.now()).finally(() => {
    refreshing = undefined;
  });
  return refreshing;
}

export async function call<T>(method: string, path: string, options: Options = {}): Promise<T> {
  try {
    return await once<T>(method, path, options);
  } catch (error) {
    const loggedOut =
      error instanceof ApiError && error.status === 401 && error.code === "unauthenticated";
    if (!loggedOut || !signedInHint.get() || !(await refresh())) throw error;
    return once<T>(method, path, options);
  }
}

// For requests that buy: the same Idempotency-Key for every try, so that trying again is safe.
export const callOnce = <T>(
  method: string,
  path: string,
  options: Options & { idempotencyKey: string },
  tries = 3,
): Promise<T> => persistently(tries, () => call<T>(method, path, options));

export const get = <T>(path: string, options?: Options) => call<T>("GET", path, options);
// Text, and where the Link header says it goes on.
export type TextPage = { text: string; next: string | undefined };
export const getText = (path: string, options?: Options) =>
  call<TextPage>("GET", path, {
    ...options,
    fresh: true,
    headers: { Accept: "*/*" },
    read: async (response) => ({
      text: await response.text(),
      next: /<([^>]+)>; rel="next"/.exec(response.headers.get("Link") ?? "")?.[1],
    }),
  });
// A table, whole or one page of it; `next` is the cursor of the page that follows.
export const getCsv = (path: string, timeoutMs?: number) =>
  call<TextPage>("GET", path, {
    fresh: true,
    timeoutMs,
    headers: { Accept: "text/csv" },
    read: async (response) => ({
      text: await response.text(),
      next: response.headers.get("Onsale-Next-Cursor") ?? undefined,
    }),
  });
export const post = <T>(path: string, body?: unknown, options?: Options) =>
  call<T>("POST", path, { ...options, body: body ?? {} });
export const patch = <T>(path: string, body: unknown, options?: Options) =>
  call<T>("PATCH", path, { ...options, body });
export const del = (path: string, options?: Options) => call<void>("DELETE", path, options);
