// Every page in both languages, both themes and both sizes: axe finds nothing, nothing is too wide,
// and a picture of each is kept in artifacts/e2e.
import assert from 'node:assert/strict';
import test from 'node:test';
import { end, launch, Visitor } from './lib/browser.mjs';
import { Client, films, musicals, openPerformance } from './lib/api.mjs';
import { admin, started } from './lib/server.mjs';

// Every page is seen in both sizes, both languages and both themes; not in all eight combinations.
const tours = [
  { look: 'phone', language: 'ko', theme: 'light' },
  { look: 'phone', language: 'en', theme: 'dark' },
  { look: 'desktop', language: 'ko', theme: 'dark' },
  { look: 'desktop', language: 'en', theme: 'light' },
];

async function tour({ server, browser, boss, stage }, options) {
  const tag = Object.values(options).join('-');
  const visitor = await Visitor.come(browser, server, options);
  const { page, t } = visitor;
  const failures = [];
  const check = async (name, { whole = true } = {}) => {
    await visitor.shot(`page-${name}-${tag}`, { whole });
    await visitor.accessible(`${name} ${tag}`).catch((error) => failures.push(error.message));
  };
  const seats = () => page.locator('.seat[data-state]').first().waitFor();
  const pictures = async () => {
    await page.evaluate(() => [...document.images].forEach((image) => { image.loading = 'eager'; }));
    await page.waitForFunction(() => [...document.images].every((image) => image.complete && image.naturalWidth > 0));
  };

  await visitor.open('/');
  await page.locator('article img').first().waitFor();
  await pictures();
  await check('home');
  await visitor.open('/nothing/here');
  await visitor.heading('not_found.title').waitFor();
  await check('not-found');
  await visitor.open('/login');
  await visitor.fillLogin({ email: 'nobody@onsale.test', password: 'not-the-password' });
  await page.getByRole('alert').waitFor();
  await check('login');
  await visitor.open('/signup');
  await visitor.button('signup.submit').click();
  await page.getByText(t('errors.field_required')).first().waitFor();
  await check('signup');
  await visitor.open(`/shows/${stage.film.id}`);
  await page.locator('time').first().waitFor();
  await pictures();
  await check('show');
  await visitor.open(`/wait/${stage.film.room_id}?performance=${stage.filmPerformance.id}`);
  await page.getByTestId('position').waitFor();
  await page.locator('#link.live').waitFor();
  await pictures();
  await check('wait');
  await visitor.open(`/wait/${stage.open.room_id}?performance=${stage.openPerformance.id}`);
  await visitor.reach('/performances/');
  await seats();
  await check('seats-cinema', { whole: false });
  await visitor.open(`/performances/${stage.stadiumPerformance.id}`);
  await page.locator('svg polygon').first().waitFor();
  await check('stadium');
  await page.locator('main .card li button').nth(2).click();
  await seats();
  await check('stadium-section', { whole: false });

  const account = { email: `tour-${tag}@buyers.test`, password: 'a-long-password-1!' };
  assert.equal((await new Client(server).post('/auth/signup', { ...account, name: '여행자' })).status, 201);
  await visitor.login(account, `/performances/${stage.musicalPerformance.id}`);
  await seats();
  const row = String.fromCharCode(69 + tours.indexOf(options));
  for (const seat of [`${row}-7`, `${row}-8`]) await visitor.seat(seat).click();
  await check('seats');
  await page.getByRole('radio', { name: t('seat.view_list') }).check({ force: true });
  await page.getByRole('button', { name: t('seat.name', { row: 'A', number: 1 }) }).first().waitFor();
  await check('seats-list');
  await visitor.button('selection.hold').click();
  await visitor.reach('/checkout/');
  await page.getByRole('timer').waitFor();
  await pictures();
  await check('checkout');
  await page.locator('section[aria-labelledby="amounts"] button').first().click();
  await page.locator('button[name="decision"]').first().waitFor();
  await check('pay-page');
  await page.locator('button[value="approve"]').click();
  await visitor.reach('/tickets/');
  await page.locator('article img').first().waitFor();
  await pictures();
  await check('tickets');
  await visitor.open('/my/reservations');
  await page.locator('article button').first().waitFor();
  await pictures();
  await check('reservations');
  await page.locator('article').getByRole('button', { name: t('reservation.cancel'), exact: true }).click();
  await page.getByRole('dialog').waitFor();
  await check('cancel', { whole: false });
  await visitor.context.clearCookies();
  await visitor.login(admin, '/admin/rooms');
  await page.locator('.uplot').first().waitFor();
  await page.getByText(t('rooms.more')).first().click();
  await check('rooms');
  await visitor.open('/docs');
  await page.locator('#calls details, #calls section, #calls article, #calls li').first().waitFor();
  await check('docs', { whole: false });
  await visitor.leave();
  assert.deepEqual(failures, []);
}

test('every page, looked at', { timeout: 300_000, concurrency: 2 }, async (t) => {
  const [server, browser] = await Promise.all([started(), launch()]);
  t.after(async () => {
    await browser.close();
    await end(server);
  });
  const boss = await new Client(server).login(admin);
  const [film, open] = await films(boss);
  const musical = (await musicals(boss)).find((each) => each.sale_state === 'on_sale');
  const stadium = (await boss.get('/shows?kind=concert')).json.items[0];
  const stage = {
    film, open,
    filmPerformance: await openPerformance(boss, film),
    openPerformance: await openPerformance(boss, open),
    musicalPerformance: await openPerformance(boss, musical),
    stadiumPerformance: await openPerformance(boss, stadium),
  };
  await boss.patch(`/admin/rooms/${film.room_id}`, { capacity: 0, message: '오늘은 표를 두 번 확인해요. Tickets are checked twice today.' });
  for (let each = 0; each < 12; ++each) await new Client(server).post(`/rooms/${film.room_id}/places`);
  // Some seats are held and sold already.
  const others = await new Client(server).signup('others');
  for (const seats of [['A-3', 'A-4'], ['C-9', 'C-10']]) {
    await others.post(`/performances/${stage.musicalPerformance.id}/holds`, { seats });
  }
  await Promise.all(tours.map((options) => t.test(Object.values(options).join(', '), () => tour({ server, browser, boss, stage }, options))));
});
