// The page as the server made it: what it starts from, its words, and the elements to fill.
// src/waitroom/page/page_markup_http.h is the other half.

export type Offer = { label: string; price: number; currency: string; available?: number; total?: number };
export type Room = {
  id: string;
  mode: "open" | "queue" | "paused" | "prequeue" | "closed" | "drain";
  waiting: number;
  opens_at?: string;
  message?: string;
  offers: Offer[];
  called_off?: boolean; // all that it leads to
};
export type Place = {
  state: "waiting" | "prequeue" | "admitted" | "expired" | "left" | "completed";
  place: string; // the token
  position?: number;
  waiting?: number;
  eta?: { p50_seconds: number; p80_seconds: number; p90_seconds: number };
  poll_after_ms?: number;
  opens_at?: string;
  pass?: string;
  pass_expires_at?: string;
  lane?: string;
  number?: number;
  joined_at?: string;
  called_at?: string;
  notice?: string;
  drawn?: { rank: number; of: number };
};
type Boot = { room: Room; place?: Place; go: string; hand_pass: boolean; stay: boolean; login: boolean; invite: string };

export const byId = <T extends Element = HTMLElement>(id: string) =>
  document.getElementById(id) as unknown as T | null;
const all = (selector: string) => [...document.querySelectorAll<HTMLElement>(selector)];
const json = <T>(id: string) => JSON.parse(byId(id)?.textContent || "null") as T | null;

export const boot = json<Boot>("boot");
const words = json<Record<string, string>>("words") ?? {};
export const language = document.documentElement.lang;

const digits = new Intl.NumberFormat("en-US");
export const number = (value: number) => digits.format(value);
export const say = (key: string, value: string | number = "") =>
  (words[key] ?? "").replaceAll("{n}", typeof value === "number" ? number(value) : value);

export function about(seconds: number): string {
  if (seconds < 60) return say("seconds", Math.max(5, Math.ceil(seconds / 5) * 5));
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 60) return say("minutes", minutes);
  const hours = say("hours", Math.floor(minutes / 60));
  return minutes % 60 ? `${hours} ${say("minutes", minutes % 60)}` : hours;
}

// How many digits stand behind the point (ISO 4217).
function digitsOf(currency: string): number {
  try {
    return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
  } catch {
    return 2;
  }
}

export function price({ price: amount, currency }: Offer): string {
  if (currency === "KRW") return say("won", amount);
  const digits = digitsOf(currency);
  if (digits === 0) return `${number(amount)} ${currency}`;
  const unit = 10 ** digits;
  return `${number(Math.floor(amount / unit))}.${String(amount % unit).padStart(digits, "0")} ${currency}`;
}

export function slot(name: string, text: string) {
  for (const element of all(`[data-slot="${name}"]`)) {
    if (element.textContent !== text) element.textContent = text;
  }
}

// What an operator wrote: in another language than the page's, maybe.
export function written(name: string, text: string) {
  slot(name, text);
  const code = /[ㄱ-ㅎ가-힣]/.test(text) ? "ko" : /[a-z]/i.test(text) ? "en" : language;
  for (const element of all(`[data-slot="${name}"]`)) element.lang = code;
}

// What the server has decided once and the script leaves as it is.
const fixed = all("[data-if]")
  .filter((element) => !element.hidden && /^(known|detail|invite)$/.test(element.dataset.if ?? ""))
  .map((element) => element.dataset.if);

export function show(step: string, flags: string[]) {
  const wanted = new Set([...fixed, ...flags]);
  for (const element of all("[data-for],[data-if]")) {
    const { for: steps, if: flag } = element.dataset;
    element.hidden = !(steps ? steps.split(" ").includes(step) : wanted.has(flag));
  }
}

export function announce(text: string) {
  const said = byId("said");
  if (said && said.textContent !== text) said.textContent = text;
}
