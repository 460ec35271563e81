// The recent past of a room, as charts show it: what the server remembers of the last hour, and on
// from there while the page is open.
import type { RoomHistory, RoomSample } from "../api/types";

export type Sample = {
  at: number; // Unix seconds
  waiting: number;
  active: number;
  capacity: number;
  rate: number; // allowed per minute
  admitted: number; // in the last minute
  dropped: number; // the next two are counted since the server started
  noShows: number;
  slotUse: number; // 0 to 1, or more after a smaller capacity
  oldestWait: number; // seconds
  eta: RoomSample["eta"]; // of somebody who joins now; none while nobody is let in
  waited: RoomSample["waited"]; // of who was called in the last minute
  calibration: RoomSample["calibration"]; // none before the first estimate met a real wait
};

export const sampleOf = (from: RoomSample): Sample => ({
  at: Date.parse(from.at) / 1000,
  waiting: from.waiting,
  active: from.active,
  capacity: from.capacity,
  rate: from.admit_per_minute,
  admitted: from.admitted_last_minute,
  dropped: from.left + from.ghosts,
  noShows: from.no_shows + from.missed_turns,
  slotUse: from.slot_use,
  oldestWait: from.oldest_wait_seconds,
  eta: from.eta,
  waited: from.waited,
  calibration: from.calibration,
});

export type Past = {
  since: string; // the server's start; it knows nothing of before
  kept: Sample[];
  samples: Sample[]; // the same, and as things are now
};

// What to ask for next: only what is not here yet.
export const newest = (past: Past | undefined) => {
  const last = past?.kept.at(-1);
  return last && new Date(Math.round(last.at * 1000)).toISOString();
};

export function grown(past: Past | undefined, more: RoomHistory): Past {
  const now = sampleOf(more.now);
  const last = past?.kept.at(-1)?.at ?? -Infinity;
  const fresh = more.items.map(sampleOf).filter(({ at }) => at > last);
  const kept = [...(past?.kept ?? []), ...fresh].filter(({ at }) => at >= now.at - more.kept_seconds);
  const shown = kept.at(-1)?.at === now.at ? kept : [...kept, now];
  return { since: more.since, kept, samples: shown };
}

// How much a counter grew in the minute before each sample, as far back as there are samples. A
// counter that falls was started anew.
export function perMinute(samples: Sample[], counter: "dropped" | "noShows"): number[] {
  let first = 0;
  const grew = samples.map((sample, i) => {
    const before = i > 0 ? samples[i - 1]![counter] : sample[counter];
    return sample[counter] >= before ? sample[counter] - before : sample[counter];
  });
  let sum = 0;
  return samples.map((sample, i) => {
    sum += grew[i]!;
    while (samples[first]!.at < sample.at - 60) {
      first += 1;
      sum -= grew[first]!;
    }
    return sum;
  });
}

const GAP_S = 60;

// Real waits lie where those people joined, beside what was estimated then: of the newest it is not
// known yet. Between two that are near each other the line goes on.
export function realWaits(samples: Sample[]): (number | null)[] {
  const real: (number | null)[] = samples.map(() => null);
  let i = 0;
  let before = -1;
  for (const { at, waited } of samples) {
    if (!waited) continue;
    const joined = at - waited.p50_seconds;
    if (joined < samples[0]!.at) continue;
    while (i + 1 < samples.length && samples[i + 1]!.at <= joined) i += 1;
    real[i] = waited.p50_seconds;
    if (before >= 0 && before < i && samples[i]!.at - samples[before]!.at <= GAP_S) {
      const step = (real[i]! - real[before]!) / (samples[i]!.at - samples[before]!.at);
      for (let j = before + 1; j < i; j += 1) real[j] = real[before]! + step * (samples[j]!.at - samples[before]!.at);
    }
    before = i;
  }
  return real;
}

// A few samples for a table: the newest and those a while before it, the newest first.
export function everySeconds(at: number[], apart: number, most: number): number[] {
  const picked: number[] = [];
  for (let i = at.length - 1; i >= 0 && picked.length < most; i -= 1) {
    const last = picked.at(-1);
    if (last === undefined || at[last]! - at[i]! >= apart) picked.push(i);
  }
  return picked;
}
