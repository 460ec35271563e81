// Chromium for screenshots and checks.
import { chromium } from "playwright-core";

export const BASE = process.env.ONSALE_URL ?? "http://127.0.0.1:8787";
export const launch = () =>
  chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });

export const LOOKS = {
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 1, hasTouch: true, isMobile: true },
  desktop: { viewport: { width: 1280, height: 860 }, deviceScaleFactor: 1 },
};

export async function login(page, email = "buyer@onsale.test") {
  await page.goto(`${BASE}/login`);
  await page.fill('input[name="email"]', email);
  await page.fill('input[name="password"]', "onsale-demo-1!");
  await page.click('form button[type="submit"]');
  await page.waitForURL((url) => url.pathname === "/");
}

// The first performance of a show of this kind that can be bought, with its room.
export async function findPerformance(page, kind, pick = () => true) {
  return page.evaluate(
    async ([wanted, source]) => {
      const choose = new Function(`return (${source})`)();
      const { items } = await (await fetch(`/api/v1/shows?kind=${wanted}&limit=50`)).json();
      const show = items.find((each) => each.sale_state === "on_sale" && choose(each));
      const list = await (await fetch(`/api/v1/shows/${show.id}/performances`)).json();
      return { show, performance: list.items.find((each) => each.sale_state === "on_sale") };
    },
    [kind, pick.toString()],
  );
}
