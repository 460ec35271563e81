import { describe, expect, it } from "vitest";
import { reconnectDelay } from "./live";

describe("a message of the live connection", () => {
  it("is an order to reconnect only when it says so", () => {
    expect(reconnectDelay({ type: "reconnect", after_ms: 1500 })).toBe(1500);
    expect(reconnectDelay({ state: "waiting", position: 3 })).toBeUndefined();
    expect(reconnectDelay(null)).toBeUndefined();
    expect(reconnectDelay("reconnect")).toBeUndefined();
  });
});
