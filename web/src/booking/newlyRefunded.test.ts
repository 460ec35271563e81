import { expect, it } from "vitest";
import type { Reservation } from "../api/types";
import { newlyRefunded } from "./CancelDialog";

it("is what this cancel gives back, not what an earlier one did", () => {
  const refund = (id: string, amount: number) => ({ id, amount }) as Reservation["refunds"][number];
  const first = refund("a", 150000);
  const after = { refunds: [first, refund("b", 90000)] } as Reservation;
  expect(newlyRefunded([first], after)).toBe(90000);
  expect(newlyRefunded([], after)).toBe(240000);
});
