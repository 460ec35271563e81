import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { AdminRoom } from "../api/types";
import { json, serve, show } from "../app/test-tools";
import { LiveControls } from "./LiveControls";
import { LotteryGuide } from "./LotteryGuide";
import { PlanEditor } from "./PlanEditor";
import { withWords } from "./words";

vi.mock("../api/live", () => ({ subscribe: () => () => {} }));
beforeAll(() => withWords(Promise.resolve()));
afterEach(() => vi.unstubAllGlobals());

const room = {
  id: "r", name: "Hall", mode: "queue", waiting: 12, active: 3, capacity: 5, admit_per_minute: 60,
  lottery: false, two_person: false, message: "", offers_shown: "none", schedule: [],
} as unknown as AdminRoom;

const answers = {
  "GET /rooms/r": json(200, { ...room, offers: [] }),
  "GET /rooms/r/lottery": json(200, { state: "none" }),
  "PATCH /admin/rooms/r": json(200, room),
};
const changes = (calls: { call: string; body: unknown }[]) =>
  calls.filter(({ call }) => call.startsWith("PATCH")).map(({ body }) => body);

describe("what stops a line asks first", () => {
  it("in the lottery's guide", async () => {
    const calls = serve(answers);
    show(<LotteryGuide room={room} />);
    const user = userEvent.setup();
    await user.click(await screen.findByRole("button", { name: "Close the room" }));
    expect(screen.getByRole("dialog")).toHaveTextContent("Right now 12 wait and 3 are inside.");
    expect(changes(calls)).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Switch to “Closed”" }));
    await vi.waitFor(() => expect(changes(calls)).toEqual([{ mode: "closed" }]));
  });

  it("before a draw is abandoned", async () => {
    let state = "closed";
    const calls = serve({
      ...answers,
      "GET /rooms/r/lottery": () => json(200, { state })(undefined),
      "POST /admin/rooms/r/lottery/abandon": () => json(200, { state: (state = "abandoned") })(undefined),
    });
    show(<LotteryGuide room={{ ...room, mode: "closed", lottery: true }} />);
    const user = userEvent.setup();
    await user.click(await screen.findByRole("button", { name: "Abandon this draw" }));
    const dialog = screen.getByRole("dialog");
    expect(dialog).toHaveTextContent("The 12 in line stand as they joined.");
    expect(calls.some(({ call }) => call.startsWith("POST"))).toBe(false);
    await user.click(within(dialog).getByRole("button", { name: "Abandon this draw" }));
    await vi.waitFor(() => expect(calls.filter(({ call }) => call.endsWith("/abandon"))).toHaveLength(1));
    await vi.waitFor(() => expect(screen.queryByRole("button", { name: "Abandon this draw" })).toBeNull());
  });

  it("when a limit becomes 0, and not when it is another number", async () => {
    const calls = serve(answers);
    show(<LiveControls room={room} now={room} />);
    const user = userEvent.setup();
    const set = async (value: string) => {
      const field = screen.getByLabelText("Capacity");
      await user.clear(field);
      await user.type(field, `${value}{Enter}`);
    };
    await set("0");
    expect(screen.getByRole("dialog")).toHaveTextContent("let nobody in");
    await user.click(screen.getByRole("button", { name: "Leave as it is" }));
    expect(changes(calls)).toEqual([]);
    await set("7");
    await vi.waitFor(() => expect(changes(calls)).toEqual([{ capacity: 7 }]));
  });

  it("when it is planned, and once", async () => {
    const calls = serve(answers);
    show(<PlanEditor room={room} />);
    const user = userEvent.setup();
    await user.click(screen.getByRole("button", { name: "Add an entry" }));
    await user.type(screen.getByLabelText("At"), "2099-01-01T20:00");
    await user.selectOptions(screen.getByLabelText("Mode"), "paused");
    await user.click(screen.getByRole("button", { name: /^Save/ }));
    const dialog = screen.getByRole("dialog");
    expect(dialog).toHaveTextContent("The plan does this by itself at");
    expect(changes(calls)).toEqual([]);
    await user.click(within(dialog).getByRole("button", { name: /^Save/ }));
    const schedule = [{ at: "2099-01-01T11:00:00.000Z", mode: "paused" }];
    await vi.waitFor(() => expect(changes(calls)).toEqual([{ schedule }]));
  });
});
