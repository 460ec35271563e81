import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Route, Routes } from "react-router";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Performance, SeatMapData, ShowDetail } from "../api/types";
import { signedInHint } from "../api/client";
import { json, serve, show } from "../app/test-tools";
import { SeatChooser } from "./SeatChooser";

vi.mock("../api/live", () => ({ subscribe: () => () => {} }));
afterEach(() => vi.unstubAllGlobals());

const row = (section: string, label: string, count: number, grade: string) => ({
  label,
  seats: Array.from({ length: count }, (_, at) => ({
    id: `${section}${label}-${at + 1}`,
    label: `${at + 1}`,
    x: at,
    y: label.charCodeAt(0),
    grade,
    accessible: at === 2,
    adjacency: at,
  })),
});
const hall = {
  version: 1,
  sections: [{ id: "s", name: "", rows: [row("", "A", 4, "VIP"), row("", "B", 4, "R")] }],
  stage: { label: "" },
} as unknown as SeatMapData;
const stadium = {
  version: 1,
  sections: [
    { id: "s101", name: "101", rows: [row("S101-", "1", 1200, "R")] },
    { id: "s102", name: "102", rows: [row("S102-", "1", 6, "VIP")] },
  ],
  stage: { label: "" },
} as unknown as SeatMapData;

const performance = {
  id: "p1", show_id: "s1", currency: "KRW", starts_at: "2099-05-01T10:30:00.000Z",
  grades: [{ grade: "VIP", price: 150000 }, { grade: "R", price: 100000 }],
} as unknown as Performance;
const play = { id: "s1", title: "Wicked", kind: "musical", currency: "KRW", room_id: null } as unknown as ShowDetail;

function choose(map: SeatMapData, { at = "/performances/p1", mine = [] as string[], most = 2, taken = {} } = {}) {
  if (mine.length > 0) signedInHint.set(true);
  const reservation = {
    id: "r1", state: "pending", performance: { id: "p1" }, pay_by: new Date(Date.now() + 60_000).toISOString(),
    seats: mine.map((id) => ({ id })), refunds: [],
  };
  serve({
    "GET /me": json(200, { id: "a", email: "a@b.c", name: "Kim", role: "buyer" }),
    "GET /performances/p1/availability": json(200, {
      version: 1, seats_available: 6, seats_per_account: most, unavailable: taken,
    }),
    "GET /reservations": json(200, { items: mine.length > 0 ? [reservation] : [] }),
  });
  return show(
    <Routes>
      <Route
        path="/performances/:id"
        element={<SeatChooser performance={performance} show={play} map={map} stage="Stage" />}
      />
    </Routes>,
    at,
  );
}
const seat = (name: RegExp) => screen.findByRole("checkbox", { name });

describe("choosing seats", () => {
  it("goes as far as the server's own limit for an account", async () => {
    choose(hall, { most: 1 });
    const user = userEvent.setup();
    expect(await screen.findByText("Choose 1 seat.")).toBeInTheDocument();
    await user.click(await seat(/^Row A seat 1,/));
    await user.click(await seat(/^Row A seat 2,/));
    expect(screen.getByText("You can choose 1 seat.")).toBeInTheDocument();
    expect(await seat(/^Row A seat 2,/)).not.toBeChecked();
    await user.click(screen.getByText("Give me the best seats"));
    expect(screen.getAllByRole("radio", { name: /^\d seats?$/ })).toHaveLength(1);
  });

  it("tells one's own held seats from those of others", async () => {
    choose(hall, { mine: ["A-1"], taken: { "A-1": "held", "A-2": "held" } });
    await waitFor(async () => expect(await seat(/^Row A seat 1,/)).toHaveAttribute("data-state", "own"));
    expect(await seat(/^Row A seat 1,.*held for you|^Row A seat 1,.*you hold/i)).toBeInTheDocument();
    expect(await seat(/^Row A seat 2,/)).toHaveAttribute("data-state", "held");
  });

  it("says that it may be out of date while there is no network", async () => {
    const online = vi.spyOn(navigator, "onLine", "get").mockReturnValue(false);
    choose(hall);
    expect(await screen.findByText("Offline: this may be out of date")).toBeInTheDocument();
    expect(screen.queryByText("Live")).toBeNull();
    online.mockRestore();
    window.dispatchEvent(new Event("online"));
    expect(await screen.findByText("Checked every 3 seconds")).toBeInTheDocument();
  });

  it("dims other grades, never what was chosen or is one's own", async () => {
    choose(hall, { mine: ["A-2"], taken: { "A-2": "held" } });
    const user = userEvent.setup();
    await user.click(await seat(/^Row A seat 1,/));
    await user.click(screen.getByRole("button", { name: /^R/, pressed: false }));
    const dims = async (name: RegExp) => (await seat(name)).hasAttribute("data-dim");
    await waitFor(async () => expect(await dims(/^Row A seat 3,/)).toBe(true));
    expect([await dims(/^Row A seat 1,/), await dims(/^Row A seat 2,/), await dims(/^Row B seat 1,/)]).toEqual([false, false, false]);
  });

  it("marks wheelchair seats at any size, and says so", async () => {
    choose(hall);
    const chair = await seat(/^Row A seat 3,.*wheelchair/i);
    expect(chair).toHaveTextContent("♿");
    expect(await seat(/^Row A seat 4,/)).toHaveTextContent("4");
  });
});

describe("a stadium", () => {
  const sections = () => screen.findAllByRole("button", { name: /^10\d/ });

  it("is seen by grade before a section is opened", async () => {
    choose(stadium);
    expect(await sections()).toHaveLength(2);
    await userEvent.click(screen.getByRole("button", { name: /^VIP/ }));
    const shown = await sections();
    expect(shown.map((each) => each.textContent)).toEqual([expect.stringMatching(/^102/)]);
  });

  it("opens a section by name, at an address of its own, and closes it again", async () => {
    choose(stadium);
    await userEvent.click((await sections())[1]!);
    const heading = await screen.findByRole("heading", { name: "Section 102" });
    expect(heading).toHaveFocus();
    expect(screen.getAllByRole("checkbox")).toHaveLength(6);
    await userEvent.click(screen.getByRole("button", { name: "All sections" }));
    expect(await sections()).toHaveLength(2);
  });

  it("keeps its open section through a reload", async () => {
    choose(stadium, { at: "/performances/p1?section=s102" });
    expect(await screen.findByRole("heading", { name: "Section 102" })).toBeInTheDocument();
    const map = within(await screen.findByRole("group", { name: /^Seat map/ }));
    expect(map.getAllByRole("checkbox")).toHaveLength(6);
  });

  it("shows the whole when the address names no section of it", async () => {
    choose(stadium, { at: "/performances/p1?section=nonsense" });
    expect(await sections()).toHaveLength(2);
  });
});
