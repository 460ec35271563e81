// What operators do with money and shows, on screen: a day settles against the provider's own word, the
// ledger is read and checked, a policy is changed with its preview, and a performance is called off while
// people look at it, wait for it and have bought it.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Client, decide, films, musicals, openPerformance } from './lib/api.mjs';
import { end, launch, until, Visitor } from './lib/browser.mjs';
import { admin, started } from './lib/server.mjs';

const password = 'a-long-password-1!';
const korea = (at = Date.now()) => new Date(at + 9 * 3_600_000).toISOString().slice(0, 10);

async function bought(server, name, performance, seats, provider = 'sandbox') {
  const account = await new Client(server).signup(name);
  const hold = await account.post(`/performances/${performance}/holds`, { seats });
  assert.equal(hold.status, 201, hold.text);
  const reservation = (await account.post('/reservations', { hold_id: hold.json.id })).json;
  const pay = await account.post(`/reservations/${reservation.id}/payments`, { provider, return_url: '/my/reservations' });
  assert.equal(pay.status, 201, pay.text);
  if (provider === 'sandbox') await decide(pay.json.redirect_url, 'approve', server);
  return { account, reservation, payment: pay.json.payment_id };
}

async function settlement({ server, browser, boss, performance }) {
  const one = await bought(server, 'settle-one', performance, ['C-5', 'C-6']);
  const two = await bought(server, 'settle-two', performance, ['D-5']);
  await two.account.post(`/reservations/${two.reservation.id}/cancel`, {});
  const paid = one.reservation.amount.payable + two.reservation.amount.payable;
  const day = await until('the refund is booked', async () => {
    const { json } = await boss.get(`/admin/settlement?day=${korea()}&provider=sandbox`);
    return json.refunded === two.reservation.amount.payable && json;
  });
  assert.equal(day.captured, paid);
  assert.deepEqual(day.provider_says, { captured: paid, refunded: day.refunded });
  assert.equal(day.difference, 0);
  assert.equal(day.over, false);
  assert.equal(day.providers[0].fees_by, 'provider');
  assert.ok(day.fees > 0);
  assert.equal(day.lines.length, 1);
  assert.equal(day.lines[0].payments, 2);
  assert.deepEqual(day.providers[0].differing, []);

  const table = await boss.get(`/admin/settlement?day=${korea()}&provider=sandbox`, { accept: 'text/csv' });
  const [head, line, rest] = table.text.split('\r\n');
  assert.equal(head, 'day,provider,show_id,show,currency,payments,captured,refunded,fees,provider_captured,provider_refunded,difference');
  assert.match(line, new RegExp(`^${korea()},sandbox,shw_.*,KRW,2,${paid},${day.refunded},\\d+,${paid},${day.refunded},0$`));
  assert.equal(rest, '');

  // KakaoPay has no list: what nobody knows is null, with the reason.
  const { json: silent } = await boss.get(`/admin/settlement?day=${korea()}&provider=kakaopay`);
  assert.equal(silent.providers[0].provider_says, null);
  assert.equal(silent.providers[0].difference, null);
  assert.equal(silent.providers[0].reason, 'not_offered');
  assert.equal((await boss.get('/admin/settlement?day=2026-13-01')).status, 422);
  assert.equal((await one.account.get('/admin/settlement')).status, 403);

  for (const look of ['phone', 'desktop']) {
    const visitor = await Visitor.come(browser, server, { look, language: look === 'phone' ? 'ko' : 'en' });
    await visitor.login(admin, '/admin/settlement');
    await visitor.heading('settlement.total').waitFor();
    await visitor.text('settlement.balanced').first().waitFor();
    await visitor.accessible(`settlement on a ${look}`);
    await visitor.shot(`office-settlement-${look}`, { whole: true });
    await visitor.link('money_page.tab_ledger').click();
    await visitor.button('ledger_page.check_now').click();
    await visitor.text('ledger_page.balanced').waitFor();
    await visitor.page.getByText(one.payment, { exact: true }).first().waitFor();
    await visitor.field('ledger_page.account').selectOption('provider:sandbox');
    await visitor.text('ledger_page.debits').waitFor();
    await visitor.accessible(`the ledger on a ${look}`);
    await visitor.shot(`office-ledger-${look}`, { whole: true });
    await visitor.page.getByRole('link', { name: one.payment, exact: true }).first().click();
    await visitor.page.getByRole('dialog', { name: visitor.t('money_page.history_of') }).waitFor();
    await visitor.leave();
  }
}

async function policy({ server, browser, boss, show }) {
  for (const look of ['phone', 'desktop']) {
    const visitor = await Visitor.come(browser, server, { look, language: look === 'phone' ? 'ko' : 'en' });
    await visitor.login(admin, `/admin/shows/${show.id}`);
    await visitor.heading('policy.title').waitFor();
    await visitor.field('policy.fee_percent').last().fill('45');
    await visitor.page.getByText(/45\s?%/).first().waitFor();
    await visitor.accessible(`a policy on a ${look}`);
    await visitor.shot(`office-policy-${look}`, { whole: true });
    if (look === 'desktop') {
      await visitor.button('policy.save').click();
      await visitor.text('policy.saved').last().waitFor();
    }
    await visitor.leave();
  }
  const { json } = await boss.get(`/admin/shows/${show.id}/cancellation-policy`);
  assert.equal(json.is_default, false);
  assert.equal(json.steps.at(-1).fee_percent, 45);
  const { json: audit } = await boss.get(`/admin/audit?subject=${show.id}`);
  assert.equal(audit.items[0].action, 'show.cancellation_policy_changed');
}

