import { describe, expect, it } from "vitest";
import { digests, revealsOf, roundAt, roundOf, stepStates, STEPS } from "./lottery";

const line = (mode: "queue" | "closed" | "prequeue", lottery: boolean) => ({ mode, lottery, waiting: 0 });
const next = (...args: Parameters<typeof stepStates>) => {
  const states = stepStates(...args);
  return STEPS.find((step) => states[step] === "now");
};

describe("the steps of a lottery", () => {
  it("follow each other", () => {
    expect(next(line("queue", false), "none")).toBe("close");
    expect(next(line("closed", false), "none")).toBe("enable");
    expect(next(line("closed", true), "none")).toBe("commit");
    expect(next(line("closed", true), "committed")).toBe("gather");
    expect(next(line("prequeue", true), "committed")).toBe("fix");
    expect(next(line("prequeue", true), "closed")).toBe("draw");
    expect(next(line("prequeue", true), "drawn")).toBe("serve");
    expect(next(line("queue", true), "drawn")).toBeUndefined();
  });
  it("begin anew when the last one is over", () => {
    expect(next(line("queue", false), "drawn")).toBe("close");
    expect(next(line("closed", false), "drawn")).toBe("enable");
  });
  it("have nothing next beside what is done before it", () => {
    const states = stepStates(line("closed", true), "committed");
    expect(STEPS.map((step) => states[step])).toEqual(["done", "done", "done", "now", "later", "later", "later"]);
  });
});

it("finds the round of a time: never one that is due before it", () => {
  const chain = { genesis: 1000, period: 3 };
  expect(roundAt(1000, chain)).toBe(1);
  expect(roundAt(1001, chain)).toBe(2);
  expect(roundAt(1003, chain)).toBe(2);
  expect(roundAt(0, chain)).toBe(1);
});

describe("what is pasted", () => {
  const hex = "ab".repeat(32);
  it("is read as commitments", () => {
    expect(digests(` ${hex}\n\n${hex}\n`)).toEqual([hex, hex]);
    expect(digests(`${hex}\nabc`)).toBeUndefined();
    expect(digests("")).toBeUndefined();
  });
  it("is read as reveals of some parties", () => {
    expect(revealsOf(`-\n${hex}\n`)).toEqual({ reveals: [{ party: 2, value: hex }] });
    expect(revealsOf("-")).toBeUndefined();
    expect(revealsOf("xyz")).toBeUndefined();
  });
  it("is read as a round of a relay", () => {
    expect(roundOf('{"round":7,"signature":"ab","randomness":"cd"}')).toEqual({ round: 7, signature: "ab" });
    expect(roundOf('{"round":"7"}')).toBeUndefined();
    expect(roundOf("round 7")).toBeUndefined();
  });
});
