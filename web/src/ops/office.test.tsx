import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { signedInHint } from "../api/client";
import { json, problem, serve, show } from "../app/test-tools";
import { JobCard } from "./JobCard";
import LedgerPage from "./LedgerPage";
import { beginOf, koreanDay } from "./office";
import { draftOf, emptyDraft, moved, stepsOf } from "./policy";
import { PolicyEditor } from "./PolicyEditor";
import SettlementPage from "./SettlementPage";
import { withWords } from "./words";

beforeAll(() => withWords(Promise.resolve()));
afterEach(() => vi.unstubAllGlobals());

const boss = json(200, { id: "a", email: "a@b.c", name: "Kim", role: "admin" });
const sums = (captured: number, refunded: number, says: number | null, fees: number | null = 0) => ({
  captured,
  refunded,
  fees,
  provider_says: says === null ? null : { captured: says, refunded },
  difference: says === null ? null : says - captured,
});

const settlement = {
  day: "2026-12-01", currency: "KRW", from: "2026-11-30T15:00:00.000Z", to: "2026-12-01T15:00:00.000Z", over: true,
  ...sums(150000, 20000, null, null),
  providers: [
    {
      provider: "toss", ...sums(100000, 20000, 98000, 2640), fees_by: "provider", differing_total: 2,
      differing: [
        { payment_id: "pay_1", order: "pay_1", differs: "amount", captured: 50000, refunded: 0, provider_captured: 48000, provider_refunded: 0 },
        { order: "another-shop", differs: "unknown_here", captured: 0, refunded: 0, provider_captured: 400, provider_refunded: 0 },
      ],
    },
    { provider: "kakaopay", ...sums(50000, 0, null, null), fees_by: "none", reason: "not_offered", differing_total: 0, differing: [] },
  ],
  lines: [
    { provider: "kakaopay", show_id: "shw_1", title: "Cats", payments: 1, ...sums(50000, 0, null, null) },
    { provider: "toss", payments: 2, ...sums(100000, 20000, 98000, 2640) },
  ],
};

describe("Korea's days", () => {
  it("begin at three in the afternoon of the day before in UTC", () => {
    expect(koreanDay(Date.parse("2026-12-01T14:59:59Z"))).toBe("2026-12-01");
    expect(koreanDay(Date.parse("2026-12-01T15:00:00Z"))).toBe("2026-12-02");
    expect(beginOf("2026-12-02")).toBe("2026-12-01T15:00:00.000Z");
    expect(beginOf("2026-12-02", 1)).toBe("2026-12-02T15:00:00.000Z");
  });
});

describe("the settlement of a day", () => {
  it("says what nobody knows as a dash, with the reason, and names what differs", async () => {
    signedInHint.set(true);
    serve({ "GET /me": boss, "GET /admin/settlement": json(200, settlement) });
    show(<SettlementPage />, "/admin/settlement?day=2026-12-01");
    const providers = await screen.findByRole("region", { name: "By provider" });
    const [toss, kakaopay] = within(providers).getAllByRole("listitem").filter((each) => each.querySelector("h3"));
    expect(toss).toHaveTextContent("2 payments differ");
    expect(within(toss!).getByRole("link", { name: "pay_1" })).toHaveAttribute("href", "/admin/money?payment=pay_1");
    expect(toss).toHaveTextContent("another-shopunknown hereours ₩0 · theirs ₩400");
    expect(kakaopay).toHaveTextContent("no list");
    expect(kakaopay).toHaveTextContent("Difference–");
    const total = screen.getByRole("region", { name: "Total" });
    expect(total).toHaveTextContent("Captured₩150,000");
    expect(total).toHaveTextContent("Provider says–");
    const table = screen.getByRole("table");
    expect(within(table).getByRole("rowheader", { name: "No show known" })).toBeInTheDocument();
    expect(within(table).getByRole("rowheader", { name: "Cats" })).toBeInTheDocument();
  });

  it("is for operators only", async () => {
    signedInHint.set(true);
    serve({ "GET /me": boss, "GET /admin/settlement": problem(403, "forbidden") });
    show(<SettlementPage />, "/admin/settlement");
    expect(await screen.findByText("For administrators")).toBeInTheDocument();
  });
});

