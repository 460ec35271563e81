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

function open(answers: Parameters<typeof serve>[0] = {}, role = "admin") {
  signedInHint.set(true);
  const calls = serve({
    "GET /me": json(200, { id: "a", email: "a@b.c", name: "Kim", role }),
    "GET /admin/payments/balance": json(200, { captured: 100000, refunded: 20000, refunding: 5000 }),
    "GET /admin/refunds": json(200, { items: [task] }),
    "GET /admin/audit": json(200, { items: [decision] }),
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
});
