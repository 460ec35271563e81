// `onsale sandbox`: the pay pages in Chromium on a phone and a desktop, kills, faults, its own cost.
import assert from 'node:assert/strict';
import http from 'node:http';
import { rmSync } from 'node:fs';
import test, { after, before } from 'node:test';
import { Visitor, launch, until } from './lib/browser.mjs';
import { Sandbox } from './lib/sandbox.mjs';
import { freePort, onsale, scratch } from './lib/server.mjs';

let browser;
let sandbox;
let shop; // where buyers come back to
before(async () => {
  browser = await launch();
  sandbox = await Sandbox.start();
  const server = http.createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end('<!doctype html><html lang="en"><title>Shop</title><h1>Back</h1>');
  });
  const port = await freePort();
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  shop = { url: `http://127.0.0.1:${port}`, close: () => { server.closeAllConnections(); server.close(); } };
});
after(async () => {
  await browser?.close();
  shop?.close();
  await sandbox?.stop();
});

const press = (visitor, decision) => visitor.page.locator(`button[name=decision][value=${decision}]`).click();
const back = async (visitor) => {
  await visitor.page.waitForURL((url) => url.origin === shop.url);
  return new URL(visitor.page.url());
};

for (const look of ['phone', 'desktop']) {
  for (const language of ['ko', 'en']) {
    test(`Toss's page: ${look}, ${language}`, async () => {
      const visitor = await Visitor.come(browser, sandbox, { look, language, scripts: true });
      const order = `order-${look}-${language}`;
      await visitor.page.goto(sandbox.payPage(order, 280_000, { shop: shop.url }));
      await visitor.accessible(`Toss ${look} ${language}`);
      await visitor.shot(`sandbox-toss-${look}-${language}`, { whole: true });
      const text = await visitor.page.locator('main').innerText();
      assert.match(text, language === 'ko' ? /280,000원/ : /₩280,000/);
      await press(visitor, 'approve');
      const url = await back(visitor);
      assert.equal(url.pathname, '/back');
      assert.equal(url.searchParams.get('ours'), '1');
      assert.equal(url.searchParams.get('orderId'), order);
      assert.equal(url.searchParams.get('amount'), '280000');
      const paymentKey = url.searchParams.get('paymentKey');
      const done = await sandbox.toss('POST', '/payments/confirm', { paymentKey, orderId: order, amount: 280_000 });
      assert.equal(done.status, 200, done.text);
      assert.equal(done.json.method, '카드');
      await visitor.leave();
    });

    test(`KakaoPay's page: ${look}, ${language}`, async () => {
      const visitor = await Visitor.come(browser, sandbox, { look, language });
      const ready = await sandbox.ready(280_000, { order: `kakao-${look}-${language}`, shop: shop.url });
      await visitor.page.goto(look === 'phone' ? ready.json.next_redirect_mobile_url : ready.json.next_redirect_pc_url);
      await visitor.accessible(`KakaoPay ${look} ${language}`);
      await visitor.shot(`sandbox-kakaopay-${look}-${language}`, { whole: true });
      await visitor.page.locator('input[value=CARD]').check();
      await press(visitor, 'approve');
      const url = await back(visitor);
      assert.equal(url.pathname, '/ok');
      const done = await sandbox.kakaopay('/approve', {
        cid: 'TC0ONETIME', tid: ready.json.tid, partner_order_id: `kakao-${look}-${language}`, partner_user_id: 'buyer-1',
        pg_token: url.searchParams.get('pg_token'),
      });
      assert.equal(done.status, 200, done.text);
      assert.equal(done.json.payment_method_type, 'CARD');
      assert.equal(done.json.amount.vat, 25_455);
      await visitor.leave();
    });
  }
}