describe("the ledger", () => {
  const transfer = {
    seq: 7, id: "pay_1:captured", at: "2026-12-01T10:00:00.000Z", debit: "provider:toss", credit: "buyers",
    amount: 30000, currency: "KRW", subject: "pay_1", note: "",
  };
  it("names accounts and leads to the payment, and checks the books", async () => {
    signedInHint.set(true);
    const calls = serve({
      "GET /me": boss,
      "GET /shows": json(200, { items: [{ id: "shw_1", title: "Cats" }] }),
      "GET /admin/ledger": json(200, { items: [transfer] }),
      "GET /admin/ledger/accounts": json(200, {
        items: [
          { account: "provider:toss", currency: "KRW", debits: 30000, credits: 0 },
          { account: "revenue:shw_1", currency: "KRW", debits: 0, credits: 30000 },
        ],
      }),
      "GET /admin/ledger/check": json(200, { running: false }),
      "POST /admin/ledger/check": json(200, { balanced: false, wrong: "there is no transfer pay_1:captured", at: transfer.at, took_ms: 3 }),
    });
    show(<LedgerPage />, "/admin/ledger");
    expect(await screen.findByRole("link", { name: "pay_1" })).toHaveAttribute("href", "/admin/money?payment=pay_1");
    expect(screen.getByText(/Owed to buyers → Provider · Toss Payments/)).toBeInTheDocument();
    await waitFor(() => expect(screen.getByRole("option", { name: "Revenue · Cats" })).toBeInTheDocument());
    await userEvent.selectOptions(screen.getByLabelText("Account"), "provider:toss");
    expect(await screen.findByText("It has")).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Check now" }));
    await waitFor(() => expect(calls.some(({ call }) => call === "POST /admin/ledger/check")).toBe(true));
  });
});

describe("a policy that is being written", () => {
  it("is sent as numbers, and not while one is none", () => {
    const draft = draftOf({ within_days: 7, days_before: 1, fee_percent: 0 });
    expect(stepsOf([draft])).toEqual([{ within_days: 7, days_before: 1, fee_percent: 0 }]);
    expect(stepsOf([{ ...draft, days_before: "" }])).toEqual([{ within_days: 7, fee_percent: 0 }]);
    for (const fee of ["", "101", "1.5", "-1", "x"]) expect(stepsOf([{ ...emptyDraft, fee_percent: fee }])).toBeUndefined();
    expect(stepsOf([{ ...emptyDraft, within_days: "1001" }])).toBeUndefined();
  });

  it("moves a step within the list and no further", () => {
    expect(moved(["a", "b", "c"], 0, 1)).toEqual(["b", "a", "c"]);
    expect(moved(["a", "b", "c"], 2, -1)).toEqual(["a", "c", "b"]);
    expect(moved(["a"], 0, -1)).toEqual(["a"]);
  });

  it("shows what the server says it would bring back, and saves what was written", async () => {
    const lines = [
      { from: "2026-12-01T00:00:00Z", until: "2026-12-21T15:00:00Z", fee_percent: 10, fee: 10000, refund: 90000 },
      { from: "2026-12-21T15:00:00Z", until: "2026-12-31T10:00:00Z", fee: 0, refund: 0 },
    ];
    const path = "/admin/shows/shw_1/cancellation-policy";
    const calls = serve({
      [`GET ${path}`]: json(200, { show_id: "shw_1", steps: [{ days_before: 10, fee_percent: 0 }], is_default: true }),
      [`PUT ${path}`]: json(200, { show_id: "shw_1", steps: [{ days_before: 10, fee_percent: 10 }], is_default: false }),
      "POST /admin/cancellation-policy/preview": json(200, { lines }),
    });
    const musical = { id: "shw_1" } as Parameters<typeof PolicyEditor>[0]["show"];
    show(<PolicyEditor show={musical} performances={[]} />);
    expect(await screen.findByText("₩90,000 back")).toBeInTheDocument();
    expect(screen.getByText("can’t be given back")).toBeInTheDocument();
    const fee = screen.getByLabelText("Fee, %");
    await userEvent.clear(fee);
    expect(screen.getByRole("button", { name: "Save" })).toBeDisabled();
    await userEvent.type(fee, "10");
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    expect((await screen.findAllByText("The policy is saved")).length).toBeGreaterThan(0);
    const put = calls.find(({ call }) => call.startsWith("PUT"));
    expect(put?.body).toEqual({ steps: [{ days_before: 10, fee_percent: 10 }] });
    expect(put?.headers["Idempotency-Key"]).toBeTruthy();
  });
});

describe("a performance that is called off", () => {
  const job = {
    id: "job_1", state: "running", performance_id: "prf_1", reason: "flood", at: "2026-12-01T10:00:00.000Z",
    show_title: "Cats", starts_at: "2026-12-31T10:00:00.000Z", room_id: "film-1", done: 40, total: 140, per_second: 20,
    refunds_under_way: 3, refunds_done: 30, refunded: 900000, currency: "KRW",
    problems: [{ code: "refund_failed", reservation_id: "res_9", refund_id: "rfd_9" }],
  } as Parameters<typeof JobCard>[0]["job"];
  it("says how far its job is, how fast it goes and what needs somebody", () => {
    show(<JobCard job={job} />);
    const card = screen.getByRole("article", { name: "Cats" });
    expect(card).toHaveTextContent("40 of 140");
    expect(card).toHaveTextContent("Up to 20 a second · 00:05 left");
    expect(card).toHaveTextContent("1 refund needs somebody");
    expect(card).toHaveTextContent("res_9");
    expect(within(card).getByRole("link", { name: "film-1" })).toHaveAttribute("href", "/admin/rooms/film-1");
  });
});
