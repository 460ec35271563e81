import { cleanup, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { ApiError } from "../api/client";
import type { AdminRoom } from "../api/types";
import { json, problem, serve, show } from "../app/test-tools";
import { PlanEditor } from "./PlanEditor";
import { whileAllowed } from "./queries";
import { instant, wallClock } from "./settings";
import { withWords } from "./words";

vi.mock("../api/live", () => ({ subscribe: () => () => {} }));
beforeAll(() => withWords(Promise.resolve()));
afterEach(() => vi.unstubAllGlobals());

const room = { id: "plan-room", name: "Hall", version: "1", mode: "queue", schedule: [] } as unknown as AdminRoom;

describe("a plan that is not saved", () => {
  const message = () => screen.getByLabelText("Message");
  const write = async () => {
    const user = userEvent.setup();
    await user.click(screen.getByRole("button", { name: "Add an entry" }));
    await user.type(message(), "soon");
    return user;
  };

  it("is still there after a look at another tab", async () => {
    serve({});
    show(<PlanEditor room={room} />);
    await write();
    cleanup();
    show(<PlanEditor room={{ ...room }} />);
    expect(message()).toHaveValue("soon");
  });

  it("is void once another plan was saved, whose operator did not see it", async () => {
    serve({});
    show(<PlanEditor room={{ ...room, id: "other" }} />);
    await write();
    cleanup();
    show(<PlanEditor room={{ ...room, id: "other", schedule: [{ at: "2099-01-01T00:00:00Z", capacity: 5 }] }} />);
    expect(message()).toHaveValue("");
  });
});

describe("the console's clock", () => {
  it("is Korea's, whatever the browser's zone is", () => {
    expect(wallClock("2026-11-21T10:30:00Z")).toMatch(/^2026-11-21T19:30/);
    expect(instant("2026-11-21T19:30")).toBe("2026-11-21T10:30:00.000Z");
  });
});

describe("asking again and again", () => {
  const ask = whileAllowed(3000);
  const after = (status: number) => ask({ state: { error: new ApiError({ status }) } });
  it("ends with the session or the right, and outlives trouble", () => {
    expect([after(401), after(403)]).toEqual([false, false]);
    expect([after(500), after(0), ask({ state: { error: null } })]).toEqual([3000, 3000, 3000]);
  });
});

describe("a problem of the server", () => {
  it("stands at its control", async () => {
    serve({ "PATCH /admin/rooms/plan-room2": problem(422, "invalid", [{ field: "schedule[0].at", code: "in_the_past", message: "" }]), "GET /x": json(200, {}) });
    show(<PlanEditor room={{ ...room, id: "plan-room2", schedule: [{ at: "2099-01-01T00:00:00Z", capacity: 5 }] }} />);
    const user = userEvent.setup();
    await user.type(screen.getByLabelText("Message"), "soon");
    await user.click(screen.getByRole("button", { name: /^Save/ }));
    await waitFor(() => expect(screen.getByRole("alert")).toHaveTextContent("This time is over: choose a later one."));
  });
});
