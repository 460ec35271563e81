import { cleanup, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { json, problem, serve, show } from "../app/test-tools";
import { Gate } from "./Gate";
import { admittedPlace, writePlace } from "./placeStore";

const go = vi.hoisted(() => vi.fn());
vi.mock("./address", () => ({ goToWait: go }));

const gate = () =>
  show(
    <Gate room="r" performance="p" waiting="asking">
      {"seats"}
    </Gate>,
  );

beforeEach(() => {
  sessionStorage.clear();
  localStorage.clear();
  go.mockReset();
});
afterEach(() => vi.unstubAllGlobals());

describe("the way to the seats", () => {
  it("is open at once for who carries a pass", () => {
    writePlace({ room: "r", state: "admitted", place: "tok", pass: "jwt" });
    gate();
    expect(screen.getByText("seats")).toBeInTheDocument();
  });
  it("opens for a device that the server has admitted, and keeps its pass", async () => {
    serve({ "GET /rooms/r/places/me": json(200, { state: "admitted", place: "tok", pass: "jwt" }) });
    gate();
    expect(screen.getByText("asking")).toBeInTheDocument();
    expect(await screen.findByText("seats")).toBeInTheDocument();
    expect(admittedPlace()).toMatchObject({ room: "r", pass: "jwt", performance: "p" });
  });
  it("leads who waits, and who is unknown, to the wait page", async () => {
    serve({ "GET /rooms/r/places/me": json(200, { state: "waiting", place: "tok", position: 3 }) });
    gate();
    await vi.waitFor(() => expect(go).toHaveBeenCalledWith("r", "p"));
    cleanup();
    serve({ "GET /rooms/r/places/me": problem(401, "place_invalid") });
    gate();
    await vi.waitFor(() => expect(go).toHaveBeenCalledTimes(2));
  });
  it("says so when the server can't be asked, and stays", async () => {
    serve({ "GET /rooms/r/places/me": problem(503, "overloaded") });
    gate();
    expect(await screen.findByRole("alert")).toBeInTheDocument();
    expect(go).not.toHaveBeenCalled();
  });
});
