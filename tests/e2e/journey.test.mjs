// The journeys of people: the real binary, the real web app, a real browser.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { end, launch, until, Visitor } from './lib/browser.mjs';
import { Client, films, musicals, openPerformance, request } from './lib/api.mjs';
import { admin, buyer, root, sleep, started } from './lib/server.mjs';

const LIVE_MS = 2_000; // the contract says seats reach every viewer within 1 s; the browser draws too
const AT_ONCE_MS = 1_000;

const seatsPage = /^\/performances\//;
const inSeats = (visitor) => visitor.page.waitForURL((url) => seatsPage.test(url.pathname));
const mapShown = (visitor) => visitor.page.locator('.seat[data-state]').first().waitFor();
const payButton = (visitor) => visitor.page.locator('section[aria-labelledby="amounts"] button').first();
const decide = (visitor, decision) => visitor.page.locator(`button[name="decision"][value="${decision}"]`).click();
const position = async (visitor) => Number((await visitor.page.getByTestId('position').textContent()).replace(/\D/g, ''));
const chosen = (visitor) => visitor.page.locator('.seat[aria-checked="true"]').count();

async function choose(visitor, ...ids) {
  await mapShown(visitor);
  for (const id of ids) await visitor.seat(id).click();
  await until(`${ids} chosen`, async () => (await chosen(visitor)) === ids.length);
}

async function toPayPage(visitor) {
  await payButton(visitor).click();
  await visitor.page.locator('button[name="decision"]').first().waitFor();
}

async function qrCodesLoad(visitor, count) {
  await until(`${count} QR codes`, () => visitor.page.evaluate((wanted) => {
    const codes = [...document.querySelectorAll('article img')];
    return codes.length === wanted && codes.every((image) => image.complete && image.naturalWidth > 0);
  }, count));
}

const room = (boss, id) => boss.get(`/rooms/${id}`).then((answer) => answer.json);

// Signed in, through the room where there is one, at the seats.
async function atSeats(visitor, show, performance, account) {
  if (account) await visitor.login(account);
  await visitor.open(show.room_id ? `/wait/${show.room_id}?performance=${performance.id}` : `/performances/${performance.id}`);
  await inSeats(visitor);
  await mapShown(visitor);
}

