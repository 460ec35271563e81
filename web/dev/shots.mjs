// Screenshots of every page into dev/shots/, and axe on each. `node dev/shots.mjs [only…]`
// Needs a server (ONSALE_URL, default the mock) that serves the built app.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { BASE, findPerformance, launch, login, LOOKS } from "./browser.mjs";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const OUT = new URL("./shots/", import.meta.url).pathname;
mkdirSync(OUT, { recursive: true });
const only = process.argv.slice(2);
const wants = (name) => only.length === 0 || only.some((each) => name.includes(each));
let violations = 0;

async function check(page, name) {
  await page.evaluate(axeSource);
  const result = await page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  for (const each of result.violations) {
    violations += 1;
    console.log(`AXE ${name}: ${each.id} (${each.impact}) ${each.help}`);
    for (const node of each.nodes.slice(0, 3)) console.log(`    ${node.html.slice(0, 160)} | ${node.failureSummary?.split("\n")[1]}`);
  }
}
async function shot(page, name, full = false) {
  if (!wants(name)) return;
  await page.waitForTimeout(250);
  await page.screenshot({ path: `${OUT}${name}.png`, fullPage: full });
  await check(page, name);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (wide > 0) console.log(`WIDE ${name}: ${wide}px`);
}
async function enter(page, performance, show) {
  await page.goto(`${BASE}${show.room_id ? `/wait/${show.room_id}?performance=${performance.id}` : `/performances/${performance.id}`}`);
  await page.waitForURL((url) => url.pathname.startsWith("/performances/"), { timeout: 60_000 });
  await page.waitForSelector(".seat[data-state]", { timeout: 15_000 });
}
async function holdAndGo(page, count = 2) {
  const free = page.locator('.seat[data-state="free"]');
  const taken = await free.count();
  for (let index = 0; index < count; index += 1) await free.nth(Math.floor(taken / 2) + index).dispatchEvent("click");
}

async function tour(browser, look, language, theme) {
  const tag = `${look}-${language}-${theme}`;
  const context = await browser.newContext({ ...LOOKS[look], locale: language === "ko" ? "ko-KR" : "en-US", colorScheme: theme, timezoneId: "Asia/Seoul" });
  const page = await context.newPage();
  page.on("pageerror", (error) => console.log(`PAGE ERROR ${tag}: ${error.message}`));
  page.on("console", (message) => message.type() === "error" && !/401|403|404|409|422|WebSocket/.test(message.text()) && console.log(`CONSOLE ${tag}: ${message.text()}`));
  const step = async (name, act) => {
    try {
      await act();
    } catch (error) {
      console.log(`FAILED ${tag} ${name}: ${error.message.split("\n")[0]}`);
      await page.screenshot({ path: `${OUT}failed-${name}-${tag}.png` }).catch(() => {});
    }
  };
  let film;
  await step("home", async () => {
    await page.goto(BASE);
    await page.waitForSelector("article img");
    await page.waitForLoadState("networkidle", { timeout: 3000 }).catch(() => {});
    await shot(page, `home-${tag}`, true);
  });
  await step("404", async () => {
    await page.goto(`${BASE}/nothing`);
    await shot(page, `notfound-${tag}`);
  });
  await step("login", async () => {
    await page.goto(`${BASE}/login`);
    await page.fill('input[name="email"]', "buyer@onsale.test");
    await page.fill('input[name="password"]', "wrong-password-1");
    await page.click('form button[type="submit"]');
    await page.waitForSelector('[role="alert"]');
    await shot(page, `login-${tag}`);
    await page.goto(`${BASE}/signup`);
    await page.click('form button[type="submit"]');
    await shot(page, `signup-${tag}`);
  });
  await step("show", async () => {
    film = await findPerformance(page, "film");
    await page.goto(`${BASE}/shows/${film.show.id}`);
    await page.waitForSelector("time");
    await shot(page, `show-${tag}`, true);
  });
  const musical = await findPerformance(page, "musical", (show) => show.room_id !== "room-paused" && show.room_id !== "room-closed");
  await step("seats", async () => {
    await login(page);
    await enter(page, musical.performance, musical.show);
    await shot(page, `seats-${tag}`);
    await holdAndGo(page);
    await shot(page, `seats-selected-${tag}`);
    if (look === "desktop") {
      await page.locator('input[value="list"]').click();
      await shot(page, `seats-list-${tag}`);
    }
  });
  await step("cinema", async () => {
    if (!wants("cinema")) return;
    const open = await findPerformance(page, "film", (show) => show.id === "show-3" || !show.id.startsWith("show-"));
    await enter(page, open.performance, open.show);
    await shot(page, `cinema-${tag}`);
  });
  await step("checkout", async () => {
    await enter(page, musical.performance, musical.show);
    if ((await page.locator('.seat[aria-checked="true"]').count()) === 0) await holdAndGo(page);
    await page.locator('section[aria-labelledby="selection"] button').last().click();
    await page.waitForURL((url) => url.pathname.startsWith("/checkout/"));
    await page.waitForSelector('[role="timer"]');
    await shot(page, `checkout-${tag}`);
    await page.locator('section[aria-labelledby="amounts"] button').first().click();
    await page.waitForURL((url) => !url.pathname.startsWith("/checkout/"));
    if (BASE.includes("8787")) {
      await page.click("#decline");
      await page.waitForSelector('[role="alert"]');
      await shot(page, `checkout-failed-${tag}`);
      await page.locator('section[aria-labelledby="amounts"] button').first().click();
      await page.click("#approve");
      await page.waitForURL((url) => url.pathname.startsWith("/tickets/"));
      await page.waitForSelector("article img");
      await shot(page, `tickets-${tag}`, true);
    }
  });
  await step("mine", async () => {
    await page.goto(`${BASE}/my/reservations`);
    await page.waitForSelector("article");
    await shot(page, `mine-${tag}`);
    await page.locator("article button").first().click();
    await page.waitForSelector("dialog[open]");
    await shot(page, `cancel-${tag}`);
  });
  await step("admin", async () => {
    if (!wants("admin") && !wants("forbidden")) return;
    await page.goto(`${BASE}/admin/rooms`);
    await page.waitForSelector("h1");
    await shot(page, `forbidden-${tag}`);
    await context.clearCookies();
    await login(page, "admin@onsale.test");
    await page.goto(`${BASE}/admin/rooms`);
    await page.waitForSelector(".uplot");
    await page.waitForTimeout(6500);
    await shot(page, `admin-${tag}`, true);
  });
  await context.close();
}

const browser = await launch();
const tours = process.env.TOURS?.split(",") ?? ["phone-ko-light", "phone-en-dark", "desktop-ko-dark", "desktop-en-light"];
for (const each of tours) await tour(browser, ...each.split("-"));
await browser.close();
console.log(violations === 0 ? "axe: no violation" : `axe: ${violations} violations`);
