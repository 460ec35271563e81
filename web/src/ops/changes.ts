// What a change of a room means for people, before it is made.
import { ApiError } from "../api/client";
import type { AdminRoom, PlannedChange, Room, RoomChange, RoomMode } from "../api/types";
import type { AuditChange } from "./audit";

export const MODES: RoomMode[] = ["queue", "paused", "prequeue", "open", "drain", "closed"];

export type Line = Pick<AdminRoom, "mode" | "waiting" | "active" | "capacity" | "admit_per_minute">;
export type Danger = "mode" | "capacity" | "admit_per_minute";

const runs = (mode: RoomMode) => mode === "queue" || mode === "drain";

// Whether this stops, empties or lets go a line, and which member of the change does; nothing for
// what can be taken back without anybody noticing.
export function danger(line: Line, { mode, ...limits }: RoomChange): Danger | undefined {
  if (mode && mode !== line.mode) {
    if (mode === "closed" || mode === "drain") return "mode";
    if (mode === "open" && line.waiting > 0) return "mode";
    if ((mode === "paused" || mode === "prequeue") && runs(line.mode) && line.waiting > 0) return "mode";
  }
  const zeroed = (["capacity", "admit_per_minute"] as const).find(
    (limit) => limits[limit] === 0 && line[limit] > 0,
  );
  return runs(line.mode) ? zeroed : undefined;
}

export type Planned = { entry: PlannedChange; why: Danger };

// The same of a plan: the first of its entries, other than those of `saved`, that would ask if it were
// made then, with people in line. The room is as it is now and what comes before in the plan makes of it.
export function plannedDanger(line: Line, plan: PlannedChange[], saved: PlannedChange[]): Planned | undefined {
  const known = new Set(saved.map((entry) => JSON.stringify(entry)));
  let then: Line = { ...line, waiting: Math.max(line.waiting, 1) };
  for (const entry of inOrder(plan)) {
    const why = danger(then, entry);
    if (why && !known.has(JSON.stringify(entry))) return { entry, why };
    const { mode = then.mode, capacity = then.capacity, admit_per_minute = then.admit_per_minute } = entry;
    then = { ...then, mode, capacity, admit_per_minute };
  }
  return undefined;
}

// The settings that the operator saw, for the server to compare. What only stops a room means the same
// whatever the room has become meanwhile, and must not be held up.
export function ifSeen(room: Pick<AdminRoom, "version">, change: RoomChange): Record<string, string> {
  const stops = change.mode === "paused" || change.mode === "closed" || change.mode === "drain";
  return stops && Object.keys(change).length === 1 ? {} : { "If-Match": `"${room.version}"` };
}

// The server refused a change because the room is not as the operator saw it.
export const wasOvertaken = (error: unknown) =>
  error instanceof ApiError && error.status === 412 && error.code === "changed_meanwhile";

// Not settings: numbers that live, what the answer says of itself, and a proposal.
const NO_SETTINGS = new Set(["id", "name", "version", "waiting", "active", "admitted_last_minute", "pending"]);

function told(value: unknown): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "object" ? JSON.stringify(value) : String(value ?? "");
}

// The settings in which `after` is not as `before`, as the audit log tells them.
export function settingsChanged(before: AdminRoom, after: Partial<AdminRoom>): AuditChange[] {
  return (Object.keys({ ...before, ...after }) as (keyof AdminRoom)[])
    .filter((field) => !NO_SETTINGS.has(field) && field in after)
    .map((field) => ({ field, before: told(before[field]), after: told(after[field]) }))
    .filter((change) => change.before !== change.after);
}

// The settings that everybody is told live: another one than the last is news of an operator's change.
export const settingsTold = ({ mode, capacity, admit_per_minute: rate, opens_at: at, message }: Omit<Room, "offers" | "called_off">) =>
  JSON.stringify([mode, capacity, rate, at ?? "", message ?? ""]);

// Did the two-person rule hold the change back?
export function wasProposed(change: RoomChange, answer: Pick<AdminRoom, "pending"> & Partial<AdminRoom> | undefined): boolean {
  const fields = answer?.pending?.changes.map((each) => each.field) ?? [];
  const done = (key: keyof RoomChange) => typeof change[key] !== "object" && answer?.[key] === change[key];
  return (Object.keys(change) as (keyof RoomChange)[]).some((key) => fields.includes(key) && !done(key));
}

const FIELDS = ["mode", "capacity", "admit_per_minute", "message"] as const;

// The plan in the order in which it happens.
export const inOrder = (plan: PlannedChange[]): PlannedChange[] =>
  [...plan].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));

export type PlanFault = "empty" | "no_time" | "same_time";

// What is wrong with an entry of the plan: it says nothing, has no time, or another one sets the same
// thing at the same time.
export function planFault(plan: PlannedChange[], index: number): PlanFault | undefined {
  const entry = plan[index]!;
  if (Number.isNaN(Date.parse(entry.at))) return "no_time";
  if (FIELDS.every((field) => entry[field] === undefined)) return "empty";
  const clash = plan.some(
    (other, i) =>
      i !== index &&
      Date.parse(other.at) === Date.parse(entry.at) &&
      FIELDS.some((field) => other[field] !== undefined && entry[field] !== undefined),
  );
  return clash ? "same_time" : undefined;
}
