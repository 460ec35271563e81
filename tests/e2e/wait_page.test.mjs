// The wait page in a real browser: small, in both languages and themes, with and without scripts,
// through bad networks and restarts.
import assert from 'node:assert/strict';
import http from 'node:http';
import path from 'node:path';
import test from 'node:test';
import zlib from 'node:zlib';
import { end, launch, until, Visitor } from './lib/browser.mjs';
import { Client, films, openPerformance, request } from './lib/api.mjs';
import { admin, freePort, root, Server, started } from './lib/server.mjs';

const BYTES_MAX = 15 * 1024; // gzipped: everything that showing a position takes

const position = async (visitor) => Number((await visitor.page.getByTestId('position').textContent()).replace(/\D/g, ''));
const card = (visitor, step) => visitor.page.locator(`.card[data-for~="${step}"]`);
const shown = (visitor, step) => card(visitor, step).first().waitFor();
const live = (visitor) => visitor.page.locator('#link.live').waitFor();
const room = async (boss, id) => (await boss.get(`/rooms/${id}`)).json;

// People without a browser, in line before those who come later.
async function crowd(server, id, count) {
  const people = [];
  for (let each = 0; each < count; ++each) {
    const client = new Client(server);
    const answer = await client.post(`/rooms/${id}/places`);
    assert.ok(answer.status === 202 || answer.status === 200, answer.text);
    people.push(() => client.del(`/rooms/${id}/places/me`, { 'onsale-place': answer.json.place }));
  }
  return people;
}

// What the wire carries for an address and for everything it names, gzip where the server does so.
async function weigh(server, where, cookie = '') {
  const sizes = {};
  const fetchOne = async (name) => {
    const packed = await new Promise((resolve, reject) => {
      http.get(server.url + name, { headers: { 'accept-encoding': 'gzip', 'accept-language': 'ko', cookie } }, (reply) => {
        const chunks = [];
        reply.on('data', (chunk) => chunks.push(chunk));
        reply.on('end', () => resolve({ status: reply.statusCode, bytes: Buffer.concat(chunks), encoding: reply.headers['content-encoding'] }));
      }).on('error', reject);
    });
    assert.equal(packed.status, 200, name);
    assert.equal(packed.encoding, 'gzip', `${name} travels compressed`);
    sizes[name.replace(/-[\w-]{8}\./, '.')] = packed.bytes.length;
    return zlib.gunzipSync(packed.bytes).toString('utf8');
  };
  const html = await fetchOne(where);
  const needed = [...html.matchAll(/<(?:link|script)[^>]*\s(?:href|src)="([^"]+)"/g)].map((match) => match[1]).filter((name) => name.startsWith('/')); // canonical addresses are not fetched
  assert.ok(needed.some((name) => name.endsWith('.js')) && needed.some((name) => name.endsWith('.css')), 'the web app is built');
  for (const name of new Set(needed)) await fetchOne(name);
  return { sizes, sum: Object.values(sizes).reduce((a, b) => a + b, 0) };
}

const SHIFT_MAX = 0.1; // of what browsers call good (web.dev/cls)

// From the first look to the place in line, on a slow phone: nothing jumps.
async function standsStill(t, { server, browser, stage }) {
  for (const language of ['ko', 'en']) {
    const visitor = await Visitor.come(browser, server, { look: 'phone', language });
    await visitor.context.addInitScript(() => {
      window.shift = 0;
      new PerformanceObserver((list) => {
        for (const each of list.getEntries()) if (!each.hadRecentInput) window.shift += each.value;
      }).observe({ type: 'layout-shift', buffered: true });
    });
    const slow = await visitor.context.newCDPSession(visitor.page);
    await slow.send('Network.enable');
    await slow.send('Network.emulateNetworkConditions', { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 100_000 });
    await slow.send('Emulation.setCPUThrottlingRate', { rate: 3 });
    await visitor.open(`/wait/${stage.full}?performance=${stage.performance}`);
    await live(visitor);
    await new Promise((resolve) => setTimeout(resolve, 2500)); // the first messages
    const shift = await visitor.page.evaluate(() => window.shift);
    t.diagnostic(`layout shift (${language}): ${shift.toFixed(4)}`);
    assert.ok(shift < SHIFT_MAX, `${shift}`);
    await visitor.leave();
  }
}