async function waitingBuyer(t, { browser, server, boss }) {
  const show = (await films(boss))[0];
  const performance = await openPerformance(boss, show);
  const guests = [];
  const come = async (options) => {
    guests.push(await Visitor.come(browser, server, options));
    return guests.at(-1);
  };

  const operator = await come();
  await operator.login(admin, '/admin/rooms');
  const card = operator.page.locator('article', { hasText: show.room_id });
  await card.getByLabel(operator.t('rooms.capacity'), { exact: true }).fill('1');
  await card.getByRole('button', { name: operator.t('rooms.apply_what', { what: operator.t('rooms.capacity') }) }).click();
  await until('capacity 1', async () => (await room(boss, show.room_id)).capacity === 1, AT_ONCE_MS);

  // A comes first and goes straight in, from the home page on.
  const first = await come();
  await first.open('/');
  await first.page.getByRole('link', { name: show.title }).click();
  await first.reach('/shows/');
  await first.page.getByRole('link', { name: /./ }).filter({ hasText: first.t('performance.choose_seats') }).first().click();
  await inSeats(first);
  await mapShown(first);
  const where = new URL(first.page.url()).pathname.split('/').at(-1);
  assert.equal(where, performance.id);

  // Somebody without a browser is next, B comes third, on a phone and in Korean.
  const between = await new Client(server).post(`/rooms/${show.room_id}/places`);
  assert.equal(between.status, 202, between.text);
  const second = await come({ look: 'phone', language: 'ko' });
  await second.open(`/shows/${show.id}`);
  await second.page.getByRole('link').filter({ hasText: second.t('performance.choose_seats') }).first().click();
  await second.reach('/wait/');
  await second.page.getByTestId('position').waitFor();
  assert.equal(await position(second), 2);
  assert.match(await second.page.title(), /^2번째 · 대기 중/);
  await second.page.locator('#link.live').waitFor();
  await second.shot('journey-waiting');
  await second.page.reload();
  await second.page.getByTestId('position').waitFor();
  assert.equal(await position(second), 2, 'a reload keeps the place');

  await new Client(server).del(`/rooms/${show.room_id}/places/me`, { 'onsale-place': between.json.place });
  await until('the position falls', async () => (await position(second)) === 1, 5_000);
  await second.page.getByText('다음이 내 차례예요').waitFor();

  // A gives the slot back; B is moved to the seats without touching anything.
  await first.button('seat.give_back').click();
  await first.page.getByRole('dialog').getByRole('button', { name: first.t('seat.give_back'), exact: true }).click();
  await first.reach('/shows/');
  await inSeats(second);
  await mapShown(second);
  assert.equal((await room(boss, show.room_id)).active, 1);
  await second.shot('journey-seats-phone');

  // More may come in now; A watches the same map.
  assert.equal((await boss.patch(`/admin/rooms/${show.room_id}`, { capacity: 5 })).status, 200);
  await first.open(`/wait/${show.room_id}?performance=${performance.id}`);
  await inSeats(first);
  await mapShown(first);

  // Others' choices appear live.
  const other = await new Client(server).signup('another-buyer');
  const pass = (await other.post(`/rooms/${show.room_id}/places`)).json.pass;
  const theirs = await other.post(`/performances/${performance.id}/holds`, { seats: ['B-5', 'B-6'] }, { 'onsale-pass': pass });
  assert.equal(theirs.status, 201, theirs.text);
  const heldAt = Date.now();
  await Promise.all([first, second].map((visitor) => visitor.seatTurns('B-5', 'held')));
  assert.ok(Date.now() - heldAt < LIVE_MS, `the hold was seen after ${Date.now() - heldAt} ms`);

  // B chooses, signs up on the way, and finds the choice again.
  await choose(second, 'D-7', 'D-8');
  await second.button('selection.login_and_hold').click();
  await second.reach('/login');
  await second.link('signup.title').click();
  await second.reach('/signup');
  await second.field('signup.name').fill('기다린 사람');
  await second.field('login.email').fill('patient@buyers.test');
  await second.field('login.password').fill('a-long-password-1!');
  await second.button('signup.submit').click();
  await inSeats(second);
  await mapShown(second);
  assert.equal(await chosen(second), 2, 'signing up keeps the choice');
  await second.button('selection.hold').click();
  await second.reach('/checkout/');
  await first.seatTurns('D-7', 'held');

  const timer = second.page.getByRole('timer');
  const before = await timer.textContent();
  assert.match(before, /^\d\d:\d\d$/);
  await until('the countdown runs', async () => (await timer.textContent()) < before, 3_000);
  await second.shot('journey-checkout-phone');
  await toPayPage(second);
  assert.equal(await second.page.evaluate(() => document.documentElement.lang), 'ko');
  await second.shot('journey-pay-page');
  await decide(second, 'approve');
  await second.reach('/tickets/');
  await qrCodesLoad(second, 2);
  await second.shot('journey-tickets-phone', { whole: true });
  await first.seatTurns('D-7', 'sold');
  await first.seatTurns('D-8', 'sold');
  await until('the slot is free', async () => (await room(boss, show.room_id)).active === 2, 5_000); // A and the API's buyer

  await second.page.getByRole('main').getByRole('link', { name: second.t('nav.my_reservations') }).click();
  await second.reach('/my/reservations');
  await second.page.locator('article').getByText(second.t('reservation.state_confirmed'), { exact: true }).waitFor();
  await second.shot('journey-reservations-phone');
  await second.page.locator('article').getByRole('button', { name: second.t('reservation.cancel'), exact: true }).click();
  const dialog = second.page.getByRole('dialog');
  await dialog.getByRole('button', { name: second.t('cancel.submit'), exact: true }).click();
  await second.heading('cancel.done_title').waitFor();
  const cancelledAt = Date.now();
  await Promise.all(['D-7', 'D-8'].map((id) => first.seatTurns(id, 'free')));
  assert.ok(Date.now() - cancelledAt < LIVE_MS, `free after ${Date.now() - cancelledAt} ms`);
  await first.shot('journey-map-of-another');
  for (const guest of guests) await guest.leave();
}

