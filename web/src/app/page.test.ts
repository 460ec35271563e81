import { afterEach, describe, expect, it, vi } from "vitest";
import { fetchPart } from "./page";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("a part of the app", () => {
  it("waits for the network when there is none", async () => {
    const online = vi.spyOn(navigator, "onLine", "get").mockReturnValue(false);
    const load = vi.fn().mockRejectedValueOnce(new Error("offline")).mockResolvedValue("part");
    const part = fetchPart(load as () => Promise<string>);
    await vi.waitFor(() => expect(load).toHaveBeenCalledTimes(1));
    online.mockReturnValue(true);
    window.dispatchEvent(new Event("online"));
    await expect(part).resolves.toBe("part");
  });
  it("that is gone is said to be, after a second try", async () => {
    vi.useFakeTimers();
    const load = vi.fn().mockRejectedValue(new Error("gone"));
    const part = expect(fetchPart(load as () => Promise<string>)).rejects.toThrow("gone");
    await vi.runAllTimersAsync();
    await part;
    expect(load).toHaveBeenCalledTimes(2);
  });
});
