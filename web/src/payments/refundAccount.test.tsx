import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Reservation } from "../api/types";
import { json, problem, serve, show } from "../app/test-tools";
import { RefundAccount } from "./RefundAccount";

afterEach(() => vi.unstubAllGlobals());

const reservation = (state: string) =>
  ({
    id: "res_1", payment_id: "pay_1",
    refunds: [{ id: "rfd_1", amount: 30000, state, why: "cancelled", created_at: "2026-12-01T10:00:00.000Z" }],
  }) as unknown as Reservation;
const payment = (needed?: boolean) => ({
  id: "pay_1", state: "paid", amount: 30000, captured: 30000, refunded: 0, currency: "KRW", refunds: [],
  ...(needed === undefined ? {} : { refund_account_needed: needed }),
});

function open(state: string, needed: boolean | undefined, answer = json(204, null)) {
  const calls = serve({
    "GET /payments/pay_1": json(200, payment(needed)),
    "PUT /reservations/res_1/refund-account": answer,
  });
  show(<RefundAccount reservation={reservation(state)} />, "/my/reservations");
  return calls;
}

async function fill(number: string) {
  const user = userEvent.setup();
  await user.selectOptions(await screen.findByLabelText("Bank"), "Shinhan Bank");
  await user.type(screen.getByLabelText("Account number"), number);
  await user.type(screen.getByLabelText("Account holder"), " Kim ");
  await user.click(screen.getByRole("button", { name: "Give this account" }));
}

describe("the account that a deposit goes back to", () => {
  it("is asked for while money waits for it, and sent as digits", async () => {
    const calls = open("failed", true);
    await fill("110-123-456789");
    await waitFor(() => expect(calls.filter(({ call }) => call.startsWith("PUT"))).toHaveLength(1));
    expect(calls.find(({ call }) => call.startsWith("PUT"))?.body).toEqual({
      bank: "88", account: "110123456789", holder: "Kim",
    });
  });

  it("is not asked for where nothing waits, or the money came by card, or it is known", async () => {
    for (const [state, needed] of [["done", true], ["failed", undefined], ["requested", false]] as const) {
      const calls = open(state, needed);
      if (state !== "done") await waitFor(() => expect(calls).toHaveLength(1));
      expect(screen.queryByRole("form")).toBeNull();
    }
  });

  it("cannot be sent unfinished, and says what is wrong with it", async () => {
    open("failed", true, problem(422, "refund_account_invalid"));
    expect(await screen.findByRole("button", { name: "Give this account" })).toBeDisabled();
    await fill("000000");
    expect(await screen.findByText(/This account can.t be right/)).toBeInTheDocument();
  });
});
