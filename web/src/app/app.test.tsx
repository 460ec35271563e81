import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { HomePage } from "../catalogue/HomePage";
import { dayKey, durationText, foreign, moneyText } from "./format";
import { json, problem, serve, show } from "./test-tools";
import { Dialog } from "./ui/Dialog";

afterEach(() => vi.unstubAllGlobals());

const film = {
  id: "s1",
  kind: "film",
  title: "Dune",
  currency: "KRW",
  price_from: 12000,
  seats_total: 100,
  seats_available: 9,
  sale_state: "on_sale",
  starts_on: "2026-05-01",
  ends_on: "2026-05-09",
};

describe("numbers people read", () => {
  it("are money in the currency's own decimals", () => {
    expect(moneyText(150000, "KRW", "en")).toBe("₩150,000");
    expect(moneyText(1999, "USD", "en")).toBe("$19.99");
  });
  it("are durations that never go below zero", () => {
    expect(durationText(299_001)).toBe("05:00");
    expect(durationText(3_725_000)).toBe("1:02:05");
    expect(durationText(-5)).toBe("00:00");
  });
  it("are days of the venue, not of the visitor", () => {
    expect(dayKey("2026-05-01T16:00:00Z")).toBe("2026-05-02");
  });
});

describe("what somebody wrote", () => {
  it("says its language where that is not the page's", () => {
    expect(foreign("듄: 파트 3 (Dune)", "en")).toBe("ko");
    expect(foreign("Les Misérables", "ko")).toBe("en");
    expect(foreign("듄", "ko")).toBeUndefined();
    expect(foreign("Dune", "en")).toBeUndefined();
    expect(foreign("1917", "ko")).toBeUndefined();
    expect(foreign(undefined, "ko")).toBeUndefined();
  });
  it("is marked where it stands", async () => {
    serve({ "GET /shows": json(200, { items: [{ ...film, id: "s2", title: "듄" }, film] }) });
    show(<HomePage />);
    expect(await screen.findByRole("link", { name: "듄" })).toHaveAttribute("lang", "ko");
    expect(screen.getByRole("link", { name: "Dune" })).not.toHaveAttribute("lang");
  });
});

describe("a dialog", () => {
  it("has a name, and closing asks its owner", async () => {
    const close = vi.fn();
    render(
      <Dialog title="Sure?" onClose={close}>
        {"text"}
      </Dialog>,
    );
    expect(screen.getByRole("dialog", { name: "Sure?" })).toBeInTheDocument();
    screen.getByRole("dialog").dispatchEvent(new Event("cancel", { cancelable: true }));
    await userEvent.click(screen.getByRole("button", { name: "Close" }));
    expect(close).toHaveBeenCalledTimes(2);
  });
  it("cannot be closed while something is on its way", () => {
    const close = vi.fn();
    render(
      <Dialog title="Sure?" onClose={close} busy>
        {"text"}
      </Dialog>,
    );
    screen.getByRole("dialog").dispatchEvent(new Event("cancel", { cancelable: true }));
    expect(close).not.toHaveBeenCalled();
  });
});

describe("home", () => {
  it("lists what is playing, and says when few seats are left", async () => {
    serve({ "GET /shows": json(200, { items: [film] }) });
    show(<HomePage />);
    expect(await screen.findByRole("link", { name: "Dune" })).toHaveAttribute("href", "/shows/s1");
    expect(screen.getByText("9 left")).toBeInTheDocument();
    expect(screen.getByText("from ₩12,000")).toBeInTheDocument();
  });
  it("never swallows an error: it says so and can be tried again", async () => {
    serve({ "GET /shows": problem(500, "internal") });
    show(<HomePage />);
    expect(await screen.findByRole("alert")).toHaveTextContent("The server has a problem");
    expect(screen.getByRole("button", { name: "Try again" })).toBeInTheDocument();
  });
  it("says when there is nothing", async () => {
    serve({ "GET /shows": json(200, { items: [] }) });
    show(<HomePage />);
    expect(await screen.findByText("Nothing here yet")).toBeInTheDocument();
  });
});
