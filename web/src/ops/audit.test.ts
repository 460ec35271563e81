import { expect, it } from "vitest";
import { auditRows, changesOf } from "./audit";

it("pairs what was with what became", () => {
  expect(changesOf({ before: '{"capacity":"1"}', after: '{"capacity":"2","message":"hi"}' })).toEqual([
    { field: "capacity", before: "1", after: "2" },
    { field: "message", before: "", after: "hi" },
  ]);
});

it("leaves out what stayed", () => {
  expect(changesOf({ before: '{"state":"failed","reason":""}', after: '{"state":"done","reason":""}' })).toEqual([
    { field: "state", before: "failed", after: "done" },
  ]);
});

it("shows what it cannot read as it is", () => {
  expect(changesOf({ before: "none", after: "committed" })).toEqual([{ field: "", before: "none", after: "committed" }]);
  expect(changesOf({ before: "", after: "" })).toEqual([]);
});

it("has a row for every change", () => {
  const entry = { id: "aud_1", at: "2026", who: "acc_1", name: "Ann", email: "ann@onsale.test", action: "room.configured", subject: "film",
    before: '{"a":"1","b":"2"}', after: '{"a":"3","b":"4"}' };
  expect(auditRows([entry])).toHaveLength(3);
  expect(auditRows([entry])[2]).toEqual(["2026", "acc_1", "Ann", "ann@onsale.test", "room.configured", "film", "b", "2", "4"]);
});
