// Paying, come back to from everywhere: the Back button, a reload, a second tab, no network, a session
// whose renewal was lost. One payment, one outcome, and at each moment the page says how it stands.
import assert from 'node:assert/strict';
import test from 'node:test';
import { end, launch, until, Visitor } from './lib/browser.mjs';
import { Client, musicals, openPerformance } from './lib/api.mjs';
import { admin, started } from './lib/server.mjs';

const rows = 'CDEFGHIJ';
let people = 0;

// Somebody at the checkout of two seats of their own.
async function atCheckout({ server, browser, performance }, options = {}) {
  const row = rows[people++];
  const account = await new Client(server).signup(`checkout-${row}`);
  const hold = await account.post(`/performances/${performance}/holds`, { seats: [`${row}-5`, `${row}-6`] });
  assert.equal(hold.status, 201, hold.text);
  const { json: reservation } = await account.post('/reservations', { hold_id: hold.json.id });
  const visitor = await Visitor.come(browser, server, options);
  await visitor.login({ email: `checkout-${row}@buyers.test`, password: 'a-long-password-1!' }, `/checkout/${reservation.id}`);
  const amount = options.language === 'ko' ? `${reservation.amount.payable.toLocaleString('en')}원` : `₩${reservation.amount.payable.toLocaleString('en')}`;
  const state = async () => (await account.get(`/reservations/${reservation.id}`)).json;
  return { visitor, account, reservation, state, pay: (key, page = visitor.page) => page.getByRole('button', { name: visitor.t(`checkout.${key}`, { amount }), exact: true }) };
}
const payPage = (page) => page.locator('button[value="approve"]').waitFor();
const press = (page, decision) => page.locator(`button[value="${decision}"]`).click();

async function backAndAgain(given) {
  const { visitor, pay, state } = await atCheckout(given, { look: 'phone' });
  const { page, t } = visitor;
  await pay('pay').click();
  await payPage(page);
  const first = page.url();
  await page.goBack();
  const open = page.getByText(t('checkout.open_title', { provider: t('provider.sandbox') }), { exact: true });
  await open.waitFor();
  await visitor.accessible('checkout, left open');
  await page.reload();
  await open.waitFor();

  // Another tab of the same browser knows of it, and leads to the same page.
  const second = await visitor.context.newPage();
  await second.goto(page.url());
  await pay('pay_on', second).click();
  await payPage(second);
  assert.equal(second.url(), first, 'one payment, one pay page');
  await press(second, 'approve');
  await second.waitForURL((url) => url.pathname.startsWith('/tickets/'));
  // The first tab hears of it by itself.
  await page.waitForURL((url) => url.pathname.startsWith('/tickets/'));
  assert.equal((await state()).state, 'confirmed');

  // The pay page once more, and the way back once more: the tickets, and nothing is paid twice.
  await page.goto(first);
  await payPage(page);
  await press(page, 'approve');
  await page.waitForURL((url) => url.pathname.startsWith('/tickets/'));
  const { payment_id: payment } = await state();
  const { captured, amount } = (await given.boss.get(`/payments/${payment}`)).json;
  assert.equal(captured, amount);
  await visitor.leave();
}

async function declinedAndReloaded(given) {
  const { visitor, pay } = await atCheckout(given, { language: 'ko', theme: 'dark' });
  const { page, t } = visitor;
  await pay('pay').click();
  await payPage(page);
  await press(page, 'decline');
  await visitor.reach('/checkout/');
  for (const again of [false, true]) {
    if (again) await page.reload();
    await page.getByText(t('checkout.failed_title'), { exact: true }).waitFor();
    await page.getByText(t('checkout.failure_declined'), { exact: true }).waitFor();
  }
  // Without a word in the address, too.
  await visitor.open(new URL(page.url()).pathname);
  await page.getByText(t('checkout.failed_title'), { exact: true }).waitFor();
  await pay('pay_again').click();
  await payPage(page);
  await press(page, 'leave');
  await visitor.reach('/checkout/');
  await page.getByText(t('checkout.cancelled_title'), { exact: true }).waitFor();
  await visitor.leave();
}

