// From what is known to what is shown. src/waitroom/page/page_view_http.cc makes the same choices; where
// one changes, so does the other.
import { serverNow } from "./api";
import type { Link } from "./follow";
import { drawIcon } from "./icon";
import { about, announce, boot, byId, language, number, price, say, show, slot, written, type Offer, type Place, type Room } from "./page";

export type Known = {
  room: Room;
  place?: Place | undefined;
  // Instead of a place: where joining stands.
  joining?: "asking" | "solving" | "stopped" | "closed" | "left" | "lost" | "login" | "cookies" | "idle" | undefined;
  busy?: boolean; // joining meets trouble
  link?: Link | undefined;
  proof?: { done: number; sinceMs: number; externalUrl?: string | undefined } | undefined;
  first: number; // the highest position seen
  history: number[];
};

const ZONE_MS = 540 * 60_000; // the product's wall clock
const STILL_SOLVING_MS = 25_000;
const ANNOUNCE_BELOW = 0.8; // of what was said last

export const stepOf = ({ place, joining, room }: Known): string => {
  if (place) return place.state === "waiting" && place.notice === "missed_turn" ? "missed" : place.state;
  if (joining === "asking") return "joining";
  if (joining === "solving" || joining === "stopped") return "proof";
  if (/^(closed|left|lost|login|cookies)$/.test(joining ?? "")) return joining as string;
  return room.mode === "closed" || room.mode === "drain" ? "closed" : "none";
};

const clock = (iso: string) => new Date(Date.parse(iso) + ZONE_MS).toISOString().slice(11, 19);

const date = (iso: string) =>
  new Intl.DateTimeFormat(language === "ko" ? "ko-KR" : "en-GB", {
    timeZone: "Asia/Seoul", year: "numeric", month: "long", day: "numeric", weekday: "short",
    hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  }).format(new Date(iso));

function countdown(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  const two = (value: number) => String(value).padStart(2, "0");
  const minutes = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return seconds < 3600 ? minutes : `${Math.floor(seconds / 3600)}:${minutes}`;
}

function showOffers(offers: Offer[]) {
  const rows = offers.map((offer) => {
    const row = document.createElement("tr");
    const cell = (tag: string, text: string) => {
      const made = document.createElement(tag);
      made.textContent = text;
      row.append(made);
      return made;
    };
    cell("th", offer.label).setAttribute("scope", "row");
    cell("td", price(offer));
    if (offer.available !== undefined)
      cell("td", offer.available > 0 ? say("left_of", offer.available) : say("sold_out"));
    return row;
  });
  byId("offers")?.replaceChildren(...rows);
}

function showChart(history: number[]): boolean {
  const first = history[0] ?? 0;
  const last = history.at(-1) ?? 0;
  if (history.length < 3 || last > first * 0.95) return false;
  const points = history
    .map((value, at) => `${((at * 300) / (history.length - 1)).toFixed(1)},${(4 + (1 - value / first) * 40).toFixed(1)}`)
    .join(" ");
  byId<SVGElement>("chart")?.querySelector("polyline")?.setAttribute("points", points);
  byId<SVGElement>("chart")?.querySelector("polygon")?.setAttribute("points", `0,48 ${points} 300,48`);
  return true;
}

function showWaiting(place: Place, known: Known, flags: string[]) {
  const paused = known.room.mode === "paused";
  const position = place.position ?? 0;
  slot("position", position ? number(position) : "–");
  slot("ahead", position > 2 ? say("ahead", position - 1) : position ? say(position === 1 ? "next" : "ahead_one") : "");
  slot("waiting", say("people", Math.max(place.waiting ?? 0, position)));
  if (place.eta && !paused) {
    const { p50_seconds: half, p80_seconds: most, p90_seconds: nearly } = place.eta;
    slot("p80", say("eta_p80", about(most)));
    slot("spread", say("eta_p50", about(half)) + say("eta_p90", about(nearly)));
    flags.push("eta");
  } else {
    slot("p80", say(paused ? "eta_paused" : "eta_none"));
  }
  const done = known.first > 1 && position ? 1 - position / known.first : 0;
  if (done > 0) {
    flags.push("progress");
    const bar = byId<HTMLProgressElement>("progress");
    if (bar) bar.value = done;
  }
  if (showChart(known.history)) flags.push("chart");
  if (paused && !known.room.called_off) flags.push("paused"); // it does not go on shortly
  drawIcon(position || known.first, done);
  return position;
}

