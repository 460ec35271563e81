import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Route, Routes } from "react-router";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../api/client";
import { json, problem, serve, show } from "../app/test-tools";
import { outcomeOf, whyFailed } from "../payments/outcome";
import CheckoutPage from "./CheckoutPage";
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

const providers = (...names: string[]) => ({
  "GET /payments/providers": json(200, { items: names }),
});
const open = (answers: Parameters<typeof serve>[0], at = "/checkout/r1", offered = ["sandbox"]) => {
  const calls = serve({ ...providers(...offered), ...answers });
  return { calls, where: show(checkout, at) };
};
const pending = (more = {}) => ({ "GET /reservations/r1": json(200, reservation("pending", { pay_by: soon(), ...more })) });
const payment = (state: string, more = {}) => ({
  id: "y", state, provider: "toss", amount: 300000, captured: 0, refunded: 0, currency: "KRW", refunds: [], ...more,
});
// Enabled as soon as it is known whom to pay with.
const payNow = async (name = /^Pay/) => {
  await waitFor(() => expect(screen.getByRole("button", { name })).toBeEnabled());
  await userEvent.click(screen.getByRole("button", { name }));
};
const begun = (state: string, more = {}) => {
  localStorage.setItem("onsale.payment.r1", "y");
  return { "GET /payments/y": json(200, payment(state, more)) };
};

afterEach(() => vi.unstubAllGlobals());

