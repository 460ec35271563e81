import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../api/client";
import type { PlaceView } from "../api/types";
import { startPlaceFeed } from "./placeFeed";

const stomp = vi.hoisted(() => ({
  message: undefined as undefined | ((body: unknown) => void),
  link: undefined as undefined | ((up: boolean) => void),
  headers: undefined as undefined | Record<string, string>,
}));
const fetchPlace = vi.hoisted(() => vi.fn());
vi.mock("../api/live", () => ({
  subscribe: (
    _: string,
    onMessage: (body: unknown) => void,
    options: { headers: Record<string, string>; onLink: (up: boolean) => void },
  ) => {
    stomp.message = onMessage;
    stomp.link = options.onLink;
    stomp.headers = options.headers;
    return () => {};
  },
}));
vi.mock("./queries", () => ({ fetchPlace, placeEventsUrl: () => "/events" }));

const waiting = (position: number): PlaceView => ({ state: "waiting", position, poll_after_ms: 2000 });
let views: PlaceView[] = [];
let links: string[] = [];
let ended: string[] = [];
let stop = () => {};
const start = () => {
  stop = startPlaceFeed({
    room: "r",
    place: "tok",
    onView: (view) => views.push(view),
    onLink: (link) => links.push(link),
    onEnd: (end) => ended.push(end),
  });
};

beforeEach(() => {
  vi.useFakeTimers();
  fetchPlace.mockReset();
  [views, links, ended] = [[], [], []];
});
afterEach(() => {
  stop();
  vi.useRealTimers();
});

describe("following a place", () => {
  it("polls from the start, without waiting for a socket that never comes", async () => {
    fetchPlace.mockResolvedValue(waiting(9));
    start();
    await vi.advanceTimersByTimeAsync(7000);
    expect(views.length).toBeGreaterThanOrEqual(2);
    expect(links.at(-1)).toBe("polling");
  });

  it("polls rarely while messages come, and again when the link breaks", async () => {
    fetchPlace.mockResolvedValue(waiting(9));
    start();
    expect(stomp.headers).toEqual({ place: "tok" });
    stomp.message?.(waiting(8));
    expect(links.at(-1)).toBe("live");
    await vi.advanceTimersByTimeAsync(15_000);
    expect(fetchPlace).toHaveBeenCalledTimes(0);
    stomp.link?.(false);
    await vi.advanceTimersByTimeAsync(3000);
    expect(fetchPlace.mock.calls.length).toBeGreaterThanOrEqual(1);
    expect(links.at(-1)).toBe("polling");
  });

  it("backs off and reports a broken link, then recovers", async () => {
    fetchPlace.mockRejectedValue(new ApiError({ status: 503 }));
    start();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(links.at(-1)).toBe("broken");
    const tries = fetchPlace.mock.calls.length;
    expect(tries).toBeLessThan(8);
    fetchPlace.mockResolvedValue(waiting(3));
    await vi.advanceTimersByTimeAsync(40_000);
    expect(views.at(-1)?.position).toBe(3);
  });

  it("waits as long as the server asks", async () => {
    fetchPlace.mockRejectedValueOnce(new ApiError({ status: 429 }, 20_000));
    fetchPlace.mockResolvedValue(waiting(1));
    start();
    await vi.advanceTimersByTimeAsync(18_000);
    expect(fetchPlace).toHaveBeenCalledTimes(1);
  });

  it("ends when the place is not known", async () => {
    fetchPlace.mockRejectedValue(new ApiError({ status: 401, code: "place_invalid" }));
    start();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(ended).toEqual(["invalid"]);
    expect(fetchPlace).toHaveBeenCalledTimes(1);
  });
});
