// The guided sequence of a lottery (docs/lottery.md): which step is done, which is next.
import type { AdminRoom, Lottery, LotteryEvidence } from "../api/types";

export const STEPS = ["close", "enable", "commit", "gather", "fix", "draw", "serve"] as const;
export type Step = (typeof STEPS)[number];
export type StepState = "done" | "now" | "later";

type Line = Pick<AdminRoom, "mode" | "lottery" | "waiting">;

const pool = (mode: AdminRoom["mode"]) => mode === "closed" || mode === "prequeue";

function done(step: Step, room: Line, state: Lottery["state"]): boolean {
  const at = room.lottery ? ["none", "committed", "closed", "drawn"].indexOf(state) : 0;
  switch (step) {
    case "close":
      return room.lottery || pool(room.mode);
    case "enable":
      return room.lottery;
    case "commit":
      return at >= 1;
    case "gather":
      return at >= 2 || (at === 1 && room.mode === "prequeue");
    case "fix":
      return at >= 2;
    case "draw":
      return at >= 3;
    case "serve":
      return at >= 3 && !pool(room.mode);
  }
}

export function stepStates(room: Line, state: Lottery["state"]): Record<Step, StepState> {
  const finished = STEPS.map((step) => done(step, room, state));
  const next = finished.indexOf(false);
  return Object.fromEntries(
    STEPS.map((step, i): [Step, StepState] => [step, i === next ? "now" : finished[i] ? "done" : "later"]),
  ) as Record<Step, StepState>;
}

// The chain that the server takes unless told otherwise.
export const QUICKNET = { genesis: 1_692_803_367, period: 3 };

// The first round that is due at `unixSeconds` or later.
export const roundAt = (unixSeconds: number, { genesis, period } = QUICKNET) =>
  Math.max(1, Math.ceil((unixSeconds - genesis) / period) + 1);

const HEX_64 = /^[0-9a-f]{64}$/i;

// One commitment or value a line; undefined when a line is neither.
export function digests(text: string): string[] | undefined {
  const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
  return lines.length > 0 && lines.every((line) => HEX_64.test(line)) ? lines : undefined;
}

// What each party revealed, a line for each in order; an empty line or "-" for who did not.
export function revealsOf(text: string): LotteryEvidence | undefined {
  const lines = text.trimEnd().split("\n").map((line) => line.trim());
  const reveals = lines.flatMap((value, i) =>
    value === "" || value === "-" ? [] : [{ party: i + 1, value }],
  );
  return reveals.length > 0 && reveals.every(({ value }) => HEX_64.test(value)) ? { reveals } : undefined;
}

// A round as a relay gives it.
export function roundOf(text: string): LotteryEvidence | undefined {
  try {
    const { round, signature } = JSON.parse(text) as { round?: unknown; signature?: unknown };
    if (!Number.isSafeInteger(round) || typeof signature !== "string") return undefined;
    return { round: round as number, signature };
  } catch {
    return undefined;
  }
}
