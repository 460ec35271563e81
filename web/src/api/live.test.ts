import { describe, expect, it, vi } from "vitest";
import { reconnectDelay, subscribe } from "./live";

describe("a message of the live connection", () => {
  it("is an order to reconnect only when it says so", () => {
    expect(reconnectDelay({ type: "reconnect", after_ms: 1500 })).toBe(1500);
    expect(reconnectDelay({ state: "waiting", position: 3 })).toBeUndefined();
    expect(reconnectDelay(null)).toBeUndefined();
    expect(reconnectDelay("reconnect")).toBeUndefined();
  });
});

const stomp = vi.hoisted(() => ({ calls: [] as string[] }));
vi.mock("@stomp/stompjs", () => ({
  Client: class {
    active = false;
    activate() {
      this.active = true;
      stomp.calls.push("activate");
    }
    deactivate({ force = false } = {}) {
      this.active = false;
      stomp.calls.push(force ? "cut" : "deactivate");
    }
  },
}));

describe("a page that is left", () => {
  const turn = (type: string) =>
    window.dispatchEvent(Object.assign(new Event(type), { persisted: true }));
  it("has no connection, and one again when somebody comes back", async () => {
    const end = subscribe("/topic/x", () => {});
    await vi.waitFor(() => expect(stomp.calls).toEqual(["activate"]));
    turn("pagehide");
    expect(stomp.calls).toEqual(["activate", "cut"]);
    turn("pageshow");
    expect(stomp.calls).toEqual(["activate", "cut", "activate"]);
    end();
    turn("pagehide");
    turn("pageshow");
    expect(stomp.calls.filter((each) => each === "activate")).toHaveLength(2);
  });
});