test('declined, left and refused: each goes its way, and the page then says so', async () => {
  const visitor = await Visitor.come(browser, sandbox, { look: 'phone', language: 'ko' });
  for (const [decision, code] of [['decline', 'REJECT_CARD_PAYMENT'], ['leave', 'PAY_PROCESS_CANCELED']]) {
    const order = `order-${decision}`;
    const page = sandbox.payPage(order, 1000, { shop: shop.url });
    await visitor.page.goto(page);
    await press(visitor, decision);
    const url = await back(visitor);
    assert.equal(url.pathname, '/failed');
    assert.equal(url.searchParams.get('code'), code);
    assert.equal(url.searchParams.get('orderId'), order);
    const { json } = await sandbox.toss('GET', `/payments/orders/${order}`);
    assert.equal(json.status, 'ABORTED');
    await visitor.page.goto(json.checkout.url);
    await visitor.page.getByRole('link').click();
    assert.equal((await back(visitor)).searchParams.get('code'), code);
  }
  await visitor.page.goto(sandbox.payPage('order-refused', 1000, { shop: shop.url }));
  await visitor.page.locator('summary').click();
  await press(visitor, 'refuse');
  const paymentKey = (await back(visitor)).searchParams.get('paymentKey');
  const refused = await sandbox.toss('POST', '/payments/confirm', { paymentKey, orderId: 'order-refused', amount: 1000 });
  assert.equal(refused.json.code, 'REJECT_CARD_PAYMENT');
  await visitor.leave();
});

test('a virtual account: chosen, awaited, paid in, and taken back', async () => {
  const visitor = await Visitor.come(browser, sandbox, { look: 'phone', language: 'ko' });
  await visitor.page.goto(sandbox.payPage('order-account', 55_000, { shop: shop.url }));
  await visitor.page.locator('input[value=virtual_account]').check();
  await visitor.page.locator('input[value=income]').check();
  await press(visitor, 'approve');
  const paymentKey = (await back(visitor)).searchParams.get('paymentKey');
  const waiting = await sandbox.toss('POST', '/payments/confirm', { paymentKey, orderId: 'order-account', amount: 55_000 });
  assert.equal(waiting.json.status, 'WAITING_FOR_DEPOSIT');
  await visitor.page.goto(waiting.json.checkout.url);
  await visitor.accessible('virtual account');
  await visitor.shot('sandbox-toss-account', { whole: true });
  await press(visitor, 'deposit');
  await visitor.page.locator('button[value=withdraw]').waitFor();
  const done = await sandbox.toss('GET', `/payments/${paymentKey}`);
  assert.equal(done.json.status, 'DONE');
  assert.equal(done.json.cashReceipt.type, '소득공제');
  await press(visitor, 'withdraw');
  await visitor.page.locator('button[value=deposit]').waitFor();
  assert.equal((await sandbox.toss('GET', `/payments/${paymentKey}`)).json.status, 'WAITING_FOR_DEPOSIT');
  await visitor.leave();
});

test('a card is registered and charged', async () => {
  const visitor = await Visitor.come(browser, sandbox, { look: 'phone', language: 'en' });
  const page = new URL(`${sandbox.url}/toss/billing`);
  page.search = new URLSearchParams({ clientKey: 'test_ck_shop', customerKey: 'customer-1', successUrl: `${shop.url}/card`, failUrl: `${shop.url}/failed` });
  await visitor.page.goto(page.href);
  await visitor.accessible('billing');
  await visitor.shot('sandbox-toss-billing', { whole: true });
  await press(visitor, 'approve');
  const url = await back(visitor);
  const issued = await sandbox.toss('POST', '/billing/authorizations/issue', {
    authKey: url.searchParams.get('authKey'), customerKey: url.searchParams.get('customerKey'),
  });
  assert.equal(issued.status, 200, issued.text);
  const charged = await sandbox.toss('POST', `/billing/${issued.json.billingKey}`, {
    customerKey: 'customer-1', amount: 9900, orderId: 'month-0001', orderName: 'Month',
  });
  assert.equal(charged.json.status, 'DONE', charged.text);
  await visitor.leave();
});

