// RFC 4180, for spreadsheets as they are: text that one would take for a formula stays text.
function cell(value: string | number): string {
  const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export const csvOf = (rows: (string | number)[][]) =>
  rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("");

// Joins pages that each begin with the same header line.
export const withoutHeader = (page: string) => page.slice(page.indexOf("\n") + 1);

// The mark at the beginning tells spreadsheets that it is UTF-8.
export function saveCsv(name: string, parts: string[]) {
  const url = URL.createObjectURL(new Blob(["\ufeff", ...parts], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

// room-what-2026-11-21T10-15.csv
export const csvName = (room: string, what: string, now = new Date()) =>
  `${room}-${what}-${now.toISOString().slice(0, 16).replace(":", "-")}.csv`;
