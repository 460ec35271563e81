import type { AuditEntry } from "../api/types";

export type AuditChange = { field: string; before: string; after: string };

function read(text: string): Record<string, string> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return { "": text };
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, String(each)]));
  } catch {
    return text ? { "": text } : {};
  }
}

// An entry keeps both states as JSON objects of the members that changed.
export function changesOf(entry: Pick<AuditEntry, "before" | "after">): AuditChange[] {
  const before = read(entry.before);
  const after = read(entry.after);
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .map((field) => ({ field, before: before[field] ?? "", after: after[field] ?? "" }))
    .filter((change) => change.before !== change.after);
}

export const auditRows = (entries: AuditEntry[]): string[][] => [
  ["at", "who", "name", "email", "action", "subject", "field", "before", "after"],
  ...entries.flatMap((entry) =>
    changesOf(entry).map((each) => [
      entry.at, entry.who, entry.name ?? "", entry.email ?? "", entry.action, entry.subject, each.field, each.before, each.after,
    ]),
  ),
];