async function declinedAndWalkedAway(t, { browser, server, boss }) {
  const show = (await musicals(boss)).find((each) => each.sale_state === 'on_sale');
  const performance = await openPerformance(boss, show);
  const visitor = await Visitor.come(browser, server, { language: 'en', theme: 'dark' });
  await atSeats(visitor, show, performance, buyer);
  await choose(visitor, 'E-1', 'E-2');
  await visitor.button('selection.hold').click();
  await visitor.reach('/checkout/');

  await toPayPage(visitor);
  await decide(visitor, 'decline');
  await visitor.reach('/checkout/');
  await visitor.text('checkout.failed_title').waitFor();
  await visitor.shot('journey-declined');

  // Walks away on the page, then with the Back button, then by closing the tab.
  await toPayPage(visitor);
  await decide(visitor, 'leave');
  await visitor.text('checkout.cancelled_title').waitFor();
  await toPayPage(visitor);
  await visitor.page.goBack();
  await until('a button that works again', () => payButton(visitor).isEnabled());
  await toPayPage(visitor);
  await visitor.page.close();
  visitor.page = await visitor.context.newPage();
  await visitor.open('/my/reservations');
  await visitor.page.locator('article').getByText(visitor.t('reservation.state_pending'), { exact: true }).waitFor();
  await visitor.open(`/performances/${performance.id}`);
  await visitor.link('pending.resume').click();
  await visitor.reach('/checkout/');
  await toPayPage(visitor);
  await decide(visitor, 'approve');
  await visitor.reach('/tickets/');
  await qrCodesLoad(visitor, 2);
  await visitor.leave();

  // One purchase, one charge.
  const mine = (await boss.get('/admin/reservations?limit=50')).json.items.filter((each) => each.performance.id === performance.id);
  assert.equal(mine.filter((each) => each.state === 'confirmed').length, 1);
}

async function holdRunsOut(t, { browser }) {
  const server = await started({ env: { ONSALE_BOOKING_HOLD_SECONDS: '60' } });
  t.after(() => end(server));
  const api = new Client(server);
  const show = (await musicals(api)).find((each) => each.sale_state === 'on_sale');
  const performance = await openPerformance(api, show);
  const visitor = await Visitor.come(browser, server, { language: 'ko' });
  await atSeats(visitor, show, performance, buyer);
  await choose(visitor, 'C-1', 'C-2');
  await visitor.button('selection.hold').click();
  await visitor.reach('/checkout/');
  const heldAt = Date.now();
  const onlooker = await Visitor.come(browser, server);
  await atSeats(onlooker, show, performance);
  await onlooker.seatTurns('C-1', 'held');
  await visitor.page.getByText(visitor.t('checkout.one_minute')).waitFor({ state: 'attached' });
  await visitor.page.getByRole('heading', { name: visitor.t('checkout.over_expired_title') }).waitFor({ timeout: 75_000 });
  const lasted = (Date.now() - heldAt) / 1000;
  assert.ok(lasted > 55 && lasted < 70, `the hold lasted ${lasted} s`);
  await onlooker.seatTurns('C-1', 'free');
  await visitor.shot('journey-hold-over');
  await visitor.link('checkout.seats_again').click();
  await choose(visitor, 'C-1', 'C-2'); // free for everyone, them too
  await visitor.leave();
  await onlooker.leave();
}

