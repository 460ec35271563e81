// The server, as little of it as the page needs. Never throws: status 0 is "nothing came back".

export type Answer<T> = { status: number; body: T | undefined; retryMs: number | undefined };

const TIMEOUT_MS = 15_000;
let skewMs = 0;

// By the server's clock; good to about a second.
export const serverNow = () => Date.now() + skewMs;

export async function api<T>(method: string, path: string, token?: string, body?: unknown): Promise<Answer<T>> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
  try {
    const response = await fetch(`/api/v1/rooms/${path}`, {
      method,
      cache: "no-store",
      signal: abort.signal,
      headers: {
        Accept: "application/json",
        ...(method !== "GET" && { "X-Onsale-CSRF": "1" }),
        ...(body !== undefined && { "Content-Type": "application/json" }),
        ...(token && { "Onsale-Place": token }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const date = Date.parse(response.headers.get("Date") ?? "");
    if (Math.abs(date + 500 - serverNow()) > 1500) skewMs = date + 500 - Date.now();
    const retry = Number(response.headers.get("Retry-After") ?? NaN);
    return {
      status: response.status,
      body: response.status === 204 ? undefined : ((await response.json()) as T),
      retryMs: retry >= 0 ? retry * 1000 : undefined,
    };
  } catch {
    return { status: 0, body: undefined, retryMs: undefined };
  } finally {
    clearTimeout(timer);
  }
}
