import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError } from "../api/client";
import type { PlaceView } from "../api/types";
import { startPlaceFeed, type FeedLink } from "./placeFeed";
import { forgetPlace, mergeView, readPlace, writePlace } from "./placeStore";
import { joinRoom } from "./queries";

export type Standing =
  | { step: "joining" }
  | { step: "refused"; error: unknown }
  | { step: "inside"; view: PlaceView; history: number[]; firstPosition: number | undefined }
  | { step: "lost" }; // the place is no longer known

const HISTORY = 60;
const over = (view: PlaceView) => ["expired", "left", "completed"].includes(view.state);

// Joins once, then follows the place until it is over. `rejoin` starts anew.
export function usePlace(room: string, performance: string | undefined) {
  const [standing, setStanding] = useState<Standing>({ step: "joining" });
  const [link, setLink] = useState<FeedLink>("polling");
  const [round, setRound] = useState(0);
  const joined = useRef<{ key: string; promise: Promise<PlaceView> }>(undefined);

  useEffect(() => {
    let live = true;
    let stopFeed = () => {};
    const key = `${room} ${round}`;
    const take = (view: PlaceView) => {
      const stored = readPlace(room) ?? { room, state: view.state };
      const merged = mergeView({ ...stored, performance: performance ?? stored.performance }, view);
      if (over(view)) forgetPlace(room);
      else writePlace(merged.stored);
      setStanding((now) => {
        const before = now.step === "inside" ? now : undefined;
        const last = before?.view.position;
        // A position never goes up; what says so is a late message.
        const position =
          view.position !== undefined && last !== undefined
            ? Math.min(view.position, last)
            : view.position;
        const history = before?.history ?? [];
        return {
          step: "inside",
          view: { ...view, position },
          firstPosition: merged.stored.firstPosition,
          history: position === undefined ? history : [...history, position].slice(-HISTORY),
        };
      });
      if (over(view)) stopFeed();
    };

    // One join per visit, also under StrictMode's double effects.
    if (joined.current?.key !== key) {
      joined.current = { key, promise: joinRoom(room, readPlace(room)?.place) };
      setStanding({ step: "joining" });
    }
    joined.current.promise.then(
      (view) => {
        if (!live) return;
        take(view);
        if (over(view) || view.state === "admitted") return;
        stopFeed = startPlaceFeed({
          room,
          place: view.place ?? readPlace(room)?.place,
          onView: (next) => live && take(next),
          onLink: (next) => live && setLink(next),
          onEnd: () => {
            forgetPlace(room);
            if (live) setStanding({ step: "lost" });
          },
        });
      },
      (error: unknown) => {
        if (!live) return;
        if (error instanceof ApiError && error.code === "place_invalid") forgetPlace(room);
        setStanding({ step: "refused", error });
      },
    );
    return () => {
      live = false;
      stopFeed();
    };
  }, [room, performance, round]);

  const rejoin = useCallback(() => {
    setStanding({ step: "joining" });
    setRound((now) => now + 1);
  }, []);
  return { standing, link, rejoin };
}
