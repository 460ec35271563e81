// The seat map stays smooth: a cinema of 300 seats on a slow processor, while fifty others choose.
// Asserted is what does not depend on the machine: how many seats a change touches. Frame times are
// kept beside the screenshots (artifacts/e2e/seat_map.json).
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { Client, films, openPerformance } from './lib/api.mjs';
import { end, launch, until, Visitor } from './lib/browser.mjs';
import { admin, root, started } from './lib/server.mjs';

const SLOWER = 4; // times, as the browser's own tools make a processor slower
const OTHERS = 50;
const artifact = path.join(root, 'artifacts/e2e/seat_map.json');

// In the page: which seats were touched, how often anything else of the map was, and how long frames took.
function watch() {
  const svg = document.querySelector('.seatmap');
  const seen = { seats: {}, checks: 0, rebuilt: 0, views: 0, elsewhere: 0, frames: [] };
  const seatOf = (node) => (node.nodeType === 1 ? node : node.parentElement)?.closest('.seat');
  new MutationObserver((records) => {
    for (const { type, target, attributeName, addedNodes, removedNodes } of records) {
      const seat = seatOf(target);
      if (seat) seen.seats[seat.dataset.seat] = (seen.seats[seat.dataset.seat] ?? 0) + 1;
      else if (target === svg && attributeName) seen.views += 1; // viewBox, data-far, data-dragging
      else if (type === 'childList' && [...addedNodes, ...removedNodes].some((node) => node.querySelector?.('.seat') || node.matches?.('.seat'))) seen.rebuilt += 1;
      else if (type === 'childList') seen.checks += 1; // the tick on a chosen seat
      else seen.elsewhere += 1;
    }
  }).observe(svg, { attributes: true, childList: true, characterData: true, subtree: true });
  let before;
  const frame = (now) => {
    if (before !== undefined) seen.frames.push(now - before);
    before = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  window.seatMapWatch = seen;
}

const reset = (page) => page.evaluate(() => new Promise((resolve) => {
  requestAnimationFrame(() => {
    Object.assign(window.seatMapWatch, { seats: {}, checks: 0, rebuilt: 0, views: 0, elsewhere: 0, frames: [] });
    resolve();
  });
}));
const seen = (page) => page.evaluate(() => structuredClone(window.seatMapWatch));
// After what was begun has been painted.
const settled = (page) => page.evaluate(() => new Promise((resolve) => {
  requestAnimationFrame(() => requestAnimationFrame(() => resolve()));
}));

// A changed seat is marked as new for a moment.
const calm = (page) => page.waitForFunction(() => !document.querySelector('.seat[data-fresh]'));

function summary(frames) {
  const sorted = [...frames].sort((a, b) => a - b);
  const at = (share) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return { frames: sorted.length, p50_ms: at(0.5), p95_ms: at(0.95), worst_ms: Math.round(sorted.at(-1) ?? 0),
    over_50_ms: sorted.filter((ms) => ms > 50).length };
}

// A finger or a mouse drags the map to and fro.
async function pan(page) {
  const box = await page.locator('.seatmap').boundingBox();
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  await page.mouse.move(middle.x, middle.y);
  await page.mouse.down();
  for (let step = 1; step <= 40; ++step) {
    await page.mouse.move(middle.x + Math.sin(step / 6) * box.width * 0.25, middle.y + Math.cos(step / 6) * box.height * 0.2);
  }
  await page.mouse.up();
  await settled(page);
}

async function zoom(page, times) {
  const box = await page.locator('.seatmap').boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  for (let step = 0; step < Math.abs(times); ++step) await page.mouse.wheel(0, times > 0 ? -120 : 120);
  await settled(page);
}

// What the page's own thread did since it was last asked, in ms of processor time (made slower, too):
// unlike frames it does not depend on what else the machine does.
async function worker(tools) {
  const now = async () => Object.fromEntries((await tools.send('Performance.getMetrics')).metrics
    .map(({ name, value }) => [name, value * 1000]));
  let before = await now();
  return async () => {
    const [then, after] = [before, await now()];
    before = after;
    const spent = (name) => Math.round(after[name] - then[name]);
    return { script_ms: spent('ScriptDuration'), style_ms: spent('RecalcStyleDuration'), layout_ms: spent('LayoutDuration'), task_ms: spent('TaskDuration') };
  };
}

// A visitor in front of the map, with a slow processor and the watch running.
async function comes({ browser, server, performance, map }, look) {
  const visitor = await Visitor.come(browser, server, { look });
  await visitor.open(`/performances/${performance}`);
  await visitor.page.locator('.seat[data-state]').first().waitFor();
  assert.ok(await visitor.page.locator('.seat').count() >= 300, 'a hall of 300 seats');
  assert.equal(await visitor.page.locator('.seat').count(), map.length);
  await visitor.text('seat.live').waitFor();
  const tools = await visitor.context.newCDPSession(visitor.page);
  await tools.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
  await tools.send('Performance.enable', { timeDomain: 'threadTicks' });
  await visitor.page.evaluate(watch);
  await reset(visitor.page);
  return { visitor, work: await worker(tools) };
}

const nothingRebuilt = (counted, what) =>
  assert.deepEqual([counted.rebuilt, counted.elsewhere], [0, 0], `${what}: no seat is made anew`);

// Nobody has to scroll for what moves the map; a desktop shows the whole hall with it.
async function fits(visitor, look) {
  const { height } = visitor.page.viewportSize();
  const inside = async (what, part) => {
    const box = await part.boundingBox();
    assert.ok(box.y >= 0 && box.y + box.height <= height, `${look}: ${what} ends at ${box.y + box.height} of ${height}`);
  };
  for (const key of ['zoom_out', 'zoom_in', 'zoom_fit']) await inside(key, visitor.button(`seat.${key}`));
  if (look === 'desktop') await inside('the map', visitor.page.locator('.seatmap'));
}

async function smooth(stage, look, report) {
  const { visitor, work } = await comes(stage, look);
  const { page } = visitor;
  await fits(visitor, look);
  const { crowd, map, performance } = stage;
  const shown = (id, state) => visitor.seatTurns(id, state);

  // Zooming and panning move the view and touch no seat.
  await zoom(page, 6);
  report.zoom = { ...summary((await seen(page)).frames), ...await work() };
  await pan(page);
  let counted = await seen(page);
  assert.deepEqual(counted.seats, {}, 'zoom and pan touch no seat');
  assert.ok(counted.views > 20, `the view moved, not ${counted.views} times`);
  nothingRebuilt(counted, 'zoom and pan');
  report.pan = { ...summary(counted.frames), ...await work() };

  // Choosing one's own seats touches those alone.
  await visitor.button('seat.zoom_fit').click();
  await settled(page);
  await reset(page);
  const mine = [map[150], map[151]];
  for (const id of mine) await visitor.seat(id).click();
  await until('my seats are chosen', async () => await page.locator('.seat[aria-checked="true"]').count() === 2);
  counted = await seen(page);
  assert.deepEqual(Object.keys(counted.seats).filter((id) => !mine.includes(id)), [], 'a choice touches the chosen seat');
  nothingRebuilt(counted, 'a choice');
  report.choose = { ...summary(counted.frames), ...await work() };

  // One seat of somebody else: that seat and no other.
  await reset(page);
  const single = await crowd[0].hold(performance, map[0]);
  await shown(map[0], 'held');
  await settled(page);
  counted = await seen(page);
  assert.deepEqual(Object.keys(counted.seats), [map[0]], 'one change touches one seat');
  assert.ok(counted.seats[map[0]] <= 6, `in a few attributes, not ${counted.seats[map[0]]}`);
  await single.free();
  await shown(map[0], 'free');
  await calm(page);

  await work();
  // Fifty people choose and give back while the visitor pans: their seats and no others.
  await reset(page);
  const theirs = map.slice(20, 20 + OTHERS);
  const holding = Promise.all(theirs.map((id, person) => crowd[person].hold(performance, id)));
  await pan(page);
  const holds = await holding;
  await Promise.all(theirs.map((id) => shown(id, 'held')));
  await zoom(page, 4);
  const freeing = Promise.all(holds.map((hold) => hold.free()));
  await pan(page);
  await freeing;
  await Promise.all(theirs.map((id) => shown(id, 'free')));
  counted = await seen(page);
  assert.deepEqual(Object.keys(counted.seats).sort(), [...theirs].sort(), 'their seats and no others');
  const touched = Object.values(counted.seats);
  assert.ok(Math.max(...touched) <= 12, `two changes of a seat are a few attributes, not ${Math.max(...touched)}`);
  nothingRebuilt(counted, 'fifty others');
  report.others = { ...summary(counted.frames), ...await work(), changes: 2 * OTHERS, mutations: touched.reduce((a, b) => a + b, 0) };
  assert.equal(await page.locator('.seat[aria-checked="true"]').count(), 2, 'my choice stays');
  await visitor.shot(`seat-map-300-${look}`);

  // Somebody else gets one of my seats: it leaves my choice with a word about it, the other stays.
  const lost = await crowd[0].hold(performance, mine[0]);
  await page.getByText(visitor.t('seat.taken', { seats: '', count: 1 }).trim()).waitFor();
  assert.deepEqual(await page.locator('.seat[aria-checked="true"]').evaluateAll((all) => all.map((each) => each.dataset.seat)), [mine[1]]);
  await lost.free();
  await shown(mine[0], 'free');
  await calm(page);

  // Negative control: the watch sees a map that paints every seat again.
  await reset(page);
  await page.evaluate(() => document.querySelectorAll('.seat').forEach((seat) => seat.setAttribute('data-state', seat.dataset.state)));
  assert.equal(Object.keys((await seen(page)).seats).length, map.length, 'the watch counts what is painted again');
  await visitor.leave();
}

// A turn given up in one tab ends in the other, which says so and leads back to the line.
async function turnEnds({ browser, server, performance }) {
  const visitor = await Visitor.come(browser, server);
  await visitor.open(`/performances/${performance}`);
  await visitor.page.locator('.seat[data-state]').first().waitFor();
  const other = await visitor.context.newPage();
  await other.goto(`${server.url}/performances/${performance}`);
  const giveUp = (where) => where.getByRole('button', { name: visitor.t('seat.give_back'), exact: true }).click();
  await giveUp(other);
  await giveUp(other.getByRole('dialog'));
  await visitor.heading('wait.expired_title').waitFor();
  await visitor.button('wait.rejoin').click();
  await visitor.reach('/wait/');
  await visitor.leave();
}

// A buyer with a pass who takes one seat.
async function buyer(server, room, name) {
  const client = await new Client(server).signup(`seat-map-${name}`);
  const { json } = await client.post(`/rooms/${room}/places`);
  return {
    async hold(performance, seat) {
      const held = await client.post(`/performances/${performance}/holds`, { seats: [seat] }, { 'onsale-pass': json.pass });
      assert.equal(held.status, 201, held.text);
      return { free: async () => assert.equal((await client.del(`/holds/${held.json.id}`)).status, 204) };
    },
  };
}

test('300 seats on a slow phone and desktop while fifty others choose', { timeout: 300_000 }, async (t) => {
  const [server, browser] = await Promise.all([started(), launch()]);
  t.after(async () => {
    await browser.close();
    await end(server);
  });
  const boss = await new Client(server).login(admin);
  const film = (await films(boss))[0];
  const performance = (await openPerformance(boss, film)).id;
  const { json } = await boss.get(`/performances/${performance}/seatmap`);
  const map = json.sections.flatMap((section) => section.rows.flatMap((row) => row.seats.map((seat) => seat.id)));
  await boss.patch(`/admin/rooms/${film.room_id}`, { mode: 'open', capacity: 1000, admit_per_minute: 6000 });
  const report = { throttling: SLOWER, seats: map.length, others: OTHERS };
  const stage = { browser, server, performance, map };
  for (const look of ['phone', 'desktop']) {
    await t.test(look, async () => {
      // A crowd for each: they show no other sign of life than their holds.
      const crowd = await Promise.all(Array.from({ length: OTHERS }, (_, number) => buyer(server, film.room_id, `${look}-${number}`)));
      await smooth({ ...stage, crowd }, look, (report[look] = {}));
    });
  }
  await t.test('a turn that ends while choosing', () => turnEnds(stage));
  mkdirSync(path.dirname(artifact), { recursive: true });
  writeFileSync(artifact, `${JSON.stringify(report, null, 2)}\n`);
  for (const look of ['phone', 'desktop']) t.diagnostic(`${look}: ${JSON.stringify(report[look])}`);
});
