import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { signedInHint } from "../api/client";
import { json, problem, serve, show } from "../app/test-tools";
import MoneyPage from "./MoneyPage";
import { withWords } from "./words";

beforeAll(() => withWords(Promise.resolve()));
afterEach(() => vi.unstubAllGlobals());

const refund = (more = {}) => ({
  id: "ref_1", payment_id: "pay_1", amount: 30000, currency: "KRW", state: "failed", reason: "cancelled by the buyer",
  attempt: 0, created_at: "2026-12-01T10:00:00.000Z", ...more,
});
const task = { refund: refund(), subject: "res_1", account_id: "acc_1", provider: "toss" };
const decision = {
  id: "aud_1", at: "2026-12-01T11:00:00.000Z", who: "acc_9", name: "Lee", action: "refund.retried", subject: "ref_1",
  before: '{"state":"failed"}', after: '{"state":"requested"}',
};

const health = (provider: string, state: string) => ({
  provider, state, retry_in_ms: state === "open" ? 25_000 : 0, under_way: 1, places: 32, refused_open: 3, refused_full: 1,
  answered: 40, unanswered: 7,
  breaker: { window: 20, failures_max: 10, slow_ms: 5000, slow_run_max: 5, rest_ms: 5000, rest_max_ms: 60000 },
});
const payment = {
  id: "pay_9", state: "unknown", provider: "toss", subject: "res_9", order_name: "Wicked", account_id: "acc_9",
  amount: 88000, captured: 0, refunding: 0, refunded: 0, currency: "KRW",
  created_at: "2026-12-01T10:00:00.000Z", updated_at: "2026-12-01T10:00:00.000Z",
};
const history = (state = "unknown") => ({
  payment: { ...payment, state }, reference: "order-1", refunds: [],
  calls: [{ step: "settle", outcome: "no_answer", code: "timeout", at: "2026-12-01T10:00:05.000Z", duration_ms: 10000 }],
});

function open(answers: Parameters<typeof serve>[0] = {}, role = "admin") {
  signedInHint.set(true);
  const calls = serve({
    "GET /me": json(200, { id: "a", email: "a@b.c", name: "Kim", role }),
    "GET /admin/payments/balance": json(200, { captured: 100000, refunded: 20000, refunding: 5000 }),
    "GET /admin/refunds": json(200, { items: [task] }),
    "GET /admin/audit": json(200, { items: [decision] }),
    "GET /admin/payments/providers": json(200, { items: [health("sandbox", "closed"), health("toss", "open")] }),
    "GET /admin/payments": json(200, { items: [payment] }),
    "GET /admin/payments/pay_9": json(200, history()),
    ...answers,
  });
  show(<MoneyPage />, "/admin/money");
  return calls;
}
const posts = (calls: ReturnType<typeof serve>) => calls.filter(({ call }) => call.startsWith("POST"));

