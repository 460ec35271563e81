// The journeys of the web app against the mock: each line says what a visitor would notice.
// Starts its own mocks on other ports and ends them. `npm run build && node dev/journey.mjs`
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { launch, LOOKS } from "./browser.mjs";

const mockPath = new URL("./mock-server.mjs", import.meta.url).pathname;
function startMock(port, env = {}) {
  const child = spawn(process.execPath, [mockPath], { env: { ...process.env, PORT: String(port), ...env }, stdio: ["ignore", "pipe", "inherit"] });
  return new Promise((resolve) => child.stdout.once("data", () => resolve({ child, base: `http://127.0.0.1:${port}` })));
}
const browser = await launch();
let failed = 0;
const only = process.argv[2];
async function journey(name, port, env, act, look = "desktop") {
  if (only && !name.includes(only)) return;
  const { child, base } = await startMock(port, env);
  const context = await browser.newContext({ ...LOOKS[look], locale: "en-US" });
  const page = await context.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(error.message));
  try {
    await act({ page, base, child, context });
    assert.deepEqual(errors, []);
    console.log(`ok    ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL  ${name}: ${error.message.split("\n").slice(0, 4).join(" ")}`);
    await page.screenshot({ path: `/tmp/journey-${port}.png` }).catch(() => {});
  }
  await context.close();
  child.kill();
}
const path = (page, start) => page.waitForURL((url) => url.pathname.startsWith(start), { timeout: 25_000 });
const MUSICAL = "room-musical?performance=perf-5-0-19";
const seat = (page, index) => page.locator('.seat[data-state="free"]:not([aria-checked="true"])').nth(index);
const cta = (page) => page.locator('section[aria-labelledby="selection"] button').last();
async function toSeats(page, base, room = MUSICAL) {
  await page.goto(`${base}/wait/${room}`);
  await path(page, "/performances/");
  await page.waitForSelector(".seat[data-state]");
}
async function signIn(page) {
  await page.fill('input[name="email"]', "buyer@onsale.test");
  await page.fill('input[name="password"]', "onsale-demo-1!");
  await page.click('form button[type="submit"]');
}

