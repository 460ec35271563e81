import { afterEach, describe, expect, it, vi } from "vitest";
import { goOnTo, tellWhenClosed } from "./closing";

afterEach(() => vi.unstubAllGlobals());

describe("closing the page", () => {
  it("is told with the token of the place, but not when one only goes on, nor afterwards", () => {
    const beacon = vi.fn();
    vi.stubGlobal("navigator", { sendBeacon: beacon });
    let token: string | undefined = "tok";
    const end = tellWhenClosed("film 1", () => token);
    const close = () => window.dispatchEvent(new Event("pagehide"));
    close();
    expect(beacon).toHaveBeenCalledWith("/api/v1/rooms/film%201/places/me/closed", "tok");
    goOnTo("#pay");
    close();
    expect(beacon).toHaveBeenCalledTimes(1);
    window.dispatchEvent(new Event("pageshow"));
    close();
    expect(beacon).toHaveBeenCalledTimes(2);
    token = undefined;
    close();
    end();
    token = "tok";
    close();
    expect(beacon).toHaveBeenCalledTimes(2);
  });
});
