import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { follow, frames } from "./follow";
import type { Place } from "./page";

class FakeSocket {
  static readonly OPEN = 1;
  static made: FakeSocket[] = [];
  readyState = 1;
  sent: string[] = [];
  onopen?: () => void;
  onclose: (() => void) | null = null;
  onerror: ((event: Event) => void) | null = null;
  onmessage?: (event: { data: string }) => void;
  constructor(readonly url: string) {
    FakeSocket.made.push(this);
  }
  send(text: string) {
    this.sent.push(text);
  }
  close() {
    this.readyState = 3;
  }
  says(command: string, headers: string, body = "") {
    this.onmessage?.({ data: `${command}\n${headers}\n\n${body}\0` });
  }
}

const place = (position: number): Place => ({ state: "waiting", place: "tok", position, poll_after_ms: 2000 });
let answers: (() => Response | Promise<Response>)[] = [];
let asked: string[] = [];
let seen: unknown[] = [];
let feed: ReturnType<typeof follow> | undefined;

const start = () => {
  feed = follow({
    room: "r",
    token: () => "tok",
    onPlace: (next) => seen.push(next.position),
    onRoom: (room) => seen.push(room.mode),
    onLink: (link) => seen.push(link),
    onGone: () => seen.push("gone"),
  });
};

beforeEach(() => {
  vi.useFakeTimers();
  [answers, asked, seen, FakeSocket.made] = [[], [], [], []];
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("fetch", (url: string) => {
    asked.push(url);
    const next = answers.shift();
    if (!next) return Promise.reject(new Error("no network"));
    return Promise.resolve(next());
  });
});
afterEach(() => {
  feed?.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("STOMP frames", () => {
  it("come apart, heart-beats and carriage returns included", () => {
    expect(frames("\n")).toEqual([]);
    expect(frames('\nMESSAGE\r\nsubscription:p\r\na:b:c\r\n\r\n{"x":1}\0\n')).toEqual([
      { command: "MESSAGE", headers: { subscription: "p", a: "b:c" }, body: '{"x":1}' },
    ]);
    expect(frames("A\n\n\0\nB\nh:1\n\nbody\0")).toHaveLength(2);
  });
});

describe("following a place", () => {
  it("subscribes to the place and the room, and polls rarely while they speak", async () => {
    start();
    const [socket] = FakeSocket.made;
    socket?.onopen?.();
    socket?.says("CONNECTED", "version:1.2");
    expect(socket?.sent.map((each) => each.split("\n")[0])).toEqual(["CONNECT", "SUBSCRIBE", "SUBSCRIBE"]);
    expect(socket?.sent[1]).toContain("place:tok");
    socket?.says("MESSAGE", "subscription:p", JSON.stringify(place(5)));
    socket?.says("MESSAGE", "subscription:r", '{"mode":"paused"}');
    expect(seen).toEqual([5, "live", "paused"]);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(asked).toEqual([]);
  });

  it("polls when nothing is pushed, and says when the line is broken", async () => {
    answers = [() => Response.json(place(9)), () => Response.json({ mode: "queue" })];
    start();
    await vi.advanceTimersByTimeAsync(4_500);
    expect(seen).toContain(9);
    expect(seen).toContain("queue");
    expect(seen).toContain("polling");
    await vi.advanceTimersByTimeAsync(30_000);
    expect(seen.at(-1)).toBe("broken");
    expect(asked.length).toBeLessThan(9);
  });

  it("comes back when it was asked to, not before", async () => {
    start();
    const [socket] = FakeSocket.made;
    socket?.says("MESSAGE", "subscription:p", JSON.stringify(place(5)));
    socket?.says("MESSAGE", "subscription:p", '{"type":"reconnect","after_ms":7000}');
    socket?.onclose?.();
    answers = Array.from({ length: 20 }, () => () => Response.json(place(5)));
    await vi.advanceTimersByTimeAsync(6_900);
    expect(FakeSocket.made).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(FakeSocket.made).toHaveLength(2);
  });

  it("ends when the server knows no such place", async () => {
    answers = [() => Response.json({ code: "place_invalid" }, { status: 401 })];
    start();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(seen).toContain("gone");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toHaveLength(1);
  });

  it("gives up a socket that has fallen silent", async () => {
    answers = Array.from({ length: 60 }, () => () => Response.json(place(5)));
    start();
    await vi.advanceTimersByTimeAsync(45_000);
    expect(FakeSocket.made.length).toBeGreaterThan(1);
    expect(FakeSocket.made[0]?.readyState).toBe(3);
  });

  it("has no socket while the page is left, and asks at once when somebody comes back", async () => {
    answers = Array.from({ length: 9 }, () => () => Response.json(place(5)));
    start();
    FakeSocket.made[0]?.says("MESSAGE", "subscription:p", JSON.stringify(place(5)));
    window.dispatchEvent(new Event("pagehide"));
    expect(FakeSocket.made[0]?.readyState).toBe(3);
    feed?.wake(); // what a frozen page's late timers or events would do
    await vi.advanceTimersByTimeAsync(300_000);
    expect(FakeSocket.made).toHaveLength(1);
    expect(asked).toHaveLength(0);
    window.dispatchEvent(new Event("pageshow"));
    await vi.advanceTimersByTimeAsync(10);
    expect(FakeSocket.made).toHaveLength(2);
    expect(asked[0]).toContain("/places/me");
  });
});