async function calledOff({ server, browser, boss, stage }) {
  const { json: all } = await boss.get(`/shows/${stage.id}/performances`);
  const performance = all.items.find((each) => each.sale_state === 'on_sale');
  const { account, reservation } = await bought(server, 'called-off', performance.id, ['C-5', 'C-6']);
  const looking = await Visitor.come(browser, server, { look: 'phone', language: 'ko' });
  await looking.login({ email: 'called-off@buyers.test', password }, '/my/reservations');
  const visitor = await Visitor.come(browser, server);
  await visitor.login(admin, `/admin/shows/${stage.id}`);
  await visitor.page.getByRole('button', { name: new RegExp(`^${visitor.t('shows_page.call_off')}`) }).first().click();
  const dialog = visitor.page.getByRole('dialog');
  await dialog.getByLabel(visitor.t('shows_page.reason')).fill('the stage is flooded');
  await visitor.accessible('calling off');
  await visitor.shot('office-call-off');
  await dialog.getByRole('button', { name: visitor.t('shows_page.call_off_do') }).click();
  await visitor.heading('jobs.title').waitFor();
  await visitor.accessible('a job');
  await visitor.shot('office-job-desktop', { whole: true });
  const job = await until('everybody has the money back', async () => {
    const { json } = await boss.get('/admin/jobs');
    return json.items[0].refunds_done === 1 && json.items[0];
  });
  assert.equal(job.performance_id, performance.id);
  assert.equal(job.refunded, reservation.amount.payable);
  assert.equal(job.reason, 'the stage is flooded');
  assert.ok(job.per_second > 0);
  await visitor.leave();

  const { json: off } = await boss.get(`/performances/${performance.id}`);
  assert.equal(off.called_off, true);
  assert.equal(off.sale_state, 'ended');
  assert.equal(off.seats_available, 0);
  const { json: seats } = await boss.get(`/performances/${performance.id}/availability`);
  assert.equal(seats.called_off, true);
  assert.equal(seats.seats_available, 0);
  const { json: after } = await account.get(`/reservations/${reservation.id}`);
  assert.equal(after.called_off, true);
  assert.equal(after.refunds[0].why, 'called_off');

  await looking.page.reload();
  await looking.text('reservation.called_off').waitFor();
  await looking.shot('office-called-off-reservation-phone', { whole: true });
  await looking.open(`/shows/${stage.id}`);
  await looking.page.getByRole('radio').first().check({ force: true });
  await looking.text('performance.called_off').first().waitFor();
  await looking.accessible('a show with a performance that is called off');
  await looking.shot('office-called-off-show-phone', { whole: true });
  await looking.open(`/performances/${performance.id}`);
  await looking.heading('seat.called_off_title').waitFor();
  await looking.accessible('seats of what is called off');
  await looking.shot('office-called-off-seats-phone');
  await looking.leave();
}

// Whoever waits is told while the page is open, and whoever comes later as well.
async function roomOfNothing({ server, browser, boss, film }) {
  const { json: all } = await boss.get(`/shows/${film.id}/performances`);
  await boss.patch(`/admin/rooms/${film.room_id}`, { mode: 'paused' });
  const waiting = await Visitor.come(browser, server, { look: 'phone', language: 'ko' });
  await waiting.open(`/wait/${film.room_id}`);
  for (const each of all.items) {
    const off = await boss.post(`/admin/performances/${each.id}/cancel`, { reason: 'the projector broke' });
    assert.equal(off.status, 202, off.text);
    assert.equal(off.json.room_id, film.room_id);
  }
  await waiting.page.getByText('공연이 취소됐어요', { exact: true }).waitFor();
  await waiting.shot('office-called-off-wait-phone', { whole: true });
  await waiting.leave();
  const { json: room } = await boss.get(`/rooms/${film.room_id}`);
  const plain = await boss.get(`//wait/${film.room_id}?lang=en`);
  assert.match(plain.text, /The performance was called off/);
  const { json: show } = await boss.get(`/shows/${film.id}`);
  assert.equal(show.called_off, true);
  assert.equal(show.sale_state, 'ended');
  assert.equal(room.mode, 'paused', 'the room is the operator\'s');
}

test('the office', { timeout: 170_000 }, async (t) => {
  const [server, browser] = await Promise.all([started(), launch()]);
  t.after(async () => {
    await browser.close();
    await end(server);
  });
  const boss = await new Client(server).login(admin);
  const [show, stage] = (await musicals(boss)).filter((each) => !each.room_id);
  const film = (await films(boss)).find((each) => each.room_id);
  const performance = (await openPerformance(boss, show)).id;
  const given = { server, browser, boss, show, stage, film, performance };
  await t.test('a day settles, and the ledger is read and checked', () => settlement(given));
  await t.test('a policy is changed, with its preview', () => policy(given));
  await t.test('a performance is called off', () => calledOff(given));
  await t.test('the room of what is called off says so', () => roomOfNothing(given));
});