// The network fails, and the answer of a renewal is lost: the buyer stays where they are.
async function throughTrouble(given) {
  const { visitor, pay, state } = await atCheckout(given);
  const { page, t, context } = visitor;
  await pay('pay').waitFor();
  await context.setOffline(true);
  await page.getByText(t('offline.banner')).waitFor();
  await pay('pay').click();
  await page.getByText(t('errors.network'), { exact: true }).waitFor();
  await context.setOffline(false);
  await page.getByText(t('offline.banner')).waitFor({ state: 'detached' });

  // The access token has run out, and every answer to the renewal is lost on its way.
  let lost = 0;
  await context.clearCookies({ name: /access/ });
  await page.route('**/auth/refresh', (route) => (++lost, route.abort('connectionreset')));
  await page.reload();
  await page.getByText(t('errors.network'), { exact: true }).first().waitFor();
  assert.ok(lost >= 2, 'it was asked for again');
  assert.match(new URL(page.url()).pathname, /^\/checkout\//, 'not sent to log in');
  await page.unroute('**/auth/refresh');
  await page.locator('main').getByRole('button', { name: t('common.retry'), exact: true }).click();
  await pay('pay').click();
  await payPage(page);
  await press(page, 'approve');
  await visitor.reach('/tickets/');
  assert.equal((await state()).state, 'confirmed');
  visitor.problems = visitor.problems.filter((each) => !/ERR_|WebSocket/.test(each));
  await visitor.leave();
}

// One seat of two, then the other: what came back is told each time, and how far it is.
async function inParts(given) {
  const { visitor, pay, state, reservation } = await atCheckout(given, { look: 'phone' });
  const { page, t } = visitor;
  await pay('pay').click();
  await payPage(page);
  await press(page, 'approve');
  await visitor.reach('/tickets/');
  const price = `₩${reservation.seats[0].price.toLocaleString('en')}`;
  for (const left of [1, 0]) {
    await visitor.open('/my/reservations');
    await visitor.button('reservation.cancel').click();
    const dialog = page.getByRole('dialog');
    if (left > 0) await dialog.getByRole('checkbox').nth(1).uncheck();
    const name = left > 0 ? t('cancel.submit_some', { n: 1, count: 1 }) : t('cancel.submit');
    await dialog.getByRole('button', { name, exact: true }).click();
    await dialog.getByText(t('cancel.done_refund', { amount: price })).waitFor();
    await until('the refund', async () => (await state()).refunds.length === 2 - left);
  }
  await visitor.open('/my/reservations');
  await until('both went back', async () =>
    (await page.getByText(t('refund.done', { amount: price }), { exact: true }).count()) === 2, 40_000); // one after the other
  await visitor.open(`/checkout/${reservation.id}`);
  await visitor.heading('checkout.over_cancelled_title').waitFor();
  await page.getByText(t('checkout.over_money_refunds'), { exact: true }).waitFor();
  await visitor.leave();
}

// Money that is to come: which account, until when, after a reload too; and another way is still open.
async function awaited(given) {
  const { visitor, pay } = await atCheckout(given, { look: 'phone' });
  const { page, t } = visitor;
  await pay('pay').click();
  await payPage(page);
  await page.getByRole('radio', { name: 'Virtual account' }).check({ force: true });
  await press(page, 'approve');
  await visitor.reach('/checkout/');
  for (const again of [false, true]) {
    if (again) await page.reload();
    await visitor.heading('deposit.waiting').waitFor();
    await page.getByText(t('deposit.account'), { exact: true }).waitFor();
  }
  await visitor.accessible('a deposit that is awaited');
  await visitor.shot('checkout-deposit', { whole: true });
  await visitor.button('deposit.other').click();
  await visitor.heading('checkout.amounts').waitFor();
  await visitor.leave();
}

async function moneyPage({ server, browser }) {
  const visitor = await Visitor.come(browser, server, { look: 'phone' });
  await visitor.login(admin, '/admin/money');
  await visitor.heading('money_page.tasks_none').waitFor();
  await visitor.accessible('money');
  await visitor.leave();
  const buyer = await Visitor.come(browser, server);
  await buyer.open('/admin/money');
  await buyer.reach('/login');
  await buyer.leave();
}

test('the checkout', { timeout: 170_000, concurrency: 3 }, async (t) => {
  const [server, browser] = await Promise.all([started(), launch()]);
  t.after(async () => {
    await browser.close();
    await end(server);
  });
  const boss = await new Client(server).login(admin);
  const show = (await musicals(boss)).find((each) => !each.room_id);
  const performance = (await openPerformance(boss, show)).id;
  const given = { server, browser, boss, performance };
  await Promise.all([
    t.test('left with Back, reloaded, carried on in another tab: paid once', () => backAndAgain(given)),
    t.test('declined and walked away from, and still so after a reload', () => declinedAndReloaded(given)),
    t.test('offline, and with a lost renewal of the session', () => throughTrouble(given)),
    t.test('cancelled seat by seat', () => inParts(given)),
    t.test('a deposit that is awaited', () => awaited(given)),
    t.test("the operator's money page", () => moneyPage(given)),
  ]);
});
