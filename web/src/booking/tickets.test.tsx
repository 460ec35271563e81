import { screen } from "@testing-library/react";
import { Route, Routes } from "react-router";
import { afterEach, expect, it, vi } from "vitest";
import { json, serve, show } from "../app/test-tools";
import TicketsPage from "./TicketsPage";

afterEach(() => vi.unstubAllGlobals());

it("a ticket says the year too: it may be bought long before", async () => {
  const seat = { id: "A-1", label: "1", grade: "VIP", price: 150000, state: "kept" };
  serve({
    "GET /reservations/r1": json(200, {
      id: "r1", number: "N-1", state: "confirmed", currency: "KRW", seats: [seat], refunds: [],
      amount: { list: 150000, discount: 0, payable: 150000 },
      performance: {
        id: "p1", show_id: "s1", show_title: "Wicked", hall: { name: "Main hall", venue: "Theatre" },
        starts_at: "2099-05-01T10:30:00.000Z",
      },
    }),
    "GET /reservations/r1/tickets": json(200, [{ id: "t1", seat, qr_svg_url: "/qr" }]),
  });
  show(<Routes><Route path="/tickets/:reservation" element={<TicketsPage />} /></Routes>, "/tickets/r1");
  expect(await screen.findByText(/May 1.*2099|1 May 2099/)).toBeInTheDocument();
});
