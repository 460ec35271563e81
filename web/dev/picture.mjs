// docs/pictures/onsale.png: the real server at work, for the README. Needs build/release/onsale,
// the packages of tests/e2e, and pngquant to make the file small.
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, films, musicals, openPerformance } from "../../tests/e2e/lib/api.mjs";
import { end, launch, Visitor } from "../../tests/e2e/lib/browser.mjs";
import { admin, root, started } from "../../tests/e2e/lib/server.mjs";

const SOLD = 26;
const [server, browser] = await Promise.all([started(), launch()]);
const boss = await new Client(server).login(admin);
const show = (await films(boss))[0];
const performance = await openPerformance(boss, show);
await boss.patch(`/admin/rooms/${show.room_id}`, { capacity: 1, admit_per_minute: 600 });
const ahead = [];
for (let each = 0; each < 148; each += 1) ahead.push((await new Client(server).post(`/rooms/${show.room_id}/places`)).json);

const musical = (await musicals(boss)).find((each) => each.sale_state === "on_sale");
const evening = await openPerformance(boss, musical);
const map = (await boss.get(`/performances/${evening.id}/seatmap`)).json;
const seats = map.sections.flatMap((section) => section.rows.flatMap((row) => row.seats.map((seat) => seat.id)));
for (let each = 0; each < SOLD; each += 1) {
  const someone = await new Client(server).signup(`guest-${each}`);
  const at = (each * 37) % seats.length;
  const wanted = seats.slice(at, at + 2);
  await someone.post(`/performances/${evening.id}/holds`, { seats: wanted });
}

const grab = async (options, where, ready, before = async () => {}) => {
  const visitor = await Visitor.come(browser, server, options);
  await visitor.open(where);
  await visitor.page.locator(ready).first().waitFor();
  await before(visitor);
  await visitor.page.waitForFunction(() => [...document.images].every((image) => image.complete || image.loading === "lazy"));
  const data = await visitor.page.screenshot();
  await visitor.leave();
  return `data:image/png;base64,${data.toString("base64")}`;
};
const home = await grab({ language: "en" }, "/", "article img");
const wait = await grab({ look: "phone", language: "en" }, `/wait/${show.room_id}?performance=${performance.id}`, "[data-testid=position]", async (visitor) => {
  await visitor.page.locator("#link.live").waitFor();
  for (let left = 0; left < 60; left += 15) {
    for (const place of ahead.slice(left, left + 15)) {
      await new Client(server).del(`/rooms/${show.room_id}/places/me`, { "onsale-place": place.place });
    }
    await visitor.page.waitForTimeout(2300); // positions come every two seconds
  }
  await visitor.page.waitForTimeout(4000);
});
const hall = await grab({ look: "phone", language: "en", theme: "dark" }, `/performances/${evening.id}`, ".seat[data-state]", async (visitor) => {
  const free = visitor.page.locator('.seat[data-grade="0"][data-state="free"]');
  const ids = await free.evaluateAll((all) => all.map((each) => each.dataset.seat));
  for (const id of ids.filter((each) => /^B-[67]$/.test(each))) await visitor.seat(id).click();
});

const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1 });
const frame = "position:absolute;border-radius:14px;box-shadow:0 0 0 1px #0002,0 14px 44px #0004;overflow:hidden";
await page.setContent(`<body style="margin:0;background:linear-gradient(150deg,#e9f3ee,#f6f1e7);width:1280px;height:800px;overflow:hidden">
<div style="${frame};left:40px;top:44px;width:860px;height:578px"><img src="${home}" width="860"></div>
<div style="${frame};left:622px;top:136px;width:290px;height:628px;border-radius:26px"><img src="${wait}" width="290"></div>
<div style="${frame};left:946px;top:86px;width:290px;height:628px;border-radius:26px"><img src="${hall}" width="290"></div>`);
await page.waitForTimeout(300);
const raw = join(tmpdir(), `onsale-picture-${process.pid}.png`);
await page.screenshot({ path: raw });
await browser.close();
await end(server);
mkdirSync(join(root, "docs/pictures"), { recursive: true });
const out = join(root, "docs/pictures/onsale.png");
const done = spawnSync("pngquant", ["--force", "--skip-if-larger", "--output", out, "256", raw], { encoding: "utf8" });
if (done.status !== 0) throw new Error(done.stderr || String(done.error));
rmSync(raw);
console.log(out);
