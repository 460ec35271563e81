// One STOMP connection for the whole app, opened when something subscribes and closed when nothing
// does. It reconnects by itself; subscribers are told so that they can fetch what they missed.
import type { Client, StompSubscription } from "@stomp/stompjs";

type Message = (body: unknown) => void;
type Entry = {
  destination: string;
  headers: Record<string, string>;
  onMessage: Message;
  onLink: ((up: boolean) => void) | undefined;
  live: StompSubscription | undefined;
};

const IDLE_CLOSE_MS = 3000;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 20_000;
const STABLE_AFTER_MS = 5000; // a server that accepts and then refuses is not hammered

const entries = new Set<Entry>();
let client: Client | undefined;
let opening: Promise<void> | undefined;
let closing: ReturnType<typeof setTimeout> | undefined;
let stable: ReturnType<typeof setTimeout> | undefined;
let failures = 0;
let askedDelayMs: number | undefined;

export function reconnectDelay(body: unknown): number | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const { type, after_ms: afterMs } = body as { type?: unknown; after_ms?: unknown };
  return type === "reconnect" && typeof afterMs === "number" ? afterMs : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function receive(text: string, deliver: Message | undefined) {
  const body = parse(text);
  const delay = reconnectDelay(body);
  if (delay !== undefined) askedDelayMs = delay;
  else if (body !== undefined) deliver?.(body);
}

function attach(entry: Entry) {
  if (!client?.connected || entry.live) return;
  entry.live = client.subscribe(
    entry.destination,
    (message) => receive(message.body, entry.onMessage),
    entry.headers,
  );
  entry.onLink?.(true);
}

function detachAll() {
  for (const entry of entries) {
    if (!entry.live) continue;
    entry.live = undefined;
    entry.onLink?.(false);
  }
}

async function waitBeforeConnect() {
  const backoff = failures === 0 ? 0 : Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LAST_RETRY_MS);
  const delay = askedDelayMs ?? backoff * (0.5 + Math.random());
  askedDelayMs = undefined;
  failures += 1; // until the connection stands
  if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
}

async function open() {
  const { Client: StompClient } = await import("@stomp/stompjs");
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  client = new StompClient({
    brokerURL: `${scheme}//${location.host}/ws`,
    heartbeatIncoming: 10_000,
    heartbeatOutgoing: 10_000,
    connectionTimeout: 8000,
    reconnectDelay: 1,
    beforeConnect: waitBeforeConnect,
    onConnect: () => {
      stable = setTimeout(() => (failures = 0), STABLE_AFTER_MS);
      for (const entry of entries) {
        entry.live = undefined;
        attach(entry);
      }
    },
    onUnhandledMessage: (message) => receive(message.body, undefined),
    onWebSocketClose: () => {
      clearTimeout(stable);
      failures = Math.max(failures, 1);
      detachAll();
    },
  });
  client.activate();
}

function ensureOpen() {
  clearTimeout(closing);
  closing = undefined;
  if (client) {
    if (!client.active) client.activate();
    return;
  }
  opening ??= open().catch(() => {
    opening = undefined; // the chunk did not load; the next subscriber tries again
  });
}

// A page that is left may be kept, frozen, to go back to: with its connection open it would look as
// if somebody were still there.
window.addEventListener("pagehide", () => void client?.deactivate({ force: true }));
window.addEventListener("pageshow", ({ persisted }) => {
  if (!persisted || entries.size === 0) return;
  failures = 0;
  ensureOpen();
});

export function subscribe(
  destination: string,
  onMessage: Message,
  options: { headers?: Record<string, string>; onLink?: (up: boolean) => void } = {},
): () => void {
  const entry: Entry = {
    destination,
    headers: options.headers ?? {},
    onMessage,
    onLink: options.onLink,
    live: undefined,
  };
  entries.add(entry);
  ensureOpen();
  attach(entry);
  return () => {
    entries.delete(entry);
    if (entry.live && client?.connected) entry.live.unsubscribe();
    entry.live = undefined;
    if (entries.size > 0) return;
    clearTimeout(closing);
    closing = setTimeout(() => {
      if (entries.size === 0) void client?.deactivate();
    }, IDLE_CLOSE_MS);
  };
}
