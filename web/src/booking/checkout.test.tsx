import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Route, Routes } from "react-router";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../api/client";
import { json, problem, serve, show } from "../app/test-tools";
import CheckoutPage, { outcomeOf } from "./CheckoutPage";
import MyReservationsPage from "./MyReservationsPage";
import { seatsInTheWay } from "./useBuying";

const reservation = (state: string, more = {}) => ({
  id: "r1",
  number: "N-1",
  state,
  performance: {
    id: "p1",
    show_id: "s1",
    show_title: "Wicked",
    hall: { name: "Main hall", venue: "Theatre" },
    starts_at: "2099-05-01T10:30:00.000Z",
  },
  seats: [
    { id: "A-1", label: "1", grade: "VIP", price: 150000, state: "kept" },
    { id: "A-2", label: "2", grade: "VIP", price: 150000, state: "kept" },
  ],
  amount: { list: 300000, discount: 0, payable: 300000 },
  currency: "KRW",
  refunds: [],
  ...more,
});
const soon = () => new Date(Date.now() + 240_000).toISOString();
const checkout = (
  <Routes>
    <Route path="/checkout/:reservation" element={<CheckoutPage />} />
    <Route path="*" element={<p>elsewhere</p>} />
  </Routes>
);

afterEach(() => vi.unstubAllGlobals());

describe("the checkout", () => {
  it("shows what is bought, for how much and how long", async () => {
    serve({ "GET /reservations/r1": json(200, reservation("pending", { pay_by: soon() })) });
    show(checkout, "/checkout/r1");
    expect(await screen.findByRole("button", { name: /^Pay ₩300,000$/ })).toBeEnabled();
    expect(screen.getByRole("timer")).toHaveTextContent(/^0[34]:\d\d$/);
    expect(screen.getByText("Row A seat 1 · VIP")).toBeInTheDocument();
  });

  it("explains a declined payment and lets it be tried again", async () => {
    serve({ "GET /reservations/r1": json(200, reservation("pending", { pay_by: soon() })) });
    show(checkout, "/checkout/r1?reservation=r1&state=failed");
    expect(await screen.findByText("The payment was not approved")).toBeInTheDocument();
    expect(screen.getByRole("button", { name: /again$/ })).toBeEnabled();
  });

  it("waits while nobody knows, and does not offer to pay twice", async () => {
    serve({
      "GET /reservations/r1": json(200, reservation("pending", { pay_by: soon(), payment_id: "y" })),
      "GET /payments/y": json(200, { id: "y", state: "unknown" }),
    });
    show(checkout, "/checkout/r1?state=pending");
    expect(await screen.findByText("Checking your payment")).toBeInTheDocument();
    expect(screen.queryByRole("button")).toBeNull();
  });

  it("offers to pay again to somebody who came back from an undecided pay page", () => {
    expect(outcomeOf(null, undefined)).toBe("none");
    expect(outcomeOf("cancelled", "pending")).toBe("cancelled"); // of an earlier try
    expect(outcomeOf("failed", "cancelled")).toBe("cancelled");
    expect(outcomeOf("pending", "pending")).toBe("none");
    expect(outcomeOf("pending", "unknown")).toBe("deciding");
    expect(outcomeOf("cancelled", "paid")).toBe("deciding");
  });
  it("goes on to the tickets when confirmed", async () => {
    serve({ "GET /reservations/r1": json(200, reservation("confirmed")) });
    const where = show(checkout, "/checkout/r1?state=confirmed");
    await waitFor(() => expect(where()).toBe("/tickets/r1"));
  });

  it("sends to the log-in page when nobody is signed in", async () => {
    serve({ "GET /reservations/r1": problem(401, "unauthenticated") });
    const where = show(checkout, "/checkout/r1");
    await waitFor(() => expect(where()).toBe("/login"));
  });

  it("says when the time is over", async () => {
    serve({ "GET /reservations/r1": json(200, reservation("expired")) });
    show(checkout, "/checkout/r1");
    expect(await screen.findByRole("link", { name: "Choose seats again" })).toHaveAttribute(
      "href",
      "/performances/p1",
    );
  });

  it("opens a payment with a key and comes back to this page", async () => {
    const calls = serve({
      "GET /reservations/r1": json(200, reservation("pending", { pay_by: soon() })),
      "POST /reservations/r1/payments": json(201, { payment_id: "y", state: "ready", redirect_url: "" }),
    });
    show(checkout, "/checkout/r1");
    await userEvent.click(await screen.findByRole("button", { name: /^Pay/ }));
    const paying = calls.find((each) => each.call.endsWith("/payments"));
    expect(paying?.body).toEqual({ provider: "sandbox", return_url: "http://localhost:3000/checkout/r1" });
    expect(paying?.headers["Idempotency-Key"]).toBeTruthy();
  });
});

describe("cancelling", () => {
  it("asks first, can cancel one seat of two, and tells what comes back", async () => {
    const after = reservation("confirmed", { refunds: [{ id: "f", amount: 150000 }] });
    const calls = serve({
      "GET /reservations": json(200, { items: [reservation("confirmed")] }),
      "POST /reservations/r1/cancel": json(200, after),
    });
    show(<MyReservationsPage />, "/my/reservations");
    const user = userEvent.setup();
    await user.click(await screen.findByRole("button", { name: "Cancel" }));
    const dialog = screen.getByRole("dialog", { name: "Cancel this reservation?" });
    await user.click(within(dialog).getByRole("checkbox", { name: /seat 2/ }));
    await user.click(within(dialog).getByRole("button", { name: "Cancel 1 seat" }));
    expect(await screen.findByText(/₩150,000 is on its way back/)).toBeInTheDocument();
    expect(calls.find((each) => each.call.endsWith("/cancel"))?.body).toEqual({ seats: ["A-1"] });
  });
});

describe("a refused hold", () => {
  it("names the seats that stood in the way", () => {
    const error = new ApiError({
      status: 409,
      code: "seat_unavailable",
      errors: [{ field: "seats[1]", code: "seat_unavailable", message: "" }],
    });
    expect(seatsInTheWay(error, ["A-1", "A-2"])).toEqual(["A-2"]);
  });
});