describe("the checkout", () => {
  it("shows what is bought, for how much and how long", async () => {
    open(pending());
    await waitFor(() => expect(screen.getByRole("button", { name: /^Pay ₩300,000$/ })).toBeEnabled());
    expect(screen.getByRole("timer")).toHaveTextContent(/^0[34]:\d\d$/);
    expect(screen.getByText("Row A seat 1 · VIP")).toBeInTheDocument();
  });

  it("says before it is paid what giving it back would cost", async () => {
    const steps = [
      { within_days: 7, days_before: 1, fee_percent: 0 },
      { days_before: 10, fee_percent: 0 },
      { days_before: 1, fee_percent: 30 },
    ];
    open(pending({ cancellation_steps: steps }));
    expect(await screen.findByText("Free: within 7 days of buying, until 1 day before")).toBeInTheDocument();
    expect(screen.getByText("Free: until 10 days before")).toBeInTheDocument();
    expect(screen.getByText("30% of the price: until 1 day before")).toBeInTheDocument();
  });

  it("explains a declined payment and lets it be tried again", async () => {
    open(pending(), "/checkout/r1?reservation=r1&state=failed");
    expect(await screen.findByText("The payment was not approved")).toBeInTheDocument();
    await waitFor(() => expect(screen.getByRole("button", { name: /again$/ })).toBeEnabled());
  });

  it("waits while nobody knows, and does not offer to pay twice", async () => {
    open({ ...pending(), ...begun("unknown") }, "/checkout/r1?state=pending");
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
  it("needs no return to know how the payment stands: a reload or another tab will do", () => {
    expect(outcomeOf(null, "unknown")).toBe("deciding");
    expect(outcomeOf(null, "paid")).toBe("deciding");
    expect(outcomeOf(null, "failed")).toBe("failed");
    expect(outcomeOf(null, "pending")).toBe("none");
    expect(outcomeOf("confirmed", "refunded")).toBe("refunded");
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
    const { calls } = open({
      ...pending(),
      "POST /reservations/r1/payments": json(201, { payment_id: "y", state: "ready", redirect_url: "" }),
    });
    await payNow();
    const paying = calls.find((each) => each.call.endsWith("/payments"));
    expect(paying?.body).toEqual({ provider: "sandbox", return_url: "http://localhost:3000/checkout/r1" });
    expect(paying?.headers["Idempotency-Key"]).toBeTruthy();
  });
});

describe("whom to pay with", () => {
  const offered = ["toss", "kakaopay"];
  const paid = (calls: ReturnType<typeof serve>) =>
    calls.filter(({ call }) => call.endsWith("/payments")).map(({ body }) => (body as { provider: string }).provider);
  const started = { "POST /reservations/r1/payments": json(201, { payment_id: "y", state: "ready", redirect_url: "" }) };

  it("is what the server offers", async () => {
    const { calls } = open({ ...pending(), ...started }, undefined, offered);
    expect(await screen.findByRole("radio", { name: "Toss Payments" })).toBeChecked();
    expect(screen.queryByText(/practice/)).toBeNull();
    await userEvent.click(screen.getByRole("radio", { name: "KakaoPay" }));
    await payNow();
    expect(paid(calls)).toEqual(["kakaopay"]);
  });

  it("is said where there is no choice, and where there is nobody", async () => {
    open(pending());
    expect(await screen.findByText(/practice payment/)).toBeInTheDocument();
    expect(screen.queryByRole("radio")).toBeNull();
  });

  it("may be nobody", async () => {
    open(pending(), undefined, []);
    expect(await screen.findByText("Nothing can be paid here at the moment.")).toBeInTheDocument();
    expect(screen.getByRole("button", { name: /^Pay/ })).toBeDisabled();
  });

  it("is nobody's business when there is nothing to pay", async () => {
    const free = { amount: { list: 300000, discount: 300000, payable: 0 } };
    const { calls } = open({ ...pending(free), ...started }, undefined, []);
    await payNow(/^Confirm: nothing to pay/);
    expect(paid(calls)).toHaveLength(1);
    expect(screen.queryByText("Nothing can be paid here at the moment.")).toBeNull();
  });

  it("looks at how things stand when another tab was faster", async () => {
    let state = "pending";
    const { where } = open({
      "GET /reservations/r1": () => json(200, reservation(state, { pay_by: soon() }))(undefined),
      "POST /reservations/r1/payments": () => ((state = "confirmed"), problem(409, "not_payable")(undefined)),
    });
    await screen.findByText(/practice payment/);
    await payNow();
    await waitFor(() => expect(where()).toBe("/tickets/r1"));
  });

  it("rests while it can’t be reached, and the other one is there meanwhile", async () => {
    const down = () =>
      new Response(JSON.stringify({ status: 503, code: "provider_unavailable" }), { status: 503, headers: { "Retry-After": "30" } });
    const { calls } = open({ ...pending(), "POST /reservations/r1/payments": down }, undefined, offered);
    await screen.findByRole("radio", { name: "Toss Payments" });
    await payNow();
    expect(await screen.findByText("Toss Payments can’t be reached right now")).toBeInTheDocument();
    expect(screen.getByText(/Choose another way to pay, or try again in 00:\d\d/)).toBeInTheDocument();
    expect(screen.getByRole("button", { name: /^Pay/ })).toBeDisabled();
    expect(paid(calls)).toEqual(["toss"]); // and is not asked again meanwhile
    await userEvent.click(screen.getByRole("radio", { name: "KakaoPay" }));
    expect(screen.getByRole("button", { name: /^Pay/ })).toBeEnabled();
    expect(screen.getByRole("radio", { name: "Toss Payments" })).toHaveAccessibleDescription(/^Can’t be reached/);
  });
});

describe("the checkout, come back to later", () => {
  it("leads on to a pay page that was left", async () => {
    open({ ...pending(), ...begun("pending", { redirect_url: "/pay" }) }, undefined, ["kakaopay", "toss"]);
    expect(await screen.findByText("Your payment with Toss Payments is not finished")).toBeInTheDocument();
    expect(await screen.findByRole("radio", { name: "Toss Payments" })).toBeChecked();
    expect(screen.getByRole("button", { name: "Carry on paying ₩300,000" })).toBeEnabled();
    await userEvent.click(screen.getByRole("radio", { name: "KakaoPay" }));
    expect(screen.getByRole("button", { name: "Pay ₩300,000" })).toBeEnabled();
  });

  it("waits for what nobody knows yet, without a word in the address", async () => {
    open({ ...pending(), ...begun("unknown") });
    expect(await screen.findByText("Checking your payment")).toBeInTheDocument();
    expect(screen.queryByRole("button")).toBeNull();
  });

  it("shows the account that money is awaited on, and until when", async () => {
    const until = new Date(Date.now() + 3 * 86_400_000).toISOString();
    const deposit = { bank: "신한", account: "110-123-456789", holder: "Onsale", until };
    open({ ...pending(), ...begun("pending", { redirect_url: "/pay", deposit }) }, "/checkout/r1?state=pending");
    expect(await screen.findByRole("heading", { name: "Waiting for your deposit" })).toBeInTheDocument();
    expect(screen.getByRole("region", { name: "Deposit ₩300,000" })).toHaveTextContent("110-123-456789");
    expect(screen.getByText("신한")).toHaveAttribute("lang", "ko");
    // The seats are kept for some minutes only, and that is what counts.
    expect(screen.getByText(/^0[34]:\d\d$/)).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Pay another way" }));
    expect(await screen.findByRole("heading", { name: "Amount" })).toBeInTheDocument();
  });

  it("calls the bank by its name", async () => {
    const deposit = { bank: "20", account: "1", holder: "" };
    open({ ...pending(), ...begun("pending", { deposit }) });
    expect(await screen.findByText("Woori Bank")).toBeInTheDocument();
  });

  it("says why it failed, in the provider's words where there are no better ones", async () => {
    open({ ...pending(), ...begun("failed", { failure: "잔액이 부족합니다" }) });
    expect(await screen.findByText("잔액이 부족합니다")).toHaveAttribute("lang", "ko");
  });

  it("says why it failed in our words where there are some", async () => {
    open({ ...pending(), ...begun("failed", { failure: "declined" }) });
    expect(await screen.findByText("The payment was declined.")).toBeInTheDocument();
  });

  it.each([
    ["REJECT_CARD_COMPANY", "declined"],
    ["EXCEED_MAX_DAILY_PAYMENT_COUNT", "limit"],
    ["INVALID_CARD_EXPIRATION", "card"],
    ["REJECT_ACCOUNT_PAYMENT", "account"],
    ["FAIL_AUTH_PASSWORD", "password"],
    ["PAY_PROCESS_CANCELED", "stopped"],
  ])("has words for what a provider calls %s", (code, why) => {
    expect(whyFailed(code)).toEqual({ why });
  });

  it("shows no provider's code to a buyer", () => {
    expect(whyFailed("UNKNOWN_PAYMENT_ERROR")).toBeUndefined();
    expect(whyFailed("")).toBeUndefined();
  });

  const expired = (more = {}) => ({ "GET /reservations/r1": json(200, reservation("expired", more)) });
  const refund = (state: string) => ({ id: "f", amount: 300000, state, why: "cancelled", created_at: "2026-12-01T10:00:00.000Z" });
  it.each([
    ["requested", /₩300,000 on its way back since/],
    ["done", /₩300,000 went back/],
    ["failed", /could not go back yet/],
  ])("says how far a refund is: %s", async (state, words) => {
    open(expired({ refunds: [refund(state)] }));
    expect(await screen.findByText(words)).toBeInTheDocument();
  });

  it.each([
    ["seats_gone", /somebody else’s/],
    ["paid_twice", /a second payment/],
    ["called_off", /called off/],
  ])("says why money goes back: %s", async (why, words) => {
    open(expired({ refunds: [{ ...refund("done"), why }] }));
    expect(await screen.findByText(words)).toBeInTheDocument();
  });

  it("does not say that nothing was charged while that is not known", async () => {
    open({ ...expired(), ...begun("unknown") });
    expect(await screen.findByText(/still asking about your payment/)).toBeInTheDocument();
  });

  it("says that nothing was charged when that is known", async () => {
    open({ ...expired(), ...begun("cancelled") });
    expect(await screen.findByText(/Nothing was charged/)).toBeInTheDocument();
  });

  it("sends who was logged out meanwhile to log in, and back", async () => {
    const { where } = open({ ...pending(), "POST /reservations/r1/payments": problem(401, "unauthenticated") });
    await screen.findByText(/practice payment/);
    await payNow();
    await waitFor(() => expect(where()).toBe("/login"));
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