await journey("signing in on the way keeps the choice; decline, walk away, approve; tickets; cancel frees the seat for others", 8807, {}, async ({ page, base, context }) => {
  await toSeats(page, base);
  await seat(page, 3).click();
  await seat(page, 6).click();
  await cta(page).click();
  await path(page, "/login");
  await signIn(page);
  await path(page, "/performances/");
  await page.waitForSelector('.seat[aria-checked="true"]');
  const chosen = await page.$$eval('.seat[aria-checked="true"]', (all) => all.map((each) => each.dataset.seat));
  assert.equal(chosen.length, 2);
  const other = await context.browser().newPage();
  await toSeats(other, base);
  await cta(page).click();
  await path(page, "/checkout/");
  await other.waitForSelector(`.seat[data-seat="${chosen[0]}"][data-state="held"]`);
  const first = await page.textContent('[role="timer"]');
  await page.waitForFunction((text) => document.querySelector('[role="timer"]').textContent !== text, first);
  await page.click('section[aria-labelledby="amounts"] button >> nth=0');
  await page.click("#decline");
  await page.waitForSelector("text=The payment was not approved");
  await page.click('section[aria-labelledby="amounts"] button >> nth=0');
  await page.waitForSelector("#leave");
  await page.goBack();
  await page.waitForSelector('section[aria-labelledby="amounts"] button:not([disabled])');
  await page.click('section[aria-labelledby="amounts"] button >> nth=0');
  await page.click("#leave");
  await page.waitForSelector("text=You came back without paying");
  await page.click('section[aria-labelledby="amounts"] button >> nth=0');
  await page.click("#approve");
  await path(page, "/tickets/");
  await page.waitForFunction(() => [...document.querySelectorAll("article img")].filter((img) => img.naturalWidth > 0).length === 2);
  await other.waitForSelector(`.seat[data-seat="${chosen[0]}"][data-state="sold"]`);
  await page.click("main >> text=My reservations");
  await page.click("article >> text=Cancel");
  await page.click("dialog >> text=Cancel reservation");
  await page.waitForSelector("text=is on its way back to you");
  await other.waitForSelector(`.seat[data-seat="${chosen[0]}"][data-state="free"]`);
  await other.close();
});
await journey("a slow payment is waited for, then becomes tickets", 8808, {}, async ({ page, base }) => {
  await page.goto(`${base}/login`);
  await signIn(page);
  await page.waitForURL(`${base}/`);
  await toSeats(page, base);
  await page.click("text=Give me the best seats");
  await page.click("text=Hold the best seats");
  await path(page, "/checkout/");
  await page.click('section[aria-labelledby="amounts"] button >> nth=0');
  await page.click("#slow");
  await page.waitForSelector("text=Checking your payment");
  await path(page, "/tickets/");
});
await journey("a seat that somebody took is named, the rest stays chosen", 8809, { STEAL: "1" }, async ({ page, base }) => {
  await page.goto(`${base}/login`);
  await signIn(page);
  await page.waitForURL(`${base}/`);
  await toSeats(page, base);
  await seat(page, 2).click();
  await seat(page, 4).click();
  await cta(page).click();
  await page.waitForSelector("text=was just taken by someone else");
  assert.equal(await page.locator('.seat[aria-checked="true"]').count(), 1);
});
await journey("an unpaid hold runs out and says so", 8810, { HOLD_S: "4" }, async ({ page, base }) => {
  await page.goto(`${base}/login`);
  await signIn(page);
  await page.waitForURL(`${base}/`);
  await toSeats(page, base);
  await seat(page, 2).click();
  await cta(page).click();
  await path(page, "/checkout/");
  await page.waitForSelector("text=Time to pay is over", { timeout: 9000 });
});
await journey("an admission that ends while choosing is explained, and rejoining works", 8811, {}, async ({ page, base, child }) => {
  await toSeats(page, base);
  await page.waitForTimeout(1500);
  child.kill("SIGUSR2");
  await page.waitForSelector("dialog[open] >> text=Your admission has ended", { timeout: 10_000 });
  await page.click("dialog >> text=Join the line again");
  await path(page, "/performances/");
});
await journey("the keyboard alone chooses seats; at most four", 8812, {}, async ({ page, base }) => {
  await toSeats(page, base);
  await page.locator('.seat[tabindex="0"]').focus();
  let chosen = 0;
  for (let step = 0; step < 120 && chosen < 5; step += 1) {
    const state = await page.evaluate(() => document.activeElement.dataset.state);
    if (state === "free") {
      await page.keyboard.press(chosen % 2 ? "Enter" : "Space");
      chosen += 1;
    }
    await page.keyboard.press(step % 14 === 13 ? "ArrowDown" : step % 28 < 14 ? "ArrowRight" : "ArrowLeft");
  }
  assert.equal(await page.locator('.seat[aria-checked="true"]').count(), 4);
  await page.waitForSelector("text=You can choose up to 4 seats");
});
await journey("offline shows a banner, online takes it away", 8813, {}, async ({ page, base, context }) => {
  await page.goto(base);
  await page.waitForSelector("article");
  await context.setOffline(true);
  await page.waitForSelector("text=You are offline");
  await context.setOffline(false);
  await page.waitForSelector("text=You are offline", { state: "detached" });
});
await journey("language and theme are switched and remembered", 8814, {}, async ({ page, base }) => {
  await page.goto(base);
  await page.click("text=한국어");
  await page.waitForSelector("text=지금 볼 수 있는");
  assert.equal(await page.getAttribute("html", "lang"), "ko");
  await page.reload();
  await page.waitForSelector("text=지금 볼 수 있는");
});
await journey("the room console acts at once", 8815, {}, async ({ page, base, context }) => {
  await page.goto(`${base}/login?next=/admin/rooms`);
  await page.fill('input[name="email"]', "admin@onsale.test");
  await page.fill('input[name="password"]', "onsale-demo-1!");
  await page.click('form button[type="submit"]');
  const card = page.locator("article", { hasText: "room-film-1" });
  await card.locator('input[value="paused"]').check({ force: true });
  await card.locator('input[type="number"]').first().fill("77");
  await card.locator('button[aria-label="Apply Capacity"]').click();
  await card.locator("text=/ 77").waitFor();
  const room = await page.evaluate(async () => (await fetch("/api/v1/rooms/room-film-1")).json());
  assert.equal(room.capacity, 77);
  assert.equal(room.mode, "paused");
  await context.clearCookies();
});
await journey("a stadium of 60,000 opens by section and stays quick", 8816, { STADIUM_OPEN: "1" }, async ({ page, base }) => {
  await page.goto(`${base}/wait/room-closed?performance=perf-10-0-19`);
  await path(page, "/performances/");
  await page.waitForSelector("polygon", { timeout: 15_000 });
  await page.screenshot({ path: new URL("./shots/stadium.png", import.meta.url).pathname, fullPage: true });
  await page.click("main li button:has-text('105')");
  await page.waitForSelector(".seat[data-state]");
  await seat(page, 5).click();
  await page.screenshot({ path: new URL("./shots/stadium-section.png", import.meta.url).pathname });
  assert.equal(await page.locator('section[aria-labelledby="selection"] li').count(), 1);
});
await browser.close();
process.exitCode = failed ? 1 : 0;
