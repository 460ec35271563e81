import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError, call, callOnce, signedInHint } from "./client";
import { forgetServerClock, observeServerDate, serverNow } from "./clock";

function answer(status: number, body?: unknown, headers: Record<string, string> = {}) {
  return new Response(body === undefined ? null : JSON.stringify(body), { status, headers });
}
const stubFetch = (...answers: (Response | Error)[]) => {
  const spy = vi.fn<(url: string, init: RequestInit) => Promise<Response>>();
  for (const each of answers) {
    if (each instanceof Error) spy.mockRejectedValueOnce(each);
    else spy.mockResolvedValueOnce(each);
  }
  vi.stubGlobal("fetch", spy);
  return spy;
};
const header = (spy: ReturnType<typeof stubFetch>, at: number, name: string) =>
  (spy.mock.calls[at]?.[1].headers as Record<string, string>)[name];

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("the client", () => {
  it("marks mutations against forgery and leaves reads alone", async () => {
    const spy = stubFetch(answer(200, {}), answer(200, {}));
    await call("GET", "/shows");
    await call("POST", "/auth/logout", { body: {} });
    expect(header(spy, 0, "X-Onsale-CSRF")).toBeUndefined();
    expect(header(spy, 1, "X-Onsale-CSRF")).toBe("1");
  });

  it("turns a problem into an error with its code, fields and trace", async () => {
    const errors = [{ field: "seats[1]", code: "seat_unavailable", message: "x" }];
    stubFetch(answer(409, { code: "seat_unavailable", errors, trace_id: "t1" }));
    await expect(call("POST", "/x")).rejects.toMatchObject({
      status: 409,
      code: "seat_unavailable",
      errors,
      traceId: "t1",
    });
  });

  it("survives an error that is not JSON", async () => {
    stubFetch(new Response("<html>", { status: 502 }));
    await expect(call("GET", "/x")).rejects.toMatchObject({ status: 502, code: "http_502" });
  });

  it("says network when nothing came back", async () => {
    stubFetch(new TypeError("failed"));
    await expect(call("GET", "/x")).rejects.toMatchObject({ status: 0, code: "network" });
  });

  it("refreshes once for many calls when the session ran out, and repeats them", async () => {
    signedInHint.set(true);
    const expired = () => answer(401, { code: "unauthenticated" });
    const spy = stubFetch(expired(), expired(), answer(200, {}), answer(200, { n: 1 }), answer(200, { n: 2 }));
    await Promise.all([call("GET", "/a"), call("GET", "/b")]);
    const refreshes = spy.mock.calls.filter(([url]) => url.endsWith("/auth/refresh"));
    expect(refreshes).toHaveLength(1);
  });

  it("does not refresh for somebody who never logged in", async () => {
    const spy = stubFetch(answer(401, { code: "unauthenticated" }));
    await expect(call("GET", "/me")).rejects.toBeInstanceOf(ApiError);
    expect(spy).toHaveBeenCalledTimes(1);
  });

  describe("when the answer of a refresh is lost", () => {
    const expired = () => answer(401, { code: "unauthenticated" });
    const refreshes = (spy: ReturnType<typeof stubFetch>) =>
      spy.mock.calls.filter(([url]) => url.endsWith("/auth/refresh")).length;
    beforeEach(() => {
      vi.useFakeTimers();
      signedInHint.set(true);
    });

    it("asks again: the server has the same successor for it", async () => {
      const spy = stubFetch(expired(), new TypeError("lost"), answer(503), answer(200, {}), answer(200, { n: 1 }));
      const done = call("GET", "/me");
      await vi.runAllTimersAsync();
      await expect(done).resolves.toEqual({ n: 1 });
      expect(refreshes(spy)).toBe(3);
    });

    it("says network in the end, and nobody is logged out", async () => {
      const lost = () => new TypeError("lost");
      stubFetch(expired(), lost(), lost(), lost());
      const done = expect(call("GET", "/me")).rejects.toMatchObject({ status: 0, code: "network" });
      await vi.runAllTimersAsync();
      await done;
      expect(signedInHint.get()).toBe(true);
    });

    it("logs out when the server says that the session is over", async () => {
      const spy = stubFetch(expired(), answer(401, { code: "token_reused" }));
      await expect(call("GET", "/me")).rejects.toMatchObject({ status: 401, code: "unauthenticated" });
      expect(refreshes(spy)).toBe(1);
      expect(signedInHint.get()).toBe(false);
    });
  });

  it("repeats a purchase after a lost answer with the same key", async () => {
    vi.useFakeTimers();
    const spy = stubFetch(new TypeError("lost"), answer(201, { id: "h" }));
    const done = callOnce("POST", "/holds", { idempotencyKey: "k-1", body: {} });
    await vi.runAllTimersAsync();
    await expect(done).resolves.toEqual({ id: "h" });
    expect([header(spy, 0, "Idempotency-Key"), header(spy, 1, "Idempotency-Key")]).toEqual(["k-1", "k-1"]);
  });

  it("does not repeat a refusal", async () => {
    const spy = stubFetch(answer(409, { code: "sold_out" }));
    await expect(callOnce("POST", "/holds", { idempotencyKey: "k" })).rejects.toMatchObject({ code: "sold_out" });
    expect(spy).toHaveBeenCalledTimes(1);
  });
});

describe("in a browser without AbortSignal.any and timeout", () => {
  const silent = () =>
    vi.stubGlobal(
      "fetch",
      (_: string, { signal }: RequestInit) =>
        new Promise((_, reject) => {
          if (signal?.aborted) reject(signal.reason as Error);
          signal?.addEventListener("abort", () => reject(signal.reason as Error));
        }),
    );
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal("AbortSignal", class {});
  });

  it("an answer is read, with a signal of the caller's too", async () => {
    stubFetch(answer(200, { n: 1 }));
    const { signal } = new AbortController();
    await expect(call("GET", "/x", { signal })).resolves.toEqual({ n: 1 });
  });

  it("a server that says nothing is given up", async () => {
    silent();
    const { signal } = new AbortController();
    const outcome = expect(call("GET", "/x", { signal })).rejects.toMatchObject({ code: "timeout" });
    await vi.advanceTimersByTimeAsync(15_000);
    await outcome;
  });

  it("the caller may give up first, or before it began", async () => {
    silent();
    const caller = new AbortController();
    const call1 = call("GET", "/x", { signal: caller.signal });
    caller.abort(new Error("left"));
    await expect(call1).rejects.toThrow("left");
    await expect(call("GET", "/x", { signal: caller.signal })).rejects.toThrow("left");
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("the server's clock", () => {
  it("is learned from Date headers to within a second, however wrong the visitor's is", () => {
    forgetServerClock();
    vi.useFakeTimers({ now: 1_000_000 });
    const truth = (local: number) => local + 3_600_000; // an hour ahead
    for (const local of [1_000_000, 1_000_400, 1_000_900]) {
      const whole = Math.floor(truth(local) / 1000) * 1000;
      observeServerDate(new Date(whole).toUTCString(), local - 20, local + 20);
    }
    vi.setSystemTime(1_001_000);
    expect(Math.abs(serverNow() - truth(1_001_000))).toBeLessThan(500);
    forgetServerClock();
  });
});
