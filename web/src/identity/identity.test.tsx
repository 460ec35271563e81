import { cleanup, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Route, Routes } from "react-router";
import { afterEach, describe, expect, it, vi } from "vitest";
import { signedInHint } from "../api/client";
import { json, problem, serve, show } from "../app/test-tools";
import { AccountMenu } from "./AccountMenu";
import { safeNext } from "./next";
import SignupPage from "./SignupPage";

afterEach(() => vi.unstubAllGlobals());

describe("where signing in leads", () => {
  it("is a page of this app, never elsewhere", () => {
    expect(safeNext("/performances/p1?x=1")).toBe("/performances/p1?x=1");
    for (const bad of ["//evil.test", "https://evil.test", "/\\evil.test", "javascript:1", "", null, "/login"]) {
      expect(safeNext(bad)).toBe("/");
    }
  });
});

describe("signing up", () => {
  it("puts every refusal at its field", async () => {
    serve({
      "GET /me": problem(401, "unauthenticated"),
      "POST /auth/signup": problem(422, "invalid", [
        { field: "email", code: "malformed", message: "not an address" },
      ]),
    });
    show(<SignupPage />, "/signup");
    const user = userEvent.setup();
    await user.click(screen.getByRole("button", { name: "Create account" }));
    expect(screen.getAllByText("Please fill this in.")).toHaveLength(3);
    await user.type(screen.getByLabelText("Name"), "Kim");
    await user.type(screen.getByLabelText("E-mail"), "nonsense");
    await user.type(screen.getByLabelText("Password"), "long enough 1");
    await user.click(screen.getByRole("button", { name: "Create account" }));
    await waitFor(() =>
      expect(screen.getByLabelText("E-mail")).toHaveAccessibleDescription("Please check the format."),
    );
    expect(screen.getByLabelText("E-mail")).toBeInvalid();
  });

  it("goes back to where the visitor came from", async () => {
    serve({
      "GET /me": problem(401, "unauthenticated"),
      "POST /auth/signup": json(201, { account: { id: "1", email: "a@b.c", name: "Kim", role: "buyer" } }),
    });
    const pages = (
      <Routes>
        <Route path="/signup" element={<SignupPage />} />
        <Route path="*" element={null} />
      </Routes>
    );
    const where = show(pages, "/signup?next=%2Fperformances%2Fp1");
    const user = userEvent.setup();
    await user.type(screen.getByLabelText("Name"), "Kim");
    await user.type(screen.getByLabelText("E-mail"), "a@b.c");
    await user.type(screen.getByLabelText("Password"), "long enough 1");
    await user.click(screen.getByRole("button", { name: "Create account" }));
    await waitFor(() => expect(where()).toBe("/performances/p1"));
  });
});

it("asks for nobody's account while nobody is signed in", async () => {
  const me = json(200, { id: "1", email: "a@b.c", name: "Kim", role: "buyer" });
  const calls = serve({ "GET /me": me });
  show(<AccountMenu />);
  expect(await screen.findByRole("link", { name: "Log in" })).toBeInTheDocument();
  expect(calls).toEqual([]);
  cleanup();
  signedInHint.set(true);
  show(<AccountMenu />);
  await waitFor(() => expect(calls.map(({ call }) => call)).toEqual(["GET /me"]));
});