describe("the operator's money page", () => {
  it("shows the sums, and the refunds that a provider refused", async () => {
    open();
    const card = await screen.findByRole("article", { name: /₩30,000/ });
    for (const fact of ["Toss Payments", "cancelled by the buyer", "1 time", "res_1", "pay_1"]) {
      expect(within(card).getByText(fact)).toBeInTheDocument();
    }
    expect(await screen.findByText("₩100,000")).toBeInTheDocument();
    await userEvent.click(within(card).getByText("History"));
    expect(await within(card).findByText("Lee")).toBeInTheDocument();
    expect(card).toHaveTextContent("State: refused or kept → becomes asked for");
  });

  it("asks again under a key, and says what came of it", async () => {
    const calls = open({ "POST /admin/refunds/ref_1/retry": json(200, refund({ attempt: 1 })) });
    await userEvent.click(await screen.findByRole("button", { name: "Ask again" }));
    expect(await screen.findByText("The provider refused to give ₩30,000 back once more")).toBeInTheDocument();
    expect(posts(calls).map(({ call, headers }) => [call, Boolean(headers["Idempotency-Key"])])).toEqual([
      ["POST /admin/refunds/ref_1/retry", true],
    ]);
  });

  it("settles only with a reason", async () => {
    const calls = open({ "POST /admin/refunds/ref_1/settle": json(200, refund({ state: "done" })) });
    const user = userEvent.setup();
    await user.click(await screen.findByRole("button", { name: "Settle…" }));
    const dialog = screen.getByRole("dialog", { name: "How did the refund of ₩30,000 end?" });
    const settle = within(dialog).getByRole("button", { name: "Settle" });
    expect(settle).toBeDisabled();
    await user.type(within(dialog).getByLabelText("Reason"), "  ");
    expect(settle).toBeDisabled();
    await user.click(within(dialog).getByRole("radio", { name: /will not go back/ }));
    await user.type(within(dialog).getByLabelText("Reason"), "chargeback");
    await user.click(settle);
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(posts(calls).map(({ body }) => body)).toEqual([{ outcome: "failed", reason: "chargeback" }]);
  });

  it("decides what becomes of a purchase whose money the provider took back", async () => {
    const reversed = { ...task, refund: refund({ state: "reversed" }) };
    const calls = open({
      "GET /admin/refunds": json(200, { items: [reversed] }),
      "POST /admin/refunds/ref_1/reversal": json(200, refund({ state: "reversed", settled_at: "2026-12-01T12:00:00.000Z" })),
    });
    const user = userEvent.setup();
    await user.click(await screen.findByRole("button", { name: "Decide…" }));
    expect(screen.queryByRole("button", { name: "Ask again" })).toBeNull();
    const dialog = screen.getByRole("dialog", { name: /took ₩30,000 back/ });
    await user.click(within(dialog).getByRole("radio", { name: "The purchase stands" }));
    await user.type(within(dialog).getByLabelText("Reason"), "paid at the door");
    await user.click(within(dialog).getByRole("button", { name: "Decide" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(posts(calls).map(({ call, body }) => [call, body])).toEqual([
      ["POST /admin/refunds/ref_1/reversal", { purchase: "stands", reason: "paid at the door" }],
    ]);
  });

  it("settles a payment that its provider does not answer for", async () => {
    const calls = open({ "POST /admin/payments/pay_9/settle": json(200, history("cancelled")) });
    const user = userEvent.setup();
    await user.click(await screen.findByRole("button", { name: /₩88,000/ }));
    await user.click(await within(await screen.findByRole("dialog")).findByRole("button", { name: "Settle…" }));
    const dialog = await screen.findByRole("dialog", { name: "How did the payment of ₩88,000 end?" });
    await user.click(within(dialog).getByRole("radio", { name: "Nothing was captured" }));
    await user.type(within(dialog).getByLabelText("Reason"), "not in their list");
    await user.click(within(dialog).getByRole("button", { name: "Settle" }));
    await waitFor(() => expect(screen.getByRole("dialog", { name: "Payment" })).toBeInTheDocument());
    expect(posts(calls).map(({ call, body }) => [call, body])).toEqual([
      ["POST /admin/payments/pay_9/settle", { outcome: "not_captured", reason: "not in their list" }],
    ]);
    expect(within(screen.getByRole("dialog", { name: "Payment" })).queryByRole("button", { name: "Settle…" })).toBeNull();
  });

  it("says when somebody else was faster", async () => {
    open({ "POST /admin/refunds/ref_1/retry": problem(409, "refund_not_failed") });
    await userEvent.click(await screen.findByRole("button", { name: "Ask again" }));
    expect(await screen.findByText(/somebody else was faster/)).toBeInTheDocument();
  });

  it("says when there is nothing to do", async () => {
    open({ "GET /admin/refunds": json(200, { items: [] }) });
    expect(await screen.findByText("No refund needs anybody")).toBeInTheDocument();
  });

  it("is for operators only", async () => {
    const calls = open({}, "buyer");
    expect(await screen.findByText("For administrators")).toBeInTheDocument();
    expect(calls.some(({ call }) => call.startsWith("GET /admin"))).toBe(false);
  });

  it("says which provider rests, and for how long", async () => {
    open();
    const providers = await screen.findByRole("region", { name: "Providers" });
    expect(within(providers).getByText("rests, again in 00:25")).toBeInTheDocument();
    expect(within(providers).getByText("reachable")).toBeInTheDocument();
  });

  it("lists what is undecided first, and finds by an id", async () => {
    const asked: string[] = [];
    open();
    const plain = fetch;
    vi.stubGlobal("fetch", (url: string, init: RequestInit) => (asked.push(url), plain(url, init)));
    await screen.findByRole("button", { name: /₩88,000/ });
    expect(screen.getByRole("combobox", { name: "State" })).toHaveValue("unknown");
    await userEvent.type(screen.getByLabelText("Find"), "res_9{Enter}");
    await waitFor(() => expect(asked.some((url) => url.endsWith("/admin/payments?q=res_9"))).toBe(true));
    expect(screen.getByRole("combobox", { name: "State" })).toHaveValue("");
  });

  it("opens a payment with all that was asked of its provider, and asks now", async () => {
    const calls = open({ "POST /admin/payments/pay_9/reconcile": json(200, history("paid")) });
    const user = userEvent.setup();
    await user.click(await screen.findByRole("button", { name: /₩88,000/ }));
    const box = await screen.findByRole("dialog", { name: "Payment" });
    expect(await within(box).findByText("timeout")).toBeInTheDocument();
    expect(within(box).getByText("no answer")).toBeInTheDocument();
    expect(within(box).getByText("10,000 ms")).toBeInTheDocument();
    await user.click(within(box).getByRole("button", { name: "Ask the provider now" }));
    await waitFor(() => expect(posts(calls)).toHaveLength(1));
    await user.click(within(box).getByRole("button", { name: "Close" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });
});
