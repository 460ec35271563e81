import { screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Layout } from "../app/Layout";
import { json, problem, serve, show } from "../app/test-tools";
import { admittedPlace, tellPlaceEnd, writePlace } from "./placeStore";

vi.mock("../api/live", () => ({ subscribe: () => () => {} }));

const visit = (at: string) => show(<Layout>{"page"}</Layout>, at);
const inside = { state: "admitted", place: "tok", pass: "jwt", poll_after_ms: 1000 };

beforeEach(() => writePlace({ room: "r", performance: "p", state: "admitted", place: "tok" }));
afterEach(() => {
  vi.unstubAllGlobals();
  tellPlaceEnd(undefined);
});

describe("somebody whose turn it is", () => {
  for (const at of ["/shows/s1", "/", "/my/reservations", "/performances/p", "/login"]) {
    it(`is alive to the server at ${at}`, async () => {
      const calls = serve({ "GET /rooms/r/places/me": json(200, inside) });
      visit(at);
      await vi.waitFor(() => expect(admittedPlace()?.pass).toBe("jwt"), 15_000);
      expect(calls.map((each) => each.call)).toContain("GET /rooms/r/places/me");
    });
  }
  it("is told when it is over, on the page of the show too", async () => {
    serve({
      "GET /rooms/r/places/me": json(200, { ...inside, state: "expired", pass: undefined }),
      "GET /me": problem(401, "unauthenticated"),
    });
    visit("/shows/s1");
    expect(await screen.findByRole("dialog", { name: "Your admission has ended" })).toBeInTheDocument();
  });
});
