import { useEffect } from "react";
import { serverNow } from "../api/clock";
import { tellWhenClosed } from "./closing";
import { fetchPlace } from "./queries";
import { startPlaceFeed } from "./placeFeed";
import { admittedPlace, forgetPlace, mergeView, readPlace, tellPlaceEnd, writePlace } from "./placeStore";

// Keeps the slot of an admitted buyer wherever in the shop they are: the subscription is the
// sign of life that renews its lease, and a pass near its end is exchanged for a new one.
const RENEW_BEFORE_MS = 60_000;
const LOOK_EVERY_MS = 15_000;

export default function PlaceKeeper() {
  const current = admittedPlace();
  const room = current?.room;
  const token = current?.place;
  useEffect(() => {
    if (!room) return undefined;
    tellPlaceEnd(undefined);
    const end = () => {
      const performance = readPlace(room)?.performance;
      forgetPlace(room);
      tellPlaceEnd({ room, performance });
    };
    const stopFeed = startPlaceFeed({
      room,
      place: token,
      onView: (view) => {
        const stored = readPlace(room) ?? { room, state: view.state };
        if (view.state === "expired" || view.state === "left") {
          stopFeed();
          end();
          return;
        }
        writePlace(mergeView(stored, view).stored);
        if (view.state === "completed") stopFeed();
      },
      onEnd: end,
    });
    const renew = setInterval(() => {
      const stored = readPlace(room);
      if (!stored?.passExpiresAt || stored.state !== "admitted") return;
      if (Date.parse(stored.passExpiresAt) - serverNow() > RENEW_BEFORE_MS) return;
      fetchPlace(room, stored.place).then(
        (view) => writePlace(mergeView(stored, view).stored),
        () => undefined, // the feed reports what is wrong
      );
    }, LOOK_EVERY_MS);
    const stopTelling = tellWhenClosed(room, () => {
      const stored = readPlace(room);
      return stored?.state === "admitted" ? stored.place : undefined;
    });
    return () => {
      clearInterval(renew);
      stopTelling();
      stopFeed();
    };
  }, [room, token]);
  return null;
}
