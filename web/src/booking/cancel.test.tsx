import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { json, problem, serve, show } from "../app/test-tools";
import MyReservationsPage from "./MyReservationsPage";

const seat = (number: number) => ({ id: `A-${number}`, label: `${number}`, grade: "VIP", price: 150000, state: "kept" });
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
  seats: [seat(1), seat(2)],
  amount: { list: 300000, discount: 0, payable: 300000 },
  currency: "KRW",
  refunds: [],
  ...more,
});

// A tenth is kept of every seat, or what `fee` says.
const terms = (seats: string[], fee = 15000) => ({
  refund: seats.length * (150000 - fee),
  fee: seats.length * fee,
  currency: "KRW",
  valid_until: new Date(Date.now() + 60_000).toISOString(),
  lines: seats.map((each) => ({ seat: each, paid: 150000, fee, refund: 150000 - fee, rule: { days_before: 9, fee_percent: Math.round((fee * 100) / 150000) } })),
});
const after = (amount: number) =>
  reservation("confirmed", { refunds: [{ id: "f", amount, state: "requested", why: "cancelled", created_at: "2026-12-01T10:00:00.000Z" }] });

// `fee` may change from one look at the terms to the next.
function ask(fees: number[], cancel: Parameters<typeof serve>[0][string]) {
  let looks = 0;
  const calls = serve({ "GET /reservations": json(200, { items: [reservation("confirmed")] }), "POST /reservations/r1/cancel": cancel });
  const plain = fetch;
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
    const seats = /cancellation\?seats=(.*)$/.exec(url)?.[1];
    if (seats === undefined) return plain(url, init);
    const fee = fees[Math.min(looks++, fees.length - 1)];
    return Promise.resolve(json(200, terms(decodeURIComponent(seats).split(","), fee))(undefined));
  });
  show(<MyReservationsPage />, "/my/reservations");
  return calls;
}
const cancels = (calls: ReturnType<typeof serve>) =>
  calls.filter(({ call }) => call.endsWith("/cancel")).map(({ body }) => body);
async function dialog() {
  await userEvent.click(await screen.findByRole("button", { name: "Cancel" }));
  return screen.getByRole("dialog", { name: "Cancel this reservation?" });
}
const sum = (box: HTMLElement) => within(box).findByTestId("sum");

afterEach(() => vi.unstubAllGlobals());

describe("cancelling", () => {
  it("shows what comes back of each seat before it is done, and asks for just that", async () => {
    const calls = ask([15000], json(200, after(135000)));
    const box = await dialog();
    expect(await sum(box)).toHaveTextContent("Cancellation fee−₩30,000You get back₩270,000");
    expect(within(box).getAllByText("fee ₩15,000 (10%) · until 9 days before")).toHaveLength(2);
    await userEvent.click(within(box).getByRole("checkbox", { name: /seat 2/ }));
    await waitFor(async () => expect(await sum(box)).toHaveTextContent("You get back₩135,000"));
    await userEvent.click(within(box).getByRole("button", { name: "Cancel 1 seat" }));
    expect(await screen.findByText(/₩135,000 is on its way back/)).toBeInTheDocument();
    expect(cancels(calls)).toEqual([{ seats: ["A-1"], refund_expected: 135000 }]);
  });

  it("says that there is no fee where there is none", async () => {
    ask([0], json(200, after(300000)));
    const box = await dialog();
    expect(await sum(box)).toHaveTextContent(/^You get back₩300,000$/);
    expect(within(box).getAllByText("no fee · until 9 days before")).toHaveLength(2);
  });

  it("asks again when what comes back has changed meanwhile", async () => {
    let refuse = true;
    const calls = ask([0, 45000], (body) => {
      const changed = refuse;
      refuse = false;
      return (changed ? problem(409, "refund_changed") : json(200, after(210000)))(body);
    });
    const box = await dialog();
    expect(await sum(box)).toHaveTextContent("₩300,000");
    await userEvent.click(within(box).getByRole("button", { name: "Cancel reservation" }));
    expect(await within(box).findByText(/It was ₩300,000 when you looked and is ₩210,000 now/)).toBeInTheDocument();
    expect(screen.queryByRole("dialog", { name: "Cancelled" })).toBeNull();
    await userEvent.click(within(box).getByRole("button", { name: "Cancel reservation" }));
    expect(await screen.findByText(/₩210,000 is on its way back/)).toBeInTheDocument();
    expect(cancels(calls)).toEqual([{ refund_expected: 300000 }, { refund_expected: 210000 }]);
  });

  it("does nothing while it is not known what comes back", async () => {
    serve({
      "GET /reservations": json(200, { items: [reservation("confirmed")] }),
      "GET /reservations/r1/cancellation": problem(500, "internal"),
    });
    show(<MyReservationsPage />, "/my/reservations");
    const box = await dialog();
    expect(await within(box).findByText(/The server has a problem/, undefined, { timeout: 10_000 })).toBeInTheDocument();
    expect(within(box).getByRole("button", { name: "Cancel reservation" })).toBeDisabled();
  });

  it("of a reservation that is not paid needs no terms", async () => {
    const calls = serve({
      "GET /reservations": json(200, { items: [reservation("pending", { pay_by: new Date(Date.now() + 60_000).toISOString() })] }),
      "POST /reservations/r1/cancel": json(200, reservation("cancelled")),
    });
    show(<MyReservationsPage />, "/my/reservations");
    const box = await dialog();
    expect(within(box).queryByRole("checkbox")).toBeNull();
    await userEvent.click(within(box).getByRole("button", { name: "Cancel reservation" }));
    expect(await screen.findByText("The seats are free again.")).toBeInTheDocument();
    expect(cancels(calls)).toEqual([{}]);
  });
});
