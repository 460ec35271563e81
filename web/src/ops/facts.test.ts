import { describe, expect, it } from "vitest";
import { everySeconds, factsOf, KEEP, numberRows, perMinute, remember, type Sample } from "./facts";

const TEXT = `# TYPE waitroom_waiting gauge
waitroom_waiting{room="film"} 12
waitroom_waiting{room="film-2"} 99
waitroom_active{room="film"} 3
waitroom_capacity{room="film"} 4
waitroom_admitted_last_minute{room="film"} 7
waitroom_left_total{room="film"} 2
waitroom_ghosts_total{room="film"} 5
waitroom_no_shows_total{room="film"} 1
waitroom_missed_turns_total{room="film"} 4
waitroom_slot_use{room="film"} 0.75
waitroom_drop_out_seconds_bucket{room="film",le="10"} 1
waitroom_oldest_wait_seconds{room="film"} 41
waitroom_eta_checked{room="film"} 0
`;

const facts = factsOf(TEXT, "film")!;
const sample = (at: number, dropped: number): Sample => ({ ...facts, at, dropped, noShows: 0, rate: 60 });

describe("the numbers of a room", () => {
  it("are read from /metrics by their room alone", () => {
    expect(facts).toMatchObject({ waiting: 12, active: 3, admitted: 7, dropped: 7, noShows: 5, slotUse: 0.75 });
    expect(factsOf(TEXT, "film-2")?.waiting).toBe(99);
    expect(factsOf(TEXT, "fil")).toBeUndefined();
  });

  it("say nothing of estimates that were never checked", () => {
    expect(facts.p80).toBeUndefined();
    expect(factsOf(`${TEXT}waitroom_eta_p80_covered{room="film"} 0.81\n`, "film")?.p80).toBe(0.81);
  });

  it("count a minute back, and survive a restart of the server", () => {
    const past = [sample(0, 10), sample(30, 12), sample(60, 15), sample(61, 15), sample(100, 16), sample(102, 1)];
    expect(perMinute(past, "dropped")).toEqual([0, 2, 5, 3, 1, 2]);
  });

  it("keep only the newest samples", () => {
    const past = Array.from({ length: KEEP + 5 }, (_, i) => sample(i, 0)).reduce(remember, [] as Sample[]);
    expect(past).toHaveLength(KEEP);
    expect(past[0]!.at).toBe(5);
  });

  it("are picked for a table from the newest back", () => {
    expect(everySeconds([0, 2, 4, 6, 8, 10], 4, 3)).toEqual([5, 3, 1]);
    expect(everySeconds([], 4, 3)).toEqual([]);
  });

  it("become rows as wide as their header", () => {
    const rows = numberRows([sample(0, 1), sample(2, 3)]);
    expect(new Set(rows.map((row) => row.length)).size).toBe(1);
    expect(rows[2]).toContain("1970-01-01T00:00:02.000Z");
    expect(rows[2]![rows[0]!.indexOf("dropped_out_last_minute")]).toBe(2);
  });
});