test('two tabs and a reload: two payments of one order, of which one is paid', async () => {
  const visitor = await Visitor.come(browser, sandbox, { look: 'desktop', language: 'en' });
  const second = await visitor.context.newPage();
  const page = sandbox.payPage('order-tabs', 1000, { shop: shop.url });
  await visitor.page.goto(page);
  await second.goto(page);
  await visitor.page.reload();
  await press(visitor, 'approve');
  const one = (await back(visitor)).searchParams.get('paymentKey');
  await second.locator('button[value=approve]').click();
  await second.waitForURL((url) => url.origin === shop.url);
  const two = new URL(second.url()).searchParams.get('paymentKey');
  assert.notEqual(one, two);
  const confirm = (paymentKey) => sandbox.toss('POST', '/payments/confirm', { paymentKey, orderId: 'order-tabs', amount: 1000 });
  const both = await Promise.all([confirm(one), confirm(two)]);
  assert.deepEqual(both.map((answer) => answer.status).sort(), [200, 400]);
  await visitor.leave();
});

test('what is wrong with an address is said on the page', async () => {
  const visitor = await Visitor.come(browser, sandbox, { look: 'phone', language: 'ko' });
  await visitor.page.goto(`${sandbox.url}/toss/pay?clientKey=test_ck_shop&orderId=x&amount=1`);
  assert.match(await visitor.page.locator('main').innerText(), /orderId/);
  await visitor.accessible('a wrong address');
  await visitor.page.goto(`${sandbox.url}/kakaopay/pay/T0`);
  await visitor.accessible('no payment');
  await visitor.leave();
});

test('killed at any moment, it knows afterwards what it had told', { timeout: 120_000 }, async () => {
  const data = scratch();
  let one = await Sandbox.start({ data });
  const { port } = one;
  const told = new Map(); // paymentKey: won that it said it has
  let running = true;
  const shopping = async (who) => {
    for (let i = 0; running; ++i) {
      const order = `order-${who}-${i}`;
      try {
        const decided = await one.control('POST', '/decide', { payment: one.payPage(order, 1000 + i), decision: 'approve' });
        const { payment: paymentKey } = decided.json;
        const headers = { 'idempotency-key': order };
        const done = await one.toss('POST', '/payments/confirm', { paymentKey, orderId: order, amount: 1000 + i }, { headers });
        if (done.status === 200) told.set(paymentKey, 1000 + i);
        if (done.status !== 200 || i % 3) continue;
        const partly = await one.toss('POST', `/payments/${paymentKey}/cancel`, { cancelReason: 'x', cancelAmount: 500, refundableAmount: 1000 + i }, { headers });
        if (partly.status === 200) told.set(paymentKey, 500 + i);
      } catch { /* killed: nothing was told */ }
    }
  };
  const shops = [0, 1, 2, 3].map(shopping);
  for (let round = 0; round < 4; ++round) {
    await until('some payments', () => told.size > 100 * (round + 1), 20_000);
    await one.kill();
    one = await Sandbox.start({ data, port });
  }
  running = false;
  await Promise.all(shops);
  let [captured, refunded] = [0, 0];
  for (let from = 1; from;) {
    const { json } = await one.control('GET', `/books/payments?provider=toss&limit=1000&from=${from}`);
    for (const payment of json.payments) {
      captured += payment.captured;
      refunded += payment.refunded;
      const left = payment.captured - payment.refunded;
      // Less than was told when the answer to a cancel was lost, never more.
      if (told.has(payment.payment)) assert.ok([told.get(payment.payment), told.get(payment.payment) - 500].includes(left), JSON.stringify(payment));
      told.delete(payment.payment);
    }
    from = json.next;
  }
  assert.equal(told.size, 0, 'payments that it had told of are gone');
  const books = (await one.control('GET', '/books')).json.toss;
  assert.deepEqual([books.captured, books.refunded], [captured, refunded]);
  await one.stop();
  rmSync(data, { recursive: true });
});

test('the command line says what is wrong', async () => {
  assert.match(onsale(['sandbox', '--help']).out, /--webhook/);
  for (const [args, words, status] of [
    [['--listen', 'nowhere'], /--listen is "nowhere"/, 1],
    [['--listen', `127.0.0.1:${sandbox.port}`], /port is in use/, 1],
    [['--webhook', 'shop'], /--webhook is "shop"/, 1],
    [['--data', '/proc/none'], /cannot make the folder/, 1],
    [['--nonsense'], /--nonsense/, 2],
  ]) {
    const done = onsale(['sandbox', ...args]);
    assert.equal(done.status, status, done.err);
    assert.match(done.err, words);
  }
});
