import { act, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Route, Routes } from "react-router";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { AdminRoom } from "../api/types";
import { signedInHint } from "../api/client";
import { json, problem, serve, show } from "../app/test-tools";
import RoomPage from "./RoomPage";
import { withWords } from "./words";

const live = vi.hoisted(() => ({ tell: (() => {}) as (body: unknown) => void }));
vi.mock("../api/live", () => ({
  subscribe: (_: string, onMessage: (body: unknown) => void) => {
    live.tell = onMessage;
    return () => {};
  },
}));
vi.mock("./RoomCharts", () => ({ RoomCharts: () => null }));
beforeAll(() => withWords(Promise.resolve()));
afterEach(() => vi.unstubAllGlobals());

const first = {
  id: "r", name: "Hall", version: "1", mode: "queue", waiting: 12, active: 3, capacity: 5, admit_per_minute: 60,
  admitted_last_minute: 0, lottery: false, two_person: false, message: "", offers_shown: "none", schedule: [],
} as unknown as AdminRoom;
const theirs = { ...first, version: "2", capacity: 50 };

// Another operator sets the capacity to 50; what this one sends over the first picture is refused.
function overtakenRoom() {
  signedInHint.set(true);
  let now = first;
  const calls = serve({
    "GET /me": json(200, { id: "a", email: "a@b.c", name: "Kim", role: "admin" }),
    "GET /rooms/r": json(200, { ...first, offers: [] }),
    "GET /admin/rooms/r": () => json(200, now)(undefined),
    "PATCH /admin/rooms/r": (body) => {
      const seen = calls.at(-1)?.headers["If-Match"];
      if (seen !== `"${now.version}"`) return problem(412, "changed_meanwhile")(body);
      return json(200, (now = { ...now, ...(body as object), version: "3" }))(body);
    },
  });
  show(
    <Routes>
      <Route path="/admin/rooms/:room" element={<RoomPage />} />
    </Routes>,
    "/admin/rooms/r",
  );
  return { calls, overtake: () => (now = theirs) };
}
const patches = (calls: { call: string; body: unknown }[]) =>
  calls.filter(({ call }) => call.startsWith("PATCH")).map(({ body }) => body);
const rate = async (value: string) => {
  const user = userEvent.setup();
  const field = await screen.findByLabelText("Per minute");
  await user.clear(field);
  await user.type(field, `${value}{Enter}`);
  return user;
};

describe("a change made over one that was not seen", () => {
  it("is shown what the other was, and is made when that is still wanted", async () => {
    const { calls, overtake } = overtakenRoom();
    await screen.findByLabelText("Per minute");
    overtake();
    const user = await rate("90");
    const dialog = await screen.findByRole("dialog", { name: "Somebody changed Hall meanwhile" });
    expect(dialog).toHaveTextContent("Capacity: 5 → becomes 50");
    expect(dialog).toHaveTextContent("Per minute: 60 → becomes 90");
    expect(patches(calls)).toHaveLength(1);
    await user.click(screen.getByRole("button", { name: "Make my change" }));
    await waitFor(() => expect(patches(calls)).toEqual([{ admit_per_minute: 90 }, { admit_per_minute: 90 }]));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("is no question when the news came first: the room is looked at as soon as it is told", async () => {
    const { calls, overtake } = overtakenRoom();
    await screen.findByLabelText("Per minute");
    overtake();
    const looks = () => calls.filter(({ call }) => call === "GET /admin/rooms/r").length;
    const before = looks();
    act(() => live.tell({ ...theirs, waiting: 13, offers: [] }));
    await waitFor(() => expect(looks()).toBe(before + 1));
    act(() => live.tell({ ...theirs, waiting: 14, offers: [] }));
    await rate("90");
    await waitFor(() => expect(patches(calls)).toEqual([{ admit_per_minute: 90 }]));
    expect(screen.queryByRole("dialog")).toBeNull();
  });
});