async function isSmall(t, { server, stage }) {
  const stranger = await weigh(server, `/wait/${stage.full}`);
  const client = new Client(server);
  await client.post(`/rooms/${stage.full}/places`);
  const waiting = await weigh(server, `/wait/${stage.full}?performance=${stage.performance}`, client.device);
  t.diagnostic(`gzipped bytes: ${JSON.stringify(waiting.sizes)}, sum ${waiting.sum}; without a place ${stranger.sum}`);
  assert.ok(waiting.sum <= BYTES_MAX, `${waiting.sum} bytes`);
  assert.ok(stranger.sum <= BYTES_MAX, `${stranger.sum} bytes`);
}

// What the server would say in states that are hard to bring about, told by a stand-in.
async function told(visitor, where, place, roomChange = {}) {
  await visitor.page.routeWebSocket('**/ws', (socket) => socket.close());
  const fulfil = (route, status, json) => route.fulfill({ status, json });
  await visitor.page.route('**/api/v1/rooms/*/places', (route) => fulfil(route, 202, place));
  await visitor.page.route('**/api/v1/rooms/*/places/me', (route) => fulfil(route, 200, place));
  if (Object.keys(roomChange).length) {
    await visitor.page.route(/\/api\/v1\/rooms\/[^/]+$/, async (route) => {
      const real = await route.fetch();
      return route.fulfill({ json: { ...(await real.json()), ...roomChange } });
    });
  }
  await visitor.open(where);
}

const tours = [
  { look: 'phone', language: 'ko', theme: 'light' },
  { look: 'phone', language: 'en', theme: 'dark' },
  { look: 'desktop', language: 'ko', theme: 'dark' },
  { look: 'desktop', language: 'en', theme: 'light' },
];

async function looksRight({ server, browser, stage }, options) {
  const tag = Object.values(options).join('-');
  const failures = [];
  const see = async (name, where, arrive) => {
    const visitor = await Visitor.come(browser, server, options);
    await arrive(visitor, `${where}?performance=${stage.performance}`);
    await visitor.shot(`wait-${name}-${tag}`, { whole: true });
    await visitor.accessible(`${name} ${tag}`).catch((error) => failures.push(error.message));
    assert.equal(await visitor.page.evaluate(() => document.documentElement.lang), options.language);
    await visitor.leave();
  };
  const open = (step) => async (visitor, where) => {
    await visitor.open(where);
    await shown(visitor, step);
  };
  const fake = (step, place, roomChange) => async (visitor, where) => {
    await told(visitor, where, { place: 'x', poll_after_ms: 30_000, ...place }, roomChange);
    await shown(visitor, step);
  };
  const far = { state: 'waiting', position: 12_345, waiting: 48_210, number: 60_001, joined_at: '2026-11-21T11:00:03.120Z', eta: { p50_seconds: 840, p80_seconds: 1260, p90_seconds: 1500 } };
  await see('waiting', `/wait/${stage.full}`, async (visitor, where) => {
    await visitor.open(where);
    await shown(visitor, 'waiting');
    await live(visitor);
  });
  await see('far', `/wait/${stage.full}`, fake('waiting', { ...far, lane: 'Fan club', notice: 'slower_rate' }));
  await see('slow', `/wait/${stage.full}`, fake('waiting', { ...far, notice: 'slow_lane' }));
  await see('missed', `/wait/${stage.full}`, fake('missed', { state: 'waiting', notice: 'missed_turn', waiting: 10, number: 7 }));
  await see('lottery', `/wait/${stage.early}`, fake('prequeue', { state: 'prequeue', waiting: 4_321, notice: 'lottery' }));
  await see('prequeue', `/wait/${stage.early}`, open('prequeue'));
  await see('closed', `/wait/${stage.closed}`, open('closed'));
  await see('completed', `/wait/${stage.full}`, fake('completed', { state: 'completed' }));
  await see('missing', '/wait/nowhere', open('missing'));
  await see('joining', `/wait/${stage.full}`, async (visitor, where) => {
    await visitor.page.route('**/api/v1/rooms/*/places', () => {});
    await visitor.open(where);
    await shown(visitor, 'joining');
  });
  await see('proof', `/wait/${stage.full}`, async (visitor, where) => {
    const challenge = { token: 'abc', algorithm: 'sha256', bits: 60, count: 4, expires_at: '2100-01-01T00:00:00Z' };
    await visitor.page.route('**/api/v1/rooms/*/places', (route) => route.fulfill({ status: 428, json: { code: 'proof_required', challenge } }));
    await visitor.open(where);
    await shown(visitor, 'proof');
    await until('it works', () => visitor.page.evaluate(() => document.getElementById('solved').value > 0));
    await visitor.page.locator('#stop').click();
    await visitor.page.locator('#again').click();
    await visitor.page.locator('#stop').waitFor();
  });
  assert.deepEqual(failures, []);
}

