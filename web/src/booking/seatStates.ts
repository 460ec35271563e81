// Who has which seat, as the server says. A plain store: a live change of one seat must not
// re-render a map of hundreds.
import type { Availability, SeatChanges, SeatState } from "../api/types";

function pictureOf(event: SeatChanges): Picture {
  const unavailable: Availability["unavailable"] = {};
  for (const [seat, state] of Object.entries(event.changes)) {
    if (state !== "free") unavailable[seat] = state;
  }
  return { version: event.version, unavailable };
}

// What replace() and apply() need of an answer.
type Picture = Pick<Availability, "version" | "unavailable">;

type Listener = (changed: string[] | "all") => void;
const REMEMBER_MS = 5000;

export class SeatStates {
  private states = new Map<string, SeatState>();
  private recent: { at: number; event: SeatChanges }[] = [];
  private listeners = new Set<Listener>();
  private _version = -1;

  get version() {
    return this._version;
  }

  get known() {
    return this._version >= 0;
  }

  of(seat: string): SeatState {
    return this.states.get(seat) ?? "free";
  }

  takenCount(seats: Iterable<string>) {
    let taken = 0;
    for (const seat of seats) if (this.of(seat) !== "free") taken += 1;
    return taken;
  }

  subscribe = (listener: Listener) => {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  };

  // A whole picture. Events that are newer than it are applied again.
  replace(availability: Picture, now: number) {
    this.states = new Map(Object.entries(availability.unavailable));
    this._version = availability.version;
    this.recent = this.recent.filter((each) => now - each.at < REMEMBER_MS);
    for (const { event } of this.recent) {
      if (event.version > availability.version) this.put(event);
    }
    this.tell("all");
  }

  // True when nothing was missed since the last picture or event.
  apply(event: SeatChanges, now: number): boolean {
    if (event.from_version === 0 && event.version >= this._version) {
      this.replace(pictureOf(event), now);
      return true;
    }
    if (event.version <= this._version) return true;
    const complete = this.known && (event.from_version ?? event.version - 1) <= this._version;
    this.recent.push({ at: now, event });
    this.put(event);
    this.tell(Object.keys(event.changes));
    return complete;
  }

  private put(event: SeatChanges) {
    for (const [seat, state] of Object.entries(event.changes)) {
      if (state === "free") this.states.delete(seat);
      else this.states.set(seat, state);
    }
    this._version = Math.max(this._version, event.version);
  }

  private tell(changed: string[] | "all") {
    for (const listener of this.listeners) listener(changed);
  }
}
