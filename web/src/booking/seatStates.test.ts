import { describe, expect, it, vi } from "vitest";
import { SeatStates } from "./seatStates";

const at = 1000;
const picture = (version: number, unavailable = {}) => ({ version, seats_available: 0, unavailable });

describe("the live seats", () => {
  it("take a picture, then events in order", () => {
    const seats = new SeatStates();
    seats.replace(picture(4, { "A-1": "sold" }), at);
    expect(seats.apply({ from_version: 4, version: 6, changes: { "A-2": "held" } }, at)).toBe(true);
    expect(seats.apply({ from_version: 6, version: 7, changes: { "A-2": "free", "A-3": "sold" } }, at)).toBe(true);
    expect([seats.of("A-1"), seats.of("A-2"), seats.of("A-3")]).toEqual(["sold", "free", "sold"]);
    expect(seats.version).toBe(7);
  });

  it("say so when an event was missed, and still show the one that came", () => {
    const seats = new SeatStates();
    seats.replace(picture(4), at);
    expect(seats.apply({ from_version: 6, version: 7, changes: { "A-2": "held" } }, at)).toBe(false);
    expect(seats.of("A-2")).toBe("held");
  });

  it("ignore what is older than what they know", () => {
    const seats = new SeatStates();
    seats.replace(picture(9, { "A-1": "sold" }), at);
    expect(seats.apply({ version: 8, changes: { "A-1": "free" } }, at)).toBe(true);
    expect(seats.of("A-1")).toBe("sold");
  });

  it("apply newer events again after a picture that is up to a second old", () => {
    const seats = new SeatStates();
    seats.replace(picture(4), at);
    seats.apply({ version: 5, changes: { "A-7": "sold" } }, at);
    seats.replace(picture(4), at + 100);
    expect(seats.of("A-7")).toBe("sold");
    expect(seats.version).toBe(5);
  });

  it("take an event from version 0 as the whole picture", () => {
    const seats = new SeatStates();
    seats.replace(picture(4, { "A-1": "held" }), at);
    expect(seats.apply({ from_version: 0, version: 8, changes: { "B-1": "sold" } }, at)).toBe(true);
    expect([seats.of("A-1"), seats.of("B-1")]).toEqual(["free", "sold"]);
  });

  it("tell listeners only which seats changed", () => {
    const seats = new SeatStates();
    seats.replace(picture(1), at);
    const heard = vi.fn();
    seats.subscribe(heard);
    seats.apply({ version: 2, changes: { "A-1": "held" } }, at);
    expect(heard).toHaveBeenCalledExactlyOnceWith(["A-1"]);
  });
});
