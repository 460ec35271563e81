import { useCallback, useEffect, useRef, useState } from "react";
import { subscribe } from "../api/live";
import type { SeatChanges } from "../api/types";
import { fetchAvailability } from "./queries";
import { SeatStates } from "./seatStates";

const POLL_MS = 3000;
const LIVE_POLL_MS = 30_000;
const REFETCH_GAP_MS = 1500;

// The seats of one performance, live: events where they come, a picture every three seconds where
// they do not, and a new picture whenever an event was missed.
export function useSeatStates(performance: string, enabled: boolean) {
  const [states, setStates] = useState(() => new SeatStates());
  const [error, setError] = useState<unknown>();
  const [known, setKnown] = useState(false);
  const [live, setLive] = useState(false);
  const [seatsMax, setSeatsMax] = useState<number>(); // of one account
  const refetch = useRef<() => Promise<void>>(async () => {});

  useEffect(() => {
    if (!enabled) return undefined;
    const store = new SeatStates();
    setStates(store);
    setKnown(false);
    let stopped = false;
    let linked = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let fetchedAt = 0;
    let running: Promise<void> | undefined;
    const abort = new AbortController();

    const schedule = (ms: number) => {
      clearTimeout(timer);
      if (!stopped) timer = setTimeout(() => void load(), ms);
    };
    const fetchNow = async () => {
      fetchedAt = Date.now();
      try {
        const availability = await fetchAvailability(performance, abort.signal);
        if (stopped) return;
        store.replace(availability, Date.now());
        setKnown(true);
        setSeatsMax(availability.seats_per_account);
        setError(undefined);
      } catch (cause) {
        if (!stopped) setError(cause);
      } finally {
        running = undefined;
        schedule((linked ? LIVE_POLL_MS : POLL_MS) * (0.9 + Math.random() * 0.2));
      }
    };
    const load = () => (running ??= fetchNow());
    const missed = () => {
      const wait = Math.max(0, fetchedAt + REFETCH_GAP_MS - Date.now());
      schedule(wait + Math.random() * 400);
    };
    const unsubscribe = subscribe(
      `/topic/performances/${performance}/seats`,
      (body) => {
        const complete = store.apply(body as SeatChanges, Date.now());
        if (store.known) setKnown(true);
        if (!complete) missed();
      },
      {
        onLink: (up) => {
          linked = up;
          setLive(up);
          missed(); // whatever happened while the link was down
        },
      },
    );
    const wake = () => document.visibilityState === "visible" && schedule(0);
    document.addEventListener("visibilitychange", wake);
    refetch.current = async () => {
      await running;
      await load();
    };
    void load();
    return () => {
      stopped = true;
      clearTimeout(timer);
      abort.abort();
      unsubscribe();
      document.removeEventListener("visibilitychange", wake);
    };
  }, [performance, enabled]);

  const refresh = useCallback(() => refetch.current(), []);
  return { states, known, error, live, seatsMax, refresh };
}
