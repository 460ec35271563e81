import { local, session, storedJson } from "../app/storage";
import type { PlaceView } from "../api/types";

// What this tab knows of its place in each room. The token also goes to local, so that a
// closed tab or a crashed browser finds the same place again.
export type StoredPlace = {
  room: string;
  performance?: string;
  state: PlaceView["state"];
  place?: string;
  pass?: string;
  passExpiresAt?: string;
  firstPosition?: number;
};

const key = (room: string) => `onsale.place.${room}`;
const CURRENT = "onsale.place_current";

const listeners = new Set<() => void>();
const tell = () => {
  for (const listener of listeners) listener();
};
// Calls back whenever a place was written or forgotten here.
export function onPlaces(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function readPlace(room: string): StoredPlace | undefined {
  const stored = storedJson<StoredPlace>(session, key(room));
  if (stored) return stored;
  const place = local.getItem(key(room));
  return place ? { room, place, state: "waiting" } : undefined;
}

export function writePlace(place: StoredPlace) {
  session.setItem(key(place.room), JSON.stringify(place));
  if (place.place) local.setItem(key(place.room), place.place);
  if (place.state === "admitted") session.setItem(CURRENT, place.room);
  tell();
}

export function forgetPlace(room: string) {
  session.removeItem(key(room));
  local.removeItem(key(room));
  if (session.getItem(CURRENT) === room) session.removeItem(CURRENT);
  tell();
}

// The room whose seats this tab is choosing, if any.
export function admittedPlace(): StoredPlace | undefined {
  const room = session.getItem(CURRENT);
  const place = room ? readPlace(room) : undefined;
  return place?.state === "admitted" ? place : undefined;
}

export const hasAdmittedPlace = () => admittedPlace() !== undefined;

// A turn that was over before its person was, for whoever shows it.
export type PlaceEnd = { room: string; performance: string | undefined };
let ended: PlaceEnd | undefined;
export const placeEnd = () => ended;
export function tellPlaceEnd(end: PlaceEnd | undefined) {
  ended = end;
  tell();
}

// What a new view of a place changes. A position never goes up: a late message is not news.
export function mergeView(
  stored: StoredPlace,
  view: PlaceView,
): { stored: StoredPlace; view: PlaceView } {
  return {
    view,
    stored: {
      ...stored,
      state: view.state,
      place: view.place ?? stored.place,
      pass: view.pass ?? (view.state === "admitted" ? stored.pass : undefined),
      passExpiresAt: view.pass_expires_at ?? stored.passExpiresAt,
      firstPosition: stored.firstPosition ?? view.position,
    },
  };
}
