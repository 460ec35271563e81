// How paying stands, as far as anybody knows.
import type { Payment } from "../api/types";

// none: to be paid. deciding: the provider was asked, and nobody knows yet. refunded: what came went
// back.
export type Outcome = "none" | "deciding" | "failed" | "cancelled" | "refunded";

// A payment that is ready or pending waits for its buyer on the pay page: who is here left that page
// with the Back button, and `returned` may speak of an earlier try. Whatever else the payment says is
// true without a return, too: after a reload, in another tab, days later.
export function outcomeOf(returned: string | null, payment: Payment["state"] | undefined): Outcome {
  const open = payment === undefined || payment === "ready" || payment === "pending";
  const state = open ? returned : payment;
  if (state === "failed" || state === "cancelled") return state;
  if (state === "refunded" || state === "partially_refunded") return "refunded";
  return state === null || state === "ready" || state === "pending" ? "none" : "deciding";
}

// Where the buyer can go on with a payment that was begun.
export const openAt = (payment: Payment | undefined): string | undefined =>
  payment?.state === "pending" ? payment.redirect_url : undefined;

// The account that money is to be paid into, while it is awaited.
export const awaitedDeposit = (payment: Payment | undefined) =>
  payment?.state === "pending" || payment?.state === "unknown" ? payment.deposit : undefined;

const WHYS: [codes: RegExp, why: string][] = [
  [/^amount_mismatch$/, "amount_mismatch"],
  [/^(EXCEED|BELOW)_/, "limit"],
  [/^(INVALID_CARD|INVALID_STOPPED)_/, "card"],
  [/PASSWORD$/, "password"],
  [/^REJECT_ACCOUNT_/, "account"],
  [/^PAY_PROCESS_/, "stopped"],
  [/^(declined|failed|REJECT_\w+|INVALID_REJECT_\w+|FDS_ERROR)$/, "declined"],
];
const A_CODE = /^[A-Za-z0-9_.-]+$/;

// Why a payment failed: by a word that there are texts for, or as the provider says it to people. Its
// codes mean nothing to a buyer.
export function whyFailed(failure: string | undefined): { why: string } | { said: string } | undefined {
  if (!failure) return undefined;
  const why = WHYS.find(([codes]) => codes.test(failure))?.[1];
  if (why) return { why };
  return A_CODE.test(failure) ? undefined : { said: failure };
}
