// A purchase with each provider's pay page, on a phone and on a desk, in both languages: paid, declined
// and paid with the other one, abandoned for another tab, cancelled in part. One payment, one outcome,
// and at each moment the page says how it stands. Screenshots: artifacts/e2e/paying-*.
import assert from 'node:assert/strict';
import test from 'node:test';
import { end, launch, until, Visitor } from './lib/browser.mjs';
import { Client, musicals, openPerformance } from './lib/api.mjs';
import { admin, started } from './lib/server.mjs';

const rows = 'CDEFGHIJ';
let people = 0;

const press = (page, decision) => page.locator(`button[value="${decision}"]`).click();
const toPayPage = async (page, which) => {
  await page.waitForURL((url) => url.pathname.startsWith(`/sandbox/${which}/`));
  await page.locator('button[value="approve"]').waitFor();
};
const other = { toss: 'kakaopay', kakaopay: 'toss' };

// Somebody at the checkout of two seats of their own, who pays with `provider`.
async function atCheckout({ server, browser, boss, performance }, provider, options) {
  const row = rows[people++];
  const account = await new Client(server).signup(`paying-${row}`);
  const hold = await account.post(`/performances/${performance}/holds`, { seats: [`${row}-5`, `${row}-6`] });
  assert.equal(hold.status, 201, hold.text);
  const { json: reservation } = await account.post('/reservations', { hold_id: hold.json.id });
  const visitor = await Visitor.come(browser, server, options);
  await visitor.login({ email: `paying-${row}@buyers.test`, password: 'a-long-password-1!' }, `/checkout/${reservation.id}`);
  const money = (won) => (options.language === 'ko' ? `${won.toLocaleString('en')}원` : `₩${won.toLocaleString('en')}`);
  return {
    visitor, reservation, money, page: visitor.page, t: visitor.t,
    name: `paying-${provider}-${options.look}`,
    async choose(which, page = visitor.page) {
      await page.getByRole('radio', { name: visitor.t(`provider.${which}`), exact: true }).check({ force: true });
    },
    async pay(which, key = 'pay', page = visitor.page) {
      await page.getByRole('button', { name: visitor.t(`checkout.${key}`, { amount: money(reservation.amount.payable) }), exact: true }).click();
      await toPayPage(page, which);
    },
    // What all payments of the reservation took, and how many of them took something.
    async charged() {
      const { json } = await boss.get(`/admin/payments?q=${reservation.id}`);
      const took = json.items.filter((each) => each.captured > 0);
      return [took.reduce((sum, each) => sum + each.captured, 0), took.length];
    },
  };
}

async function bought(given, provider, options) {
  const { visitor, reservation, money, page, t, name, choose, pay, charged } = await atCheckout(given, provider, options);
  await choose(provider);
  await page.reload();
  await choose(provider);
  await visitor.accessible(`${name}: checkout`);
  await visitor.shot(`${name}-checkout`, { whole: true });
  await pay(provider);
  const payPage = page.url();
  await page.reload();
  await page.locator('button[value="approve"]').waitFor();
  assert.equal(page.url(), payPage, 'one payment, one pay page');
  await visitor.shot(`${name}-page`, { whole: true });
  await press(page, 'approve');
  await visitor.reach('/tickets/');
  await page.reload();
  await visitor.heading('ticket.title').waitFor();
  assert.deepEqual(await charged(), [reservation.amount.payable, 1]);

  // One of two seats: what comes back is shown first.
  const price = money(reservation.seats[0].price);
  await visitor.open('/my/reservations');
  await visitor.button('reservation.cancel').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('checkbox').nth(1).uncheck();
  await dialog.getByTestId('sum').getByText(price, { exact: true }).waitFor();
  await visitor.accessible(`${name}: cancel`);
  await visitor.shot(`${name}-cancel`);
  await dialog.getByRole('button', { name: t('cancel.submit_some', { n: 1, count: 1 }), exact: true }).click();
  await dialog.getByText(t('cancel.done_refund', { amount: price })).waitFor();
  await dialog.getByRole('button', { name: t('common.close'), exact: true }).last().click();
  await page.getByText(t('refund.done', { amount: price }), { exact: true }).waitFor({ timeout: 25_000 });
  await visitor.shot(`${name}-cancelled`, { whole: true });
  await visitor.leave();
}

