import { act, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../api/client";
import type { PlaceView } from "../api/types";
import { readPlace } from "./placeStore";
import { usePlace } from "./usePlace";

const join = vi.hoisted(() => vi.fn());
const feed = vi.hoisted(() => ({
  say: undefined as undefined | ((view: PlaceView) => void),
  end: undefined as undefined | (() => void),
  stop: vi.fn(),
}));
vi.mock("./queries", () => ({ joinRoom: join }));
vi.mock("./placeFeed", () => ({
  startPlaceFeed: (options: { onView: (view: PlaceView) => void; onEnd: () => void }) => {
    feed.say = options.onView;
    feed.end = options.onEnd;
    return feed.stop;
  },
}));

function Standing() {
  const { standing } = usePlace("r", "p");
  return (
    <output>
      {standing.step === "inside" ? `${standing.view.state} ${standing.view.position ?? ""}` : standing.step}
    </output>
  );
}
const text = () => screen.getByRole("status").textContent;
const waiting = (position: number): PlaceView => ({ state: "waiting", place: "tok", position });

beforeEach(() => {
  join.mockReset();
});
afterEach(() => {
  vi.clearAllMocks();
});

describe("standing in line", () => {
  it("shows a position that never rises, whatever order messages come in (I3)", async () => {
    join.mockResolvedValue(waiting(40));
    await act(async () => void render(<Standing />));
    act(() => feed.say?.(waiting(31)));
    act(() => feed.say?.(waiting(35)));
    expect(text()).toBe("waiting 31");
    act(() => feed.say?.(waiting(12)));
    expect(text()).toBe("waiting 12");
  });

  it("keeps the pass and the token when admitted", async () => {
    join.mockResolvedValue(waiting(2));
    await act(async () => void render(<Standing />));
    act(() => feed.say?.({ state: "admitted", place: "tok", pass: "jwt", pass_expires_at: "2030-01-01T00:00:00Z" }));
    expect(text()).toBe("admitted ");
    expect(readPlace("r")).toMatchObject({ state: "admitted", pass: "jwt", place: "tok", performance: "p" });
    sessionStorage.clear();
    expect(readPlace("r")).toMatchObject({ place: "tok" });
  });

  it("forgets a place that is over and stops listening", async () => {
    join.mockResolvedValue(waiting(2));
    await act(async () => void render(<Standing />));
    act(() => feed.say?.({ state: "expired" }));
    expect(text()).toBe("expired ");
    expect(readPlace("r")).toBeUndefined();
    expect(feed.stop).toHaveBeenCalled();
  });

  it("says when the place is unknown, and when joining is refused", async () => {
    join.mockResolvedValue(waiting(2));
    await act(async () => void render(<Standing />));
    act(() => feed.end?.());
    expect(text()).toBe("lost");
  });

  it("is refused by a closed room", async () => {
    join.mockRejectedValue(new ApiError({ status: 403, code: "room_closed" }));
    await act(async () => void render(<Standing />));
    expect(text()).toBe("refused");
  });
});
