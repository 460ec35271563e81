// A cancellation policy while somebody writes it: numbers are text until they are sent.
import type { CancellationStep } from "../api/types";

export const CONDITIONS = ["within_days", "days_before", "minutes_before"] as const;
export type Condition = (typeof CONDITIONS)[number];
export type Draft = Record<Condition | "fee_percent", string>;

export const STEPS_MAX = 20;
const MAX: Record<keyof Draft, number> = { within_days: 1000, days_before: 1000, minutes_before: 1_440_000, fee_percent: 100 };
export const maxOf = (field: keyof Draft) => MAX[field];

export const emptyDraft: Draft = { within_days: "", days_before: "", minutes_before: "", fee_percent: "0" };

const text = (value: number | undefined) => (value === undefined ? "" : String(value));
export const draftOf = (step: CancellationStep): Draft => ({
  within_days: text(step.within_days),
  days_before: text(step.days_before),
  minutes_before: text(step.minutes_before),
  fee_percent: text(step.fee_percent),
});

const valid = (field: keyof Draft, value: string) =>
  /^\d+$/.test(value) ? Number(value) <= MAX[field] : value === "" && field !== "fee_percent";

// What can be sent; undefined while a number is none, or too large.
export function stepsOf(drafts: Draft[]): CancellationStep[] | undefined {
  const fields = ["within_days", "days_before", "minutes_before", "fee_percent"] as const;
  if (!drafts.every((draft) => fields.every((field) => valid(field, draft[field])))) return undefined;
  return drafts.map((draft) => ({
    fee_percent: Number(draft.fee_percent),
    ...Object.fromEntries(
      CONDITIONS.filter((field) => draft[field] !== "").map((field) => [field, Number(draft[field])]),
    ),
  }));
}

export const wrong = (field: keyof Draft, draft: Draft) => !valid(field, draft[field]);

export function moved<T>(list: T[], from: number, by: -1 | 1): T[] {
  const to = from + by;
  const one = list[from];
  if (one === undefined || to < 0 || to >= list.length) return list;
  const rest = list.filter((_, at) => at !== from);
  return [...rest.slice(0, to), one, ...rest.slice(to)];
}
