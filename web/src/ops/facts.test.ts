import { describe, expect, it } from "vitest";
import type { RoomHistory, RoomSample } from "../api/types";
import { everySeconds, grown, newest, perMinute, realWaits, sampleOf, type Sample } from "./facts";

const time = (seconds: number) => new Date(1_800_000_000_000 + seconds * 1000).toISOString();
const START = 1_800_000_000;

const taken = (seconds: number, more: Partial<RoomSample> = {}): RoomSample => ({
  at: time(seconds), waiting: 12, active: 3, capacity: 4, admit_per_minute: 60, admitted_last_minute: 7,
  slot_use: 0.75, oldest_wait_seconds: 41, joins: 20, admissions: 8, left: 2, ghosts: 5, no_shows: 1,
  missed_turns: 4, mode: "queue", ...more,
});
const answer = (items: RoomSample[], now: RoomSample): RoomHistory => ({
  since: time(-10), every_seconds: 5, kept_seconds: 3600, items, now,
});
const sample = (at: number, dropped: number): Sample => ({ ...sampleOf(taken(0)), at, dropped, noShows: 0 });

describe("the numbers of a room", () => {
  it("begin with what the server remembers, and end with now", () => {
    const past = grown(undefined, answer([taken(5), taken(10)], taken(12)));
    expect(past.samples.map(({ at }) => at - START)).toEqual([5, 10, 12]);
    expect(past.samples[0]).toMatchObject({ dropped: 7, noShows: 5, rate: 60, admitted: 7, slotUse: 0.75 });
    expect(newest(past)).toBe(time(10));
  });

  it("go on from there without a gap and without doubles", () => {
    const first = grown(undefined, answer([taken(5.123)], taken(6)));
    expect(newest(first)).toBe(time(5.123));
    const next = grown(first, answer([taken(5.123), taken(10)], taken(11)));
    expect(next.samples.map(({ at }) => Math.round((at - START) * 1000))).toEqual([5123, 10_000, 11_000]);
  });

  it("are empty after a restart but for now", () => {
    const past = grown(undefined, answer([], taken(1)));
    expect(past.kept).toEqual([]);
    expect(past.samples).toHaveLength(1);
    expect(newest(past)).toBeUndefined();
  });

  it("reach back as far as the server's", () => {
    const first = grown(undefined, answer([taken(0), taken(3000)], taken(3001)));
    expect(grown(first, answer([taken(3600)], taken(3700))).kept.map(({ at }) => at - START)).toEqual([3000, 3600]);
  });

  it("count a minute back, and survive a restart of the server", () => {
    const past = [sample(0, 10), sample(30, 12), sample(60, 15), sample(61, 15), sample(100, 16), sample(102, 1)];
    expect(perMinute(past, "dropped")).toEqual([0, 2, 5, 3, 1, 2]);
  });

  it("show a real wait where it began", () => {
    const line = [0, 5, 10, 15, 20, 25, 30].map((at) => sample(at, 0));
    line[4]!.waited = { p50_seconds: 15, p80_seconds: 18 };
    line[6]!.waited = { p50_seconds: 11, p80_seconds: 12 };
    expect(realWaits(line)).toEqual([null, 15, 13, 11, null, null, null]);
    line[1]!.waited = { p50_seconds: 600, p80_seconds: 700 }; // joined before anybody looked
    expect(realWaits(line)[0]).toBeNull();
  });

  it("are picked for a table from the newest back", () => {
    expect(everySeconds([0, 2, 4, 6, 8, 10], 4, 3)).toEqual([5, 3, 1]);
    expect(everySeconds([], 4, 3)).toEqual([]);
  });
});