async function operatorActs(t, { browser, server, boss }) {
  const show = (await films(boss))[1];
  const performance = await openPerformance(boss, show);
  const id = show.room_id;
  const operator = await Visitor.come(browser, server, { language: 'ko' });
  await operator.login(admin, '/admin/rooms');
  const card = operator.page.locator('article', { hasText: id });
  const apply = async (key, value) => {
    const label = operator.t(`rooms.${key}`);
    await card.getByLabel(label, { exact: true }).fill(String(value));
    await card.getByRole('button', { name: operator.t('rooms.apply_what', { what: label }), exact: true }).click();
  };
  const mode = (name) => card.getByRole('radio', { name: operator.t(`room.mode_${name}`), exact: true }).click({ force: true });
  // What stops or empties a line is asked about first.
  const yes = (key, names) => operator.page.getByRole('dialog').getByRole('button', { name: operator.t(key, names), exact: true }).click();
  const becomes = (what, check) => until(what, async () => check(await room(boss, id)), AT_ONCE_MS);

  await apply('capacity', 0);
  await yes('console.zero_do');
  await becomes('capacity 0', (now) => now.capacity === 0);
  const guest = await Visitor.come(browser, server);
  await guest.open(`/wait/${id}?performance=${performance.id}`);
  await guest.page.getByTestId('position').waitFor();
  await guest.page.locator('#link.live').waitFor();
  await until('one waiting, seen by the operator', async () => /^1$/.test((await card.locator('dd').first().textContent()).trim()), 5_000);

  await mode('paused');
  await yes('console.mode_do', { mode: operator.t('room.mode_paused') });
  await becomes('paused', (now) => now.mode === 'paused');
  await apply('message', '잠시 점검해요');
  await becomes('the message', (now) => now.message === '잠시 점검해요');
  await guest.page.locator('[data-if="paused"]').waitFor();
  await guest.page.getByText('잠시 점검해요').waitFor();
  await guest.shot('journey-paused');
  await apply('rate', 30);
  await becomes('rate 30', (now) => now.admit_per_minute === 30);
  await card.getByText(operator.t('rooms.more')).click();
  await apply('session_seconds', 900);
  await until('the session', async () => (await boss.get(`/admin/rooms/${id}`)).json.session_seconds === 900, AT_ONCE_MS);
  await operator.shot('journey-console', { whole: true });

  // Raising the capacity alone admits nobody while paused; opening the queue does.
  await apply('capacity', 3);
  await becomes('capacity 3', (now) => now.capacity === 3);
  await sleep(1_500);
  assert.equal(new URL(guest.page.url()).pathname, `/wait/${id}`);
  await mode('queue');
  await becomes('queue', (now) => now.mode === 'queue');
  await inSeats(guest);

  // A closed room is closed for newcomers, and says so.
  await mode('closed');
  await yes('console.mode_do', { mode: operator.t('room.mode_closed') });
  await becomes('closed', (now) => now.mode === 'closed');
  const late = await Visitor.come(browser, server, { language: 'ko' });
  await late.open(`/wait/${id}?performance=${performance.id}`);
  await late.page.locator('.card[data-for="closed"]').waitFor();

  // A buyer is not an operator.
  await late.login(buyer, '/admin/rooms');
  await late.heading('forbidden.title').waitFor();
  for (const visitor of [operator, guest, late]) await visitor.leave();
}

