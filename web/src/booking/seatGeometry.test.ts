import { describe, expect, it } from "vitest";
import { gradeOrder, hullOf, nearestSeat, neighbour, pitchOf, rowLabelAt, seatsOf, straightSeats } from "./seatGeometry";

const section = {
  id: "m",
  name: "main",
  rows: ["A", "B", "C"].map((label, row) => ({
    label,
    seats: [0, 1, 2, 3].map((n) => ({
      id: `${label}-${n + 1}`,
      label: String(n + 1),
      x: n * 10 + (n > 1 ? 10 : 0),
      y: row * 12,
      grade: "R",
      accessible: false,
      adjacency: n + (n > 1 ? 1 : 0),
    })),
  })),
};
const seats = seatsOf(section);
const seat = (id: string) => seats.find((each) => each.id === id)!;

describe("moving over the map with arrow keys", () => {
  it("stays in the row to the left and right, also over an aisle, and stops at its ends", () => {
    expect(neighbour(seats, seat("B-2"), "right")?.id).toBe("B-3");
    expect(neighbour(seats, seat("B-4"), "right")).toBeUndefined();
    expect(neighbour(seats, seat("B-3"), "start")?.id).toBe("B-1");
    expect(neighbour(seats, seat("B-3"), "end")?.id).toBe("B-4");
  });
  it("goes to the seat above or below", () => {
    expect(neighbour(seats, seat("B-3"), "up")?.id).toBe("A-3");
    expect(neighbour(seats, seat("B-3"), "down")?.id).toBe("C-3");
    expect(neighbour(seats, seat("A-1"), "up")).toBeUndefined();
  });
});

describe("the geometry of a map", () => {
  it("gives seats the room of the closest neighbours", () => {
    expect(pitchOf(section.rows)).toBe(10);
  });
  it("finds the seat that a fingertip meant, but not from far away", () => {
    expect(nearestSeat(seats, { x: 12, y: 2 }, 7)?.id).toBe("A-2");
    expect(nearestSeat(seats, { x: 100, y: 100 }, 7)).toBeUndefined();
  });
  it("straightens a section and keeps its aisle", () => {
    const row = straightSeats(section).filter((each) => each.row === "A");
    expect(row.map((each) => each.x)).toEqual([0, 1, 2.8, 3.8]);
  });
  it("puts a row's letter in the line of the row", () => {
    expect(rowLabelAt([{ x: 10, y: 0 }, { x: 0, y: 0 }], 8)).toEqual({ x: -8, y: 0 });
    expect(rowLabelAt([{ x: 0, y: 0 }, { x: 3, y: -4 }], 10)).toEqual({ x: -6, y: 8 });
    expect(rowLabelAt([{ x: 5, y: 1 }], 2)).toEqual({ x: 3, y: 1 });
  });
  it("draws the outline of a section", () => {
    expect(hullOf(seats)).toHaveLength(4);
  });
  it("orders grades by price, dearest first", () => {
    const order = gradeOrder([{ grade: "A", price: 1 }, { grade: "VIP", price: 9 }]);
    expect([...order]).toEqual([["VIP", 0], ["A", 1]]);
  });
});