// Without a mouse, from the checkout to the tickets.
async function byKeyboard(given, provider, options) {
  const { visitor, reservation, page, t, money } = await atCheckout(given, provider, options);
  const radio = page.getByRole('radio', { name: t(`provider.${provider}`), exact: true });
  await radio.waitFor();
  await visitor.tabTo(page.getByRole('radio', { checked: true }));
  while (!(await radio.isChecked())) await page.keyboard.press('ArrowDown');
  const pay = page.getByRole('button', { name: t('checkout.pay', { amount: money(reservation.amount.payable) }), exact: true });
  await visitor.tabTo(pay);
  await page.keyboard.press('Enter');
  await toPayPage(page, provider);
  await visitor.tabTo(page.locator('button[value="approve"]'));
  await page.keyboard.press('Enter');
  await visitor.reach('/tickets/');
  await visitor.leave();
}

// Declined here, paid there; a window that is closed on the pay page is not the end either.
async function declined(given, provider, options) {
  const { visitor, reservation, page, t, name, choose, pay, charged } = await atCheckout(given, provider, options);
  await choose(provider);
  await pay(provider);
  await press(page, 'decline');
  await visitor.reach('/checkout/');
  for (const again of [false, true]) {
    if (again) await page.reload();
    await page.getByText(t('checkout.failed_title'), { exact: true }).waitFor();
  }
  await visitor.accessible(`${name}: declined`);
  await visitor.shot(`${name}-declined`, { whole: true });
  await choose(provider);
  await pay(provider, 'pay_again');
  await page.close();

  const next = await visitor.context.newPage();
  visitor.page = next;
  await visitor.open('/my/reservations');
  await visitor.link('reservation.pay').click();
  await next.getByText(t('checkout.open_title', { provider: t(`provider.${provider}`) }), { exact: true }).waitFor();
  await visitor.shot(`${name}-open`, { whole: true });
  await choose(other[provider], next);
  await pay(other[provider], 'pay', next);

  // The first page is still open in a third window: its payment is off, whatever is pressed there.
  const left = (await given.boss.get(`/admin/payments?q=${reservation.id}`)).json.items.find((each) => each.provider === provider);
  assert.equal(left.state, 'cancelled');
  await press(next, 'approve');
  await visitor.reach('/tickets/');
  assert.deepEqual(await charged(), [reservation.amount.payable, 1]);
  await visitor.leave();
}

// Two windows at two providers, both approved: one of them bought the seats, the other took nothing
// that it keeps.
async function twice(given, provider, options) {
  const { visitor, reservation, page, choose, pay, charged } = await atCheckout(given, provider, options);
  await choose(provider);
  await pay(provider);
  const second = await visitor.context.newPage();
  await second.goto(`${given.server.url}/checkout/${reservation.id}`);
  await choose(other[provider], second);
  await pay(other[provider], 'pay', second);
  await Promise.all([press(page, 'approve'), press(second, 'approve')]);
  await second.waitForURL((url) => url.pathname.startsWith('/tickets/'));
  await page.waitForURL((url) => url.pathname.startsWith('/tickets/'));
  await until('one charge is left', async () => {
    const { json } = await given.boss.get(`/admin/payments?q=${reservation.id}`);
    return json.items.reduce((sum, each) => sum + each.captured - each.refunded, 0) === reservation.amount.payable;
  }, 20_000);
  assert.ok((await charged())[1] >= 1);
  await visitor.leave();
}

test('paying with each provider', { timeout: 170_000, concurrency: 3 }, async (t) => {
  const [server, browser] = await Promise.all([started(), launch()]);
  t.after(async () => {
    await browser.close();
    await end(server);
  });
  const boss = await new Client(server).login(admin);
  const show = (await musicals(boss)).find((each) => !each.room_id);
  const given = { server, browser, boss, performance: (await openPerformance(boss, show)).id };
  const phone = { look: 'phone', language: 'ko' };
  const desk = { look: 'desktop', language: 'en' };
  await Promise.all([
    t.test('Toss on a phone', () => bought(given, 'toss', phone)),
    t.test('Toss on a desk', () => bought(given, 'toss', desk)),
    t.test('KakaoPay on a phone', () => bought(given, 'kakaopay', phone)),
    t.test('KakaoPay on a desk', () => bought(given, 'kakaopay', { ...desk, theme: 'dark' })),
    t.test('declined by Toss, then paid with KakaoPay', () => declined(given, 'toss', { ...phone, theme: 'dark' })),
    t.test('declined by KakaoPay, then paid with Toss', () => declined(given, 'kakaopay', desk)),
    t.test('KakaoPay by keyboard', () => byKeyboard(given, 'kakaopay', desk)),
    t.test('approved in two windows', () => twice(given, 'toss', desk)),
  ]);
});
