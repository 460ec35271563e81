// Keeps one place and its room fresh. Polling is the ground: it always runs, and each call is a sign
// of life. A WebSocket (STOMP) brings changes in between and makes the polls rare; when it falls
// silent they become frequent again by themselves.
import { api } from "./api";
import type { Place, Room } from "./page";

export type Link = "live" | "polling" | "broken";
type Options = {
  room: string;
  token: () => string;
  onPlace: (place: Place) => void;
  onRoom: (room: Room) => void;
  onLink: (link: Link) => void;
  onGone: () => void; // the server knows no such place
};

const CALM_POLL_MS = 25_000; // while the socket speaks
const ROOM_EVERY_MS = 6_000; // while it does not
const BEAT_MS = 10_000;
const SILENT_MS = 26_000;
const RETRY_MIN_MS = 1_000;
const RETRY_MAX_MS = 20_000;

const spread = (ms: number) => ms * (0.7 + Math.random() * 0.6);

export function frames(text: string): { command: string; headers: Record<string, string>; body: string }[] {
  return text.split("\0").flatMap((part) => {
    const frame = part.replace(/^[\r\n]+/, "");
    const end = frame.search(/\r?\n\r?\n/);
    if (!frame || end < 0) return [];
    const [command = "", ...lines] = frame.slice(0, end).split(/\r?\n/);
    const headers = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)]),
    );
    return [{ command, headers, body: frame.slice(end).replace(/^\r?\n\r?\n/, "") }];
  });
}

export function follow(options: Options) {
  let socket: WebSocket | undefined;
  let drop: (() => void) | undefined; // the socket, as if it were lost
  let live = false;
  let heardAt = 0;
  let polledAt = 0;
  let roomAt = 0;
  let pollAfterMs = 3_000;
  let failures = 0;
  let drops = 0;
  let pollTimer = 0;
  let socketTimer = 0;
  let stopped = false;
  let asleep = false;

  const report = () => options.onLink(failures > 1 ? "broken" : live ? "live" : "polling");

  const place = (next: Place) => {
    if (stopped) return;
    failures = 0;
    pollAfterMs = Math.max(1_000, next.poll_after_ms ?? pollAfterMs);
    options.onPlace(next);
    report();
    plan();
  };

  const plan = (afterMs?: number) => {
    clearTimeout(pollTimer);
    if (stopped || asleep) return;
    const calm = live ? Math.max(CALM_POLL_MS, pollAfterMs) : pollAfterMs;
    const due = failures ? Math.min(pollAfterMs * 2 ** failures, 30_000) : calm;
    pollTimer = window.setTimeout(() => void poll(), afterMs ?? spread(due));
  };

  const poll = async () => {
    polledAt = Date.now();
    const answer = await api<Place>("GET", `${options.room}/places/me`, options.token());
    if (stopped) return;
    if (answer.status === 200 && answer.body) {
      place(answer.body);
      if (!live && Date.now() - roomAt > ROOM_EVERY_MS) await askRoom();
    } else if (answer.status === 401 || answer.status === 404) {
      stop();
      options.onGone();
    } else {
      failures += 1;
      report();
      plan(answer.retryMs);
    }
  };

  const askRoom = async () => {
    roomAt = Date.now();
    const answer = await api<Room>("GET", options.room);
    if (!stopped && answer.status === 200 && answer.body) options.onRoom(answer.body);
  };

  const connect = () => {
    clearTimeout(socketTimer);
    if (stopped || asleep || socket) return;
    const mine = new WebSocket(location.origin.replace(/^http/, "ws") + "/ws", ["v12.stomp"]);
    socket = mine;
    heardAt = Date.now();
    let askedMs: number | undefined;
    const send = (command: string, headers: Record<string, string>) =>
      mine.send(
        `${command}\n${Object.entries(headers).map(([name, value]) => `${name}:${value}\n`).join("")}\n\0`,
      );
    const beat = window.setInterval(() => {
      if (mine.readyState === WebSocket.OPEN) mine.send("\n");
      if (Date.now() - heardAt > SILENT_MS) lost();
    }, BEAT_MS);
    const lost = () => {
      clearInterval(beat);
      if (socket !== mine) return;
      socket = undefined;
      live = false;
      mine.close();
      if (stopped || asleep) return;
      report();
      plan(askedMs);
      const retry = Math.min(RETRY_MIN_MS * 2 ** drops, RETRY_MAX_MS);
      drops += 1;
      socketTimer = window.setTimeout(connect, askedMs ?? spread(retry));
    };
    mine.onopen = () =>
      send("CONNECT", { "accept-version": "1.2", host: location.host, "heart-beat": `${BEAT_MS},${BEAT_MS}` });
    mine.onclose = mine.onerror = drop = lost;
    mine.onmessage = ({ data }: MessageEvent<string>) => {
      heardAt = Date.now();
      for (const { command, headers, body } of frames(data)) {
        if (command === "CONNECTED") {
          send("SUBSCRIBE", { id: "p", destination: "/user/queue/place", place: options.token() });
          send("SUBSCRIBE", { id: "r", destination: `/topic/rooms/${options.room}` });
        } else if (command === "MESSAGE") {
          const news = JSON.parse(body) as Place | Room | { type: "reconnect"; after_ms: number };
          if ("type" in news) askedMs = news.after_ms;
          else if (headers.subscription === "r") options.onRoom(news as Room);
          else {
            live = true;
            drops = 0;
            place(news as Place);
          }
        }
      }
    };
  };

  // The page was left. The browser may keep it, frozen, to go back to: with its socket open it would
  // look as if somebody were still there.
  const sleep = () => {
    asleep = true;
    clearTimeout(pollTimer);
    clearTimeout(socketTimer);
    drop?.();
  };
  const resume = () => {
    if (!asleep) return;
    asleep = false;
    drops = 0;
    plan(0);
    connect();
  };
  // The page is in front again, or the network is back: ask at once, trust no old socket.
  const wake = () => {
    if (stopped || asleep || document.hidden || !navigator.onLine) return;
    if (Date.now() - polledAt > 1_500) plan(0);
    if (socket && Date.now() - heardAt > BEAT_MS * 1.5) drop?.();
    if (!socket) connect();
  };

  const stop = () => {
    stopped = true;
    clearTimeout(pollTimer);
    clearTimeout(socketTimer);
    removeEventListener("pagehide", sleep);
    removeEventListener("pageshow", resume);
    drop?.();
  };

  addEventListener("pagehide", sleep);
  addEventListener("pageshow", resume);
  connect();
  plan();
  return { stop, wake };
}