async function offlineAndKeyboard(t, { browser, server, boss }) {
  const show = (await musicals(boss)).filter((each) => each.sale_state === 'on_sale')[1];
  const performance = await openPerformance(boss, show);
  const visitor = await Visitor.come(browser, server);
  const { page } = visitor;
  await visitor.open('/login');
  await visitor.tabTo(visitor.field('login.email'));
  await page.keyboard.type(buyer.email);
  await visitor.tabTo(visitor.field('login.password'));
  await page.keyboard.type(buyer.password);
  await page.keyboard.press('Enter');
  await page.waitForURL(`${server.url}/`);

  await visitor.tabTo(page.getByRole('link', { name: show.title, exact: true }));
  await page.keyboard.press('Enter');
  await visitor.reach('/shows/');
  const time = page.getByRole('link').filter({ hasText: visitor.t('performance.choose_seats') }).first();
  await time.waitFor();
  await visitor.tabTo(time);
  await page.keyboard.press('Enter');
  await inSeats(visitor);
  await mapShown(visitor);
  assert.ok(page.url().endsWith(performance.id));
  await visitor.tabTo(page.locator('.seat[tabindex="0"]'));
  const states = [];
  for (const key of ['ArrowRight', 'ArrowRight', 'ArrowDown', 'Space', 'ArrowRight', 'Enter']) {
    await page.keyboard.press(key);
    states.push(await page.evaluate(() => document.activeElement.dataset.seat));
  }
  assert.deepEqual([...new Set(states)], ['A-2', 'A-3', 'B-3', 'B-4']);
  assert.equal(await chosen(visitor), 2);
  await visitor.tabTo(visitor.button('selection.hold'));
  await page.keyboard.press('Enter');
  await visitor.reach('/checkout/');
  await payButton(visitor).waitFor();
  await visitor.tabTo(payButton(visitor));
  await page.keyboard.press('Enter');
  const approve = page.locator('button[name="decision"][value="approve"]');
  await approve.waitFor();
  await visitor.tabTo(approve);
  await page.keyboard.press('Enter');
  await visitor.reach('/tickets/');
  await qrCodesLoad(visitor, 2);

  await visitor.context.setOffline(true);
  await visitor.text('offline.banner').waitFor();
  await visitor.shot('journey-offline');
  await visitor.context.setOffline(false);
  await visitor.text('offline.banner').waitFor({ state: 'detached' });

  // The other language is one press away and stays.
  await page.getByRole('button', { name: visitor.t('language.ko') }).click();
  await page.reload();
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'ko');
  await visitor.leave();
}

// The web app's types are those of the server that carries it.
async function typesAreFresh({ server }) {
  const folder = path.join(root, 'artifacts/e2e');
  mkdirSync(folder, { recursive: true });
  const [source, fresh] = ['openapi.json', 'schema.d.ts'].map((name) => path.join(folder, name));
  writeFileSync(source, (await request(`${server.url}/openapi.json`)).text);
  const tool = path.join(root, 'web/node_modules/openapi-typescript/bin/cli.js');
  const done = spawnSync(process.execPath, [tool, source, '-o', fresh], { encoding: 'utf8' });
  assert.equal(done.status, 0, done.stderr || 'run tools/build_web first: it installs openapi-typescript');
  const limits = path.join(folder, 'limits.ts');
  const read = spawnSync(process.execPath, [path.join(root, 'web/limits.mjs'), source, limits], { encoding: 'utf8' });
  assert.equal(read.status, 0, read.stderr);
  for (const file of [fresh, limits]) {
    const name = `web/src/api/${path.basename(file)}`;
    assert.equal(readFileSync(path.join(root, name), 'utf8'), readFileSync(file, 'utf8'),
      `${name}: the description changed: ONSALE_URL=http://… npm run types, in web/`);
  }
}

test('the journeys', { timeout: 300_000, concurrency: 3 }, async (t) => {
  const [server, browser] = await Promise.all([started(), launch()]);
  t.after(async () => {
    await browser.close();
    await end(server);
  });
  const boss = await new Client(server).login(admin);
  const given = { browser, server, boss };
  await t.test('web/src/api/schema.d.ts is what `npm run types` writes', () => typesAreFresh(given));
  await Promise.all([
    t.test('a hold runs out: the buyer is told, the seats are free', (each) => holdRunsOut(each, given)),
    t.test('a waiting buyer, from the line to a cancelled ticket', (each) => waitingBuyer(each, given)),
    t.test('declined, paid again; walked away, resumed', (each) => declinedAndWalkedAway(each, given)),
    t.test('the operator changes mode, capacity, rate and message, and it acts at once', (each) => operatorActs(each, given)),
    t.test('the keyboard alone buys; offline says so; the language is kept', (each) => offlineAndKeyboard(each, given)),
  ]);
  assert.equal((await request(`${server.url}/health/ready`)).status, 200);
});