function showPlace(place: Place, flags: string[]) {
  if (place.number) {
    slot("number", say("number", place.number) + (place.joined_at ? say("joined_at", clock(place.joined_at)) : ""));
    flags.push("number");
  }
  if (place.called_at) {
    slot("called", say("called_at", clock(place.called_at)));
    flags.push("called");
  }
  if (place.drawn) {
    slot("drawn", say("drawn", place.drawn.rank));
    flags.push("drawn");
  }
  if (place.lane) {
    slot("lane", say("lane", place.lane));
    flags.push("lane");
  }
}

let opensAt = boot?.room.opens_at;
let said = 0;
let lastStep = "";

// The title, and how long until the doors open when that is what people wait for.
function showPrequeue(room: Room, place: Place | undefined, flags: string[]): string {
  const at = room.opens_at ?? place?.opens_at;
  flags.push(at ? "opens" : "soon");
  if (at && at !== opensAt) slot("opens", say("prequeue_at", date((opensAt = at))));
  if ((place?.waiting ?? 0) > 1) {
    slot("people", say("prequeue_people", place?.waiting));
    flags.push("people");
  }
  const left = at ? Date.parse(at) - serverNow() : 0;
  if (left <= 0) return say("title");
  slot("countdown", countdown(left));
  flags.push("countdown");
  return say("tab_prequeue", countdown(left));
}

function speak(step: string, position: number) {
  if (step === "waiting" && position && (said === 0 || position <= said * ANNOUNCE_BELOW || (position <= 3 && position < said))) {
    said = position;
    announce(say("spoken", position));
  } else if (step !== lastStep && step !== "waiting" && lastStep) {
    const title = document.querySelector<HTMLElement>(".card:not([hidden]) :is(h1,h2):not([hidden])");
    if (title?.textContent) announce(title.textContent);
  }
}

export function draw(known: Known) {
  const { room, place, proof } = known;
  const step = stepOf(known);
  const flags: string[] = [room.mode === "open" ? "open" : "line", boot?.go ? "go" : "nowhere"];
  let title = say("title");
  let position = 0;
  if (!navigator.onLine) flags.push("offline");
  if (room.message) {
    written("message", room.message);
    flags.push("message");
  }
  // The server knows which performance this page is for, the room only of all of them.
  if (room.called_off || boot?.room.called_off) flags.push("called_off");
  if (room.offers.length) {
    showOffers(room.offers);
    flags.push("offers");
    if (room.offers[0]?.available !== undefined) flags.push("stock");
  }
  if (known.busy) slot("joining", say("busy"));
  if (place) showPlace(place, flags);
  if (place && step === "waiting") {
    position = showWaiting(place, known, flags);
    if (position) title = say("tab_position", position);
  }
  if (step === "prequeue") title = showPrequeue(room, place, flags);
  if (step === "admitted") {
    title = say("tab_admitted");
    drawIcon(0, 1);
  }
  const notice = say(place?.notice ?? "");
  if (notice && step !== "missed" && !(place?.notice === "paused" && room.mode === "paused")) {
    slot("notice", notice);
    flags.push("notice");
  }
  if (known.link && navigator.onLine) {
    slot("link", say(known.link));
    byId("link")?.setAttribute("class", known.link);
    flags.push("link");
  }
  if (known.joining === "stopped") flags.push("stopped");
  if (known.joining === "solving") {
    flags.push("solving");
    const bar = byId<HTMLProgressElement>("solved");
    if (bar && proof) bar.value = proof.done;
    slot("proof", proof && Date.now() - proof.sinceMs > STILL_SOLVING_MS ? say("proof_still") : "");
    if (proof?.externalUrl) flags.push("external");
  }
  show(step, flags);
  document.title = `${title} · onsale`;
  speak(step, position);
  lastStep = step;
}
