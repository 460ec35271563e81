import { describe, expect, it } from "vitest";
import type { AdminRoom, Room } from "../api/types";
import { danger, ifSeen, inOrder, plannedDanger, planFault, settingsChanged, settingsTold, wasProposed } from "./changes";

describe("dangerous changes", () => {
  const line = { mode: "queue" as const, waiting: 3, active: 2, capacity: 5, admit_per_minute: 60 };
  const empty = { ...line, waiting: 0 };
  it("ask before people notice", () => {
    for (const mode of ["open", "closed", "drain", "paused", "prequeue"] as const) {
      expect(danger(line, { mode })).toBe("mode");
    }
    expect(danger(empty, { mode: "closed" })).toBe("mode");
    expect(danger(line, { capacity: 0 })).toBe("capacity");
    expect(danger(line, { admit_per_minute: 0, message: "x" })).toBe("admit_per_minute");
    expect(danger(empty, { capacity: 0 })).toBe("capacity");
  });
  it("do not ask for what nobody notices", () => {
    expect(danger(empty, { mode: "open" })).toBeUndefined();
    expect(danger(empty, { mode: "paused" })).toBeUndefined();
    expect(danger({ ...line, mode: "closed" }, { mode: "closed" })).toBeUndefined();
    expect(danger({ ...line, mode: "closed" }, { mode: "prequeue" })).toBeUndefined();
    expect(danger({ ...line, mode: "paused" }, { capacity: 0 })).toBeUndefined();
    expect(danger({ ...line, capacity: 0 }, { capacity: 0 })).toBeUndefined();
    expect(danger(line, { capacity: 1, admit_per_minute: 1, lottery: true })).toBeUndefined();
  });
});

describe("a plan", () => {
  const line = { mode: "queue" as const, waiting: 0, active: 0, capacity: 5, admit_per_minute: 60 };
  const at = (hour: number, entry: object) => ({ at: `2099-01-01T${hour}:00:00Z`, ...entry });
  const ask = (plan: { at: string }[], saved: { at: string }[] = [], now: object = {}) =>
    plannedDanger({ ...line, ...now }, plan, saved);
  it("asks for everything that asks at once, with whoever is there then", () => {
    for (const mode of ["open", "closed", "drain", "paused", "prequeue"]) {
      expect(ask([at(20, { mode })])?.why).toBe("mode");
    }
    expect(ask([at(20, { capacity: 0 })])?.why).toBe("capacity");
    expect(ask([at(20, { admit_per_minute: 0 })])?.why).toBe("admit_per_minute");
    expect(ask([at(20, { capacity: 1 }), at(21, { message: "soon" })])).toBeUndefined();
  });
  it("is judged by what it makes of the room before", () => {
    const night = [at(23, { mode: "closed" }), at(20, { mode: "queue" }), at(19, { capacity: 0 })];
    expect(ask(night, [], { mode: "closed" })?.entry).toBe(night[0]);
    expect(ask(night.slice(1), [], { mode: "closed" })).toBeUndefined();
    expect(ask([at(19, { mode: "queue" }), at(20, { capacity: 0 })], [], { mode: "prequeue" })?.why).toBe("capacity");
  });
  it("is asked about once", () => {
    const stop = at(20, { mode: "paused" });
    expect(ask([stop, at(21, { mode: "queue" })], [stop])).toBeUndefined();
    expect(ask([{ ...stop, at: "2099-01-01T22:00:00Z" }], [stop])?.why).toBe("mode");
  });
});

it("knows a proposal by the answer", () => {
  const pending = { id: "apr_1", by: "acc_1", at: "", expires_at: "", changes: [{ field: "mode", before: "queue", after: "closed" }] };
  expect(wasProposed({ mode: "closed" }, { pending })).toBe(true);
  expect(wasProposed({ capacity: 3 }, { pending })).toBe(false);
  expect(wasProposed({ mode: "closed" }, {})).toBe(false);
});

describe("a plan", () => {
  const early = { at: "2026-11-21T10:00:00Z", mode: "queue" as const };
  const late = { at: "2026-11-21T20:00:00+09:00", capacity: 5 };
  it("is put in the order in which it happens", () => {
    expect(inOrder([late, early])).toEqual([early, late]);
  });
  it("finds what is empty, has no time, or clashes", () => {
    expect(planFault([early, late], 0)).toBeUndefined();
    expect(planFault([{ at: early.at }], 0)).toBe("empty");
    expect(planFault([{ ...early, at: "" }], 0)).toBe("no_time");
    expect(planFault([early, { ...early, mode: "paused" }], 1)).toBe("same_time");
    expect(planFault([early, { ...late, at: early.at }], 1)).toBeUndefined();
  });
});

it("is not proposed when it was done, whatever else waits", () => {
  const pending = { id: "apr_1", by: "a", at: "", expires_at: "", changes: [{ field: "mode", before: "closed", after: "queue" }] };
  expect(wasProposed({ mode: "paused" }, { pending, mode: "paused" })).toBe(false);
  expect(wasProposed({ mode: "queue" }, { pending, mode: "closed" })).toBe(true);
});

it("names the settings that were seen, unless it only stops the room", () => {
  const room = { version: "0123456789abcdef" };
  expect(ifSeen(room, { capacity: 0 })).toEqual({ "If-Match": '"0123456789abcdef"' });
  expect(ifSeen(room, { mode: "queue" })).toHaveProperty("If-Match");
  expect(ifSeen(room, { mode: "paused" })).toEqual({});
  expect(ifSeen(room, { mode: "closed", capacity: 1 })).toHaveProperty("If-Match");
});

describe("what another operator changed", () => {
  const room = { id: "r", version: "1", waiting: 1, mode: "queue", capacity: 5, lottery: false, message: "" } as unknown as AdminRoom;
  it("is the settings, not what lives by itself", () => {
    const after = { ...room, version: "2", waiting: 9, capacity: 7, lottery: true, opens_at: "2099-01-01T00:00:00Z" };
    expect(settingsChanged(room, after)).toEqual([
      { field: "capacity", before: "5", after: "7" },
      { field: "lottery", before: "no", after: "yes" },
      { field: "opens_at", before: "", after: "2099-01-01T00:00:00Z" },
    ]);
    expect(settingsChanged(room, { capacity: 5 })).toEqual([]);
    expect(settingsChanged(room, { mode: "closed" })).toEqual([{ field: "mode", before: "queue", after: "closed" }]);
  });
  it("is told by a live message, whatever its numbers are", () => {
    const told = { id: "r", mode: "queue", capacity: 5, admit_per_minute: 60, waiting: 3 } as Room;
    expect(settingsTold({ ...told, waiting: 4 })).toBe(settingsTold(told));
    expect(settingsTold({ ...told, message: "" })).toBe(settingsTold(told));
    expect(settingsTold({ ...told, capacity: 6 })).not.toBe(settingsTold(told));
  });
});
