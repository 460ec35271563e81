// Keeps one place's view fresh. Polling is the ground: it always runs and its calls are signs of
// life. STOMP, or server-sent events where STOMP does not come up, push changes in between and make
// the polls rare; when they fall silent the polls become frequent again by themselves.
import { ApiError } from "../api/client";
import { subscribe } from "../api/live";
import type { PlaceView } from "../api/types";
import { fetchPlace, placeEventsUrl } from "./queries";

export type FeedLink = "live" | "polling" | "broken";
export type FeedEnd = "invalid";

const FIRST_PUSH_WITHIN_MS = 5000;
const LIVE_POLL_MS = 20_000;
const MIN_POLL_MS = 1000;
const DEFAULT_POLL_MS = 3000;

type Options = {
  room: string;
  place: string | undefined;
  onView: (view: PlaceView) => void;
  onLink?: (link: FeedLink) => void;
  onEnd?: (end: FeedEnd) => void;
};

const isView = (body: unknown): body is PlaceView =>
  typeof body === "object" && body !== null && "state" in body;

export function startPlaceFeed(options: Options): () => void {
  let place = options.place;
  let stopped = false;
  let stompUp = false;
  let events: EventSource | undefined;
  let eventsUp = false;
  let pollAfterMs = DEFAULT_POLL_MS;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const abort = new AbortController();

  const pushed = () => stompUp || eventsUp;
  const report = () => options.onLink?.(failures > 1 ? "broken" : pushed() ? "live" : "polling");

  const accept = (view: PlaceView) => {
    if (stopped) return;
    if (view.place) place = view.place;
    if (view.poll_after_ms) pollAfterMs = Math.max(MIN_POLL_MS, view.poll_after_ms);
    failures = 0;
    report();
    schedule();
    options.onView(view);
  };

  const schedule = (askedMs?: number) => {
    clearTimeout(timer);
    if (stopped) return;
    const calm = pushed() ? Math.max(LIVE_POLL_MS, pollAfterMs) : pollAfterMs;
    const backoff = failures === 0 ? calm : Math.min(pollAfterMs * 2 ** failures, 30_000);
    timer = setTimeout(() => void poll(), askedMs ?? backoff * (0.9 + Math.random() * 0.2));
  };

  const poll = async () => {
    try {
      const view = await fetchPlace(options.room, place, abort.signal);
      accept(view);
    } catch (error) {
      if (stopped) return;
      if (error instanceof ApiError && (error.status === 401 || error.status === 404)) {
        stop();
        options.onEnd?.("invalid");
        return;
      }
      failures += 1;
      report();
      schedule(error instanceof ApiError ? error.retryAfterMs : undefined);
    }
  };

  const wake = () => {
    if (document.visibilityState === "visible" && navigator.onLine) schedule(0);
  };

  const unsubscribe = subscribe(
    "/user/queue/place",
    (body) => {
      if (!isView(body)) return;
      stompUp = true;
      closeEvents();
      accept(body);
    },
    {
      headers: place ? { place } : {},
      onLink: (up) => {
        if (up) return; // the first message proves it
        stompUp = false;
        report();
        schedule();
      },
    },
  );

  const closeEvents = () => {
    events?.close();
    events = undefined;
    eventsUp = false;
  };

  const openEvents = () => {
    if (stopped || stompUp || typeof EventSource === "undefined") return;
    events = new EventSource(placeEventsUrl(options.room));
    events.addEventListener("place", (event) => {
      const body: unknown = JSON.parse((event as MessageEvent<string>).data);
      if (!isView(body)) return;
      eventsUp = true;
      accept(body);
    });
    events.onerror = () => {
      eventsUp = false;
      report();
      schedule();
    };
  };

  // Left, and perhaps kept by the browser to go back to (see api/live.ts).
  const hide = () => {
    clearTimeout(timer);
    clearTimeout(eventsTimer);
    closeEvents();
  };
  const show = (event: PageTransitionEvent) => {
    if (!event.persisted) return;
    eventsTimer = setTimeout(openEvents, FIRST_PUSH_WITHIN_MS);
    schedule(0);
  };

  const stop = () => {
    if (stopped) return;
    stopped = true;
    hide();
    unsubscribe();
    abort.abort();
    document.removeEventListener("visibilitychange", wake);
    window.removeEventListener("online", wake);
    window.removeEventListener("pagehide", hide);
    window.removeEventListener("pageshow", show);
  };

  let eventsTimer = setTimeout(openEvents, FIRST_PUSH_WITHIN_MS);
  document.addEventListener("visibilitychange", wake);
  window.addEventListener("online", wake);
  window.addEventListener("pagehide", hide);
  window.addEventListener("pageshow", show);
  schedule();
  return stop;
}
