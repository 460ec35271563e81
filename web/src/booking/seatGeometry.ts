// Pure arithmetic over a seat map: nothing here knows React or the DOM.
import type { Seat, SeatMapData, Section } from "../api/types";

export type Box = { x: number; y: number; width: number; height: number };
export type PlacedSeat = Seat & { row: string; section: string; sectionName: string };
export type Direction = "left" | "right" | "up" | "down" | "start" | "end";

// Halls up to this size are drawn whole; larger ones section by section.
export const WHOLE_HALL_SEATS_MAX = 1200;
const PITCH_ROWS_MAX = 60;
const STRAIGHT_ROW_GAP = 1.25;

export function seatsOf(section: Section): PlacedSeat[] {
  return section.rows.flatMap((row) =>
    row.seats.map((seat) => ({
      ...seat,
      row: row.label,
      section: section.id,
      sectionName: section.name,
    })),
  );
}

// A section of a stadium by itself: rows from front to back, seats side by side, an aisle where
// they are not neighbours. Where the section stands in the stadium is the overview's business.
export function straightSeats(section: Section): PlacedSeat[] {
  const widths = section.rows.map((row) => offsets(row.seats).at(-1) ?? 0);
  const widest = Math.max(0, ...widths);
  return section.rows.flatMap((row, at) => {
    const xs = offsets(row.seats);
    const shift = (widest - (widths[at] ?? 0)) / 2;
    return row.seats.map((seat, index) => ({
      ...seat,
      x: shift + (xs[index] ?? 0),
      y: at * STRAIGHT_ROW_GAP,
      row: row.label,
      section: section.id,
      sectionName: section.name,
    }));
  });
}

function offsets(seats: Seat[]): number[] {
  let x = -1;
  return seats.map((seat, index) => {
    // Neighbours have adjacency numbers that differ by one; a greater step is an aisle.
    const before = seats[index - 1]?.adjacency;
    const apart =
      typeof seat.adjacency === "number" && typeof before === "number" &&
      Math.abs(seat.adjacency - before) > 1;
    x += apart ? 1.8 : 1;
    return x;
  });
}

export const allSeats = (map: SeatMapData) => map.sections.flatMap(seatsOf);

export function countSeats(section: Section) {
  return section.rows.reduce((sum, row) => sum + row.seats.length, 0);
}

// The room a seat has: close to the smallest distance between neighbours, in a row or across rows.
export function pitchOf(rows: { seats: Seat[] }[]): number {
  const gaps: number[] = [];
  const sample = rows.slice(0, PITCH_ROWS_MAX);
  sample.forEach((row, at) => {
    const ordered = [...row.seats].sort((a, b) => a.x - b.x);
    for (let index = 1; index < ordered.length; index += 1) {
      const [left, right] = [ordered[index - 1], ordered[index]];
      if (left && right) gaps.push(Math.hypot(right.x - left.x, right.y - left.y));
    }
    const next = sample[at + 1]?.seats ?? [];
    const middle = row.seats[Math.floor(row.seats.length / 2)];
    if (!middle || next.length === 0) return;
    gaps.push(Math.min(...next.map((seat) => Math.hypot(seat.x - middle.x, seat.y - middle.y))));
  });
  gaps.sort((a, b) => a - b);
  const small = gaps[Math.floor(gaps.length / 20)];
  return small && small > 0 ? small : 1;
}

export function boundsOf(points: { x: number; y: number }[], margin: number): Box {
  if (points.length === 0) return { x: 0, y: 0, width: 1, height: 1 };
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y } of points) {
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return {
    x: left - margin,
    y: top - margin,
    width: right - left + 2 * margin,
    height: bottom - top + 2 * margin,
  };
}

// Where the stage stands, when the map says so.
export function stageBox({ x, y, width, height }: SeatMapData["stage"]): Box | undefined {
  return width > 0 && height > 0 ? { x, y, width, height } : undefined;
}

// Where a row's letter stands: one seat's room before its first seat, in the line of the row, which may
// be bent.
export function rowLabelAt(seats: { x: number; y: number }[], pitch: number) {
  const [first, second] = [...seats].sort((a, b) => a.x - b.x);
  if (!first) return { x: 0, y: 0 };
  const [dx, dy] = second ? [first.x - second.x, first.y - second.y] : [-1, 0];
  const length = Math.hypot(dx, dy) || 1;
  return { x: first.x + (dx / length) * pitch, y: first.y + (dy / length) * pitch };
}

// Andrew's monotone chain; corners in order.
export function hullOf(points: { x: number; y: number }[]): { x: number; y: number }[] {
  const sorted = [...points].sort((a, b) => a.x - b.x || a.y - b.y);
  if (sorted.length < 3) return sorted;
  const half = (list: { x: number; y: number }[]) => {
    const chain: { x: number; y: number }[] = [];
    for (const point of list) {
      for (;;) {
        const [a, b] = [chain.at(-2), chain.at(-1)];
        if (!a || !b) break;
        if ((b.x - a.x) * (point.y - a.y) - (b.y - a.y) * (point.x - a.x) > 0) break;
        chain.pop();
      }
      chain.push(point);
    }
    return chain.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.reverse())];
}

// Which seat an arrow key goes to. Left and right stay in the row; up and down take the nearest
// seat of the next row that lies in that direction on the screen.
export function neighbour(
  seats: PlacedSeat[],
  from: PlacedSeat,
  direction: Direction,
): PlacedSeat | undefined {
  const sameRow = (seat: PlacedSeat) => seat.section === from.section && seat.row === from.row;
  if (direction === "up" || direction === "down") {
    const sign = direction === "down" ? 1 : -1;
    let best: PlacedSeat | undefined;
    let bestCost = Infinity;
    for (const seat of seats) {
      const dy = (seat.y - from.y) * sign;
      if (sameRow(seat) || dy <= 0) continue;
      const cost = dy * 2 + Math.abs(seat.x - from.x);
      if (cost < bestCost) [best, bestCost] = [seat, cost];
    }
    return best;
  }
  const row = seats.filter(sameRow).sort((a, b) => a.x - b.x);
  if (direction === "start") return row[0];
  if (direction === "end") return row.at(-1);
  const index = row.findIndex((seat) => seat.id === from.id);
  return row[index + (direction === "right" ? 1 : -1)];
}

// The seat under a fingertip that missed.
export function nearestSeat(
  seats: PlacedSeat[],
  point: { x: number; y: number },
  within: number,
): PlacedSeat | undefined {
  let best: PlacedSeat | undefined;
  let bestDistance = within;
  for (const seat of seats) {
    const distance = Math.hypot(seat.x - point.x, seat.y - point.y);
    if (distance <= bestDistance) [best, bestDistance] = [seat, distance];
  }
  return best;
}

// Grade colours go by price, dearest first; there are four.
export function gradeOrder(grades: { grade: string; price: number }[]): Map<string, number> {
  const sorted = [...grades].sort((a, b) => b.price - a.price);
  return new Map(sorted.map((each, index) => [each.grade, Math.min(index, 3)]));
}

// The number people say for a seat: "12" of "A-12".
export function seatNumber(seat: { id: string; label?: string }) {
  const label = seat.label ?? seat.id;
  return label.split("-").at(-1) ?? label;
}