// From the line to the seats with scripts switched off: only forms, links and the page's own reload.
async function withoutScripts(t, { server, browser, boss, stage }) {
  const context = await browser.newContext({ javaScriptEnabled: false, locale: 'en-US', viewport: { width: 390, height: 844 } });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const where = `${server.url}/wait/${stage.plain}?performance=${stage.plainPerformance}`;
  const [first] = await crowd(server, stage.plain, 1); // the one slot
  const before = await room(boss, stage.plain);
  await page.goto(where);
  await page.reload();
  assert.deepEqual([(await room(boss, stage.plain)).waiting, before.waiting], [0, 0], 'reading takes no place');
  await page.getByText('Prices and what is left').waitFor();
  await page.getByRole('button', { name: 'Join the line', exact: true }).click();
  await page.waitForURL((url) => url.pathname === `/wait/${stage.plain}`);
  assert.equal((await page.getByTestId('position').textContent()).trim(), '1');
  assert.match(await page.title(), /#1 in line/);
  await page.screenshot({ path: path.join(root, 'artifacts/e2e/wait-plain.png'), fullPage: true }).catch(() => {});
  // It leaves only after a second word, and joins again.
  await page.getByText('Leave the line', { exact: true }).click();
  await page.getByRole('button', { name: 'Yes, leave' }).click();
  await page.getByText('You left the line').waitFor();
  await page.getByRole('button', { name: 'Join the line again' }).click();
  await page.getByTestId('position').waitFor();
  await first(); // the slot is free: the page goes on by itself
  await page.waitForURL((url) => url.pathname === `/performances/${stage.plainPerformance}`);
  assert.equal((await room(boss, stage.plain)).active, 1);
  await context.close();
}

async function throughBadNetworks(t, { server, browser, stage }) {
  const people = await crowd(server, stage.full, 4);
  const visitor = await Visitor.come(browser, server, { look: 'phone' });
  await visitor.open(`/wait/${stage.full}?performance=${stage.performance}`);
  await live(visitor);
  const at = await position(visitor);
  const icon = () => visitor.page.evaluate(() => document.getElementById('icon').href);
  const iconBefore = await icon();
  assert.match(iconBefore, /^data:image\/png/);
  assert.equal(await visitor.page.title(), `#${at} in line · onsale`);
  await until('it is said', async () => (await visitor.page.locator('#said').textContent()) === `You are number ${at} in line`);

  await people[0]();
  await until('the position falls', async () => (await position(visitor)) === at - 1, 5_000);
  assert.equal(await visitor.page.title(), `#${at - 1} in line · onsale`);
  assert.notEqual(await icon(), iconBefore, 'the icon shows the position');
  await visitor.page.locator('#progress').waitFor();

  const banner = visitor.page.getByText('You are offline. Your place in line is kept.');
  await visitor.context.setOffline(true);
  await banner.waitFor();
  await people[1]();
  await visitor.context.setOffline(false);
  await banner.waitFor({ state: 'hidden' });
  await until('it asks at once', async () => (await position(visitor)) === at - 2, 5_000);

  // Another tab is the same place; a reload too.
  const tab = await visitor.context.newPage();
  await tab.goto(visitor.page.url());
  await tab.getByTestId('position').waitFor();
  assert.equal(Number((await tab.getByTestId('position').textContent()).replace(/\D/g, '')), at - 2);
  assert.equal(await tab.locator('meta[http-equiv=refresh]').count(), 0, 'no reloading beside the script');
  await tab.close();

  // Leaving asks first, and a reload afterwards does not join again by itself.
  await visitor.page.getByText('Leave the line', { exact: true }).click();
  await visitor.page.getByRole('button', { name: 'Yes, leave' }).click();
  await shown(visitor, 'left');
  await visitor.page.reload();
  await shown(visitor, 'left');
  await visitor.shot('wait-left');
  await visitor.accessible('left');
  await visitor.page.getByRole('button', { name: 'Join the line again' }).click();
  await live(visitor);
  await visitor.leave();
}

async function withoutWebSocket(t, { server, browser, boss, stage }) {
  const visitor = await Visitor.come(browser, server, { language: 'ko' });
  await visitor.page.routeWebSocket('**/ws', (socket) => socket.close());
  await visitor.open(`/wait/${stage.full}`);
  await shown(visitor, 'waiting');
  await visitor.page.locator('#link.polling').waitFor();
  assert.equal((await boss.patch(`/admin/rooms/${stage.full}`, { message: '곧 이어져요' })).status, 200);
  await visitor.page.getByText('곧 이어져요').waitFor();
  await visitor.leave();
}

// The server goes away in good order and comes back: the page says so and finds its place again.
async function throughARestart(t, { browser }) {
  const server = await started();
  t.after(() => end(server));
  const boss = await new Client(server).login(admin);
  const id = (await films(boss))[0].room_id;
  await boss.patch(`/admin/rooms/${id}`, { capacity: 0 });
  await crowd(server, id, 3);
  const visitor = await Visitor.come(browser, server);
  await visitor.open(`/wait/${id}`);
  await live(visitor);
  assert.equal(await position(visitor), 4);
  await server.kill('SIGTERM');
  await visitor.page.locator('#link:not(.live)').waitFor({ state: 'attached' });
  const again = new Server({ data: server.data, port: server.port, demo: false });
  await again.start();
  server.process = again.process;
  server.exited = again.exited;
  await visitor.page.locator('#link.live').waitFor({ timeout: 40_000 });
  assert.equal(await position(visitor), 4);
  visitor.problems = visitor.problems.filter((each) => !/ERR_CONNECTION|WebSocket/.test(each));
  await visitor.leave();
}

// Whoever closes the tab at the seats lets the next one in; going there, and a reload, do not.
async function closedAtTheSeats(t, { browser }) {
  const server = await started();
  t.after(() => end(server));
  const boss = await new Client(server).login(admin);
  const show = (await films(boss))[0];
  const performance = await openPerformance(boss, show);
  const visitor = await Visitor.come(browser, server);
  await visitor.open(`/wait/${show.room_id}?performance=${performance.id}`);
  await visitor.page.waitForURL((url) => url.pathname === `/performances/${performance.id}`);
  await visitor.page.locator('.seat[data-state]').first().waitFor();
  await visitor.page.reload();
  await visitor.page.locator('.seat[data-state]').first().waitFor();
  await new Promise((resolve) => setTimeout(resolve, 16_000)); // longer than a closed page is waited for
  assert.equal((await room(boss, show.room_id)).active, 1, 'a reload keeps the slot');
  await visitor.page.close({ runBeforeUnload: true });
  const closedAt = Date.now();
  await until('the slot is free', async () => (await room(boss, show.room_id)).active === 0, 18_000);
  const took = Date.now() - closedAt;
  t.diagnostic(`the slot was free ${took} ms after the tab was closed`);
  assert.ok(took > 10_000, 'not before another page could have come');
  await visitor.leave();
}

// A page that was left in the same tab lives on, frozen, in the browser's cache. It must not look as
// if somebody were there, and is itself again for who comes back.
async function leftInTheSameTab(t) {
  const [server, browser] = await Promise.all([started(), launch({ cached: true })]);
  t.after(async () => {
    await browser.close();
    await end(server);
  });
  const boss = await new Client(server).login(admin);
  const [show, other] = await films(boss);
  const performance = await openPerformance(boss, show);
  await boss.patch(`/admin/rooms/${other.room_id}`, { capacity: 0 });
  // As the server counts them: the driver hears nothing of a frozen page.
  const open = async () => Number(/^live_connections (\d+)/m.exec((await boss.get('//metrics')).text)[1]);
  const closed = () => until('the socket is closed', async () => (await open()) === 0, 5_000);

  const waiting = await Visitor.come(browser, server);
  await waiting.open(`/wait/${other.room_id}`);
  await live(waiting);
  await waiting.page.evaluate(() => { window.mark = 'the same page'; });
  await waiting.open('/docs');
  await closed();
  await waiting.page.goBack({ waitUntil: 'commit' }); // a page of the cache is not loaded
  assert.equal(await waiting.page.evaluate(() => window.mark), 'the same page', 'the cache is at work');
  await live(waiting);
  await until('it is live again', async () => (await open()) === 1); // its words were frozen with it
  await waiting.leave();

  const inside = await Visitor.come(browser, server);
  await inside.open(`/wait/${show.room_id}?performance=${performance.id}`);
  await inside.reach('/performances/');
  await inside.page.locator('.seat[data-state]').first().waitFor();
  await until('it is live', async () => (await open()) === 1);
  await inside.page.evaluate(() => { window.mark = 'the same page'; });
  await inside.open('/docs');
  await closed();
  await until('the slot is free', async () => (await room(boss, show.room_id)).active === 0, 20_000);
  await inside.page.goBack({ waitUntil: 'commit' });
  assert.equal(await inside.page.evaluate(() => window.mark), 'the same page');
  await inside.text('wait.expired_title').waitFor(); // and who comes back too late is told
  await inside.leave();
}

async function leadsOn(t, { server, browser, stage }) {
  const visitor = await Visitor.come(browser, server);
  await visitor.open(`/wait/${stage.open}?return=${encodeURIComponent('/docs?from=gate')}`);
  await visitor.page.waitForURL((url) => url.pathname === '/docs');
  const arrived = new URL(visitor.page.url());
  assert.equal(arrived.searchParams.get('from'), 'gate');
  assert.equal(arrived.searchParams.get('onsale_pass').split('.').length, 3);
  // A place that is not on the list is no place to take a pass to.
  await visitor.open(`/wait/${stage.open}?return=${encodeURIComponent('https://evil.test/')}`);
  await visitor.page.waitForURL((url) => url.pathname.startsWith('/shows/'));
  await visitor.leave();
  assert.equal((await request(`${server.url}/wait/${stage.open}`)).status, 200);
}

// What somebody inside takes is seen by those who wait.
async function showsStock(t, { server, browser, boss, stage }) {
  const left = async () => (await room(boss, stage.shop)).offers.reduce((sum, offer) => sum + offer.available, 0);
  const insider = await new Client(server).signup('insider');
  const { pass } = (await insider.post(`/rooms/${stage.shop}/places`)).json;
  const visitor = await Visitor.come(browser, server, { language: 'ko', look: 'phone' });
  await visitor.open(`/wait/${stage.shop}`);
  await live(visitor);
  const before = await left();
  const seen = () => visitor.page.locator('#offers td:nth-child(3)').allTextContents()
    .then((texts) => texts.reduce((sum, text) => sum + Number(text.replace(/\D/g, '')), 0));
  assert.equal(await seen(), before);
  const held = await insider.post(`/performances/${stage.shopPerformance}/holds`, { best: { quantity: 2 } }, { 'onsale-pass': pass });
  assert.equal(held.status, 201, held.text);
  const at = Date.now();
  await until('the room says so', async () => (await left()) === before - 2, 2_000);
  await until('the page shows it', async () => (await seen()) === before - 2, 6_000);
  t.diagnostic(`a hold reached the wait page after ${Date.now() - at} ms`);
  await visitor.leave();
}

// The room demands proof of work: the page pays with its own time, and says so; without scripts it explains.
async function provesItself(t, { server, browser, boss, stage }) {
  const set = (change) => boss.patch(`/admin/rooms/${stage.shop}`, change).then((answer) => assert.equal(answer.status, 200, answer.text));
  await set({ proof: 'on', proof_bits: 12, proof_count: 4, capacity: 0 });
  const plain = await browser.newContext({ javaScriptEnabled: false, locale: 'en-US' });
  const page = await plain.newPage();
  await page.goto(`${server.url}/wait/${stage.shop}`);
  await page.getByRole('button', { name: 'Join the line', exact: true }).click();
  await page.getByText('Right now this needs JavaScript for the puzzle.').waitFor();
  const visitor = await Visitor.come(browser, server, { look: 'phone' });
  const before = (await room(boss, stage.shop)).waiting;
  await visitor.open(`/wait/${stage.shop}`);
  await live(visitor);
  assert.equal((await room(boss, stage.shop)).waiting, before + 1, 'one place, and none for who proved nothing');
  await set({ proof: 'off', capacity: 1 });
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByTestId('position').waitFor();
  await plain.close();
  await visitor.leave();
}

// A service that poses a challenge in a window of its own and judges what came of it: no, then yes.
async function stranger(t) {
  const seen = { opened: 0, asked: [] };
  const service = http.createServer(async (incoming, answer) => {
    if (incoming.method === 'POST') {
      let form = '';
      for await (const chunk of incoming) form += chunk;
      seen.asked.push(Object.fromEntries(new URLSearchParams(form)));
      answer.setHeader('content-type', 'application/json');
      return answer.end(JSON.stringify({ success: seen.asked.at(-1).response === 'a person & more' }));
    }
    if (incoming.url !== '/challenge') return answer.writeHead(204).end();
    const response = ++seen.opened === 1 ? 'a robot' : 'a person & more';
    answer.setHeader('content-type', 'text/html');
    return answer.end(`<title>Challenge</title><script>opener.postMessage({ onsale_external: ${JSON.stringify(response)} }, '*')</script>`);
  });
  const port = await freePort();
  await new Promise((resolve) => service.listen(port, '127.0.0.1', resolve));
  t.after(() => { service.closeAllConnections(); service.close(); });
  return { seen, url: `http://127.0.0.1:${port}` };
}

// docs/external_challenge.md: the other window tells its answer, and only that origin is believed.
async function askedElsewhere(t, { browser }) {
  const service = await stranger(t);
  const server = await started({ env: {
    ONSALE_WAITROOM_CHALLENGE_URL: `${service.url}/siteverify`, ONSALE_WAITROOM_CHALLENGE_SITE: `${service.url}/challenge`, ONSALE_WAITROOM_CHALLENGE_SECRET: 'shh',
  } });
  t.after(() => end(server));
  const boss = await new Client(server).login(admin);
  const id = (await films(boss))[0].room_id;
  assert.equal((await boss.patch(`/admin/rooms/${id}`, { proof: 'on', proof_bits: 26, proof_count: 16, capacity: 0 })).status, 200);
  const visitor = await Visitor.come(browser, server);
  await visitor.open(`/wait/${id}`);
  await shown(visitor, 'proof');
  const button = visitor.page.locator('#external');
  await button.waitFor();
  const joins = [];
  visitor.page.on('request', (each) => { if (each.url().endsWith('/places')) joins.push(each.postDataJSON()); });
  // Another origin, here the page's own, says the right words: nobody listens.
  await visitor.page.evaluate(() => new Promise((resolve) => {
    addEventListener('message', resolve, { once: true });
    postMessage({ onsale_external: 'a person & more' }, '*');
  }));
  assert.deepEqual([joins, service.seen.asked], [[], []]);
  const window = visitor.context.waitForEvent('page');
  await button.click();
  await until('the refusal came', async () => service.seen.asked.length === 1);
  assert.equal(joins[0].external, 'a robot');
  assert.equal((await room(boss, id)).waiting, 0, 'refused is no place');
  await button.waitFor(); // and the puzzle goes on
  await button.click();
  await shown(visitor, 'waiting');
  await (await window).close();
  assert.deepEqual(service.seen.asked.at(-1), { secret: 'shh', response: 'a person & more', remoteip: '127.0.0.1' });
  assert.equal((await room(boss, id)).waiting, 1);
  await visitor.leave();
}

test('the wait page', { timeout: 400_000, concurrency: 4 }, async (t) => {
  const [server, browser] = await Promise.all([started(), launch()]);
  t.after(async () => {
    await browser.close();
    await end(server);
  });
  const boss = await new Client(server).login(admin);
  const [full, plain, early, open] = await films(boss);
  const shop = early; // before it becomes a prequeue
  const stage = {
    full: full.room_id, plain: plain.room_id, shop: shop.room_id, early: early.room_id, open: open.room_id, closed: open.room_id,
    performance: (await openPerformance(boss, full)).id,
    shopPerformance: (await openPerformance(boss, shop)).id,
    plainPerformance: (await openPerformance(boss, plain)).id,
  };
  const set = (id, change) => boss.patch(`/admin/rooms/${id}`, change).then((answer) => assert.equal(answer.status, 200, answer.text));
  await set(stage.full, { capacity: 0, message: '오늘은 표를 두 번 확인해요. Tickets are checked twice today.' });
  await set(stage.plain, { capacity: 1 });
  await set(stage.shop, { capacity: 1 });
  const given = { server, browser, boss, stage };
  // Servers of their own, and mostly waiting: beside all the others.
  const waits = [
    t.test('a tab closed at the seats', (each) => closedAtTheSeats(each, given)),
    t.test('a page left in the same tab', leftInTheSameTab),
  ];
  await t.test('what is left is told while it changes', (each) => showsStock(each, given));
  await t.test('where a room demands proof, it proves', (each) => provesItself(each, given));
  await set(stage.early, { mode: 'prequeue', opens_at: new Date(Date.now() + 3_600_000).toISOString() });
  await t.test('it leads on with the pass, where it may', (each) => leadsOn(each, given));
  await set(stage.closed, { mode: 'closed' });
  await t.test('nothing on it jumps', (each) => standsStill(each, given));
  await t.test(`all it needs is at most ${BYTES_MAX} bytes`, (each) => isSmall(each, given));
  await Promise.all([
    t.test('without scripts, from the line to the seats', (each) => withoutScripts(each, given)),
    t.test('offline, awake again, in another tab; title, icon and voice', (each) => throughBadNetworks(each, given)),
    t.test('through a restart of the server', (each) => throughARestart(each, given)),
  ]);
  await t.test('another service may be asked instead of a puzzle', (each) => askedElsewhere(each, given));
  await t.test('without WebSocket it asks every few seconds', (each) => withoutWebSocket(each, given));
  await Promise.all([...waits, ...tours.map((options) => t.test(`every state, ${Object.values(options).join(', ')}`, () => looksRight(given, options)))]);
});
