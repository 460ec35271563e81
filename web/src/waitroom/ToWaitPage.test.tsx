import { screen } from "@testing-library/react";
import { beforeEach, expect, it, vi } from "vitest";
import "../app/i18n";
import { show } from "../app/test-tools";

// Each test is an app that was opened anew.
async function page() {
  vi.resetModules();
  await import("../app/opened");
  return (await import("./ToWaitPage")).default;
}

const reload = vi.fn();
beforeEach(() => {
  reload.mockReset();
  vi.stubGlobal("location", { ...window.location, pathname: "/login", reload });
});

it("asks the server for a wait page that the router came to", async () => {
  const ToWaitPage = await page();
  window.location.pathname = "/wait/film-1";
  show(<ToWaitPage />, "/wait/film-1");
  expect(reload).toHaveBeenCalledTimes(1);
});

it("does not ask again for an address that the server answered with the app", async () => {
  window.location.pathname = "/wait/film-1/";
  const ToWaitPage = await page();
  show(<ToWaitPage />, "/wait/film-1/");
  expect(reload).not.toHaveBeenCalled();
  expect(screen.getByRole("link")).toBeTruthy();
});
