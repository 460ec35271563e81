// Evenings at the box office: buyers who pay, walk away, come back late, twice, or not at all, through
// the providers' stand-in with faults on every path, while the server is killed again and again. What
// the providers' books say in the end is held against tickets, refunds and the ledger.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { Client, request } from './api.mjs';
import { Sandbox } from './sandbox.mjs';
import { Server, admin, onsale, scratch, sleep } from './server.mjs';

// Mulberry32: the same seed, the same evening, as far as the machine lets it.
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const LATE_MS = 125_000;  // longer than a hold lives once paying began

const paths = ['/toss/v1', '/kakaopay/online/v1'];
const faults = [
  { fault: 'drop_before', probability: 0.04 },
  { fault: 'drop_after', probability: 0.04 },
  { fault: 'status', status: 500, probability: 0.03 },
  { fault: 'status', status: 503, after: true, probability: 0.03 },
  { fault: 'delay_ms', min_ms: 5, max_ms: 900, probability: 0.1 },
  { fault: 'duplicate', probability: 0.04 },
  { fault: 'reorder', max_ms: 300, probability: 0.04 },
];

export async function faulty(sandbox, seed) {
  for (const path of paths) {
    for (const [i, rule] of faults.entries()) await sandbox.control('PUT', '/faults', { path, seed: seed + i, ...rule });
  }
}

// Repeats a call until somebody answers who is not going down: a buyer presses again.
async function insist(deadline, call) {
  for (;;) {
    try {
      const answer = await call();
      if (answer.status < 500 && answer.json?.code !== 'idempotency_in_progress') return answer;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    if (Date.now() > deadline) throw new Error('no answer until the end of the evening');
    await sleep(50 + Math.random() * 100);
  }
}

// Follows the way back to our server, at most once to its end.
async function follow(address, server, deadline) {
  const location = new URL(address, server.url);
  if (location.origin !== server.url) return location;
  const answer = await insist(deadline, () => request(location.href));
  return answer.headers.location ? new URL(answer.headers.location, server.url) : location;
}

// What a server needs to sell through it.
function keys(sandbox) {
  return {
    ONSALE_PAYMENTS_TOSS_API: `${sandbox.url}/toss`,
    ONSALE_PAYMENTS_TOSS_PAY_PAGE: `${sandbox.url}/toss/pay`,
    ONSALE_PAYMENTS_TOSS_CLIENT_KEY: 'test_ck_evening',
    ONSALE_PAYMENTS_TOSS_SECRET_KEY: 'test_sk_evening',
    ONSALE_PAYMENTS_KAKAOPAY_API: `${sandbox.url}/kakaopay`,
    ONSALE_PAYMENTS_KAKAOPAY_SECRET_KEY: 'DEV0123456789',
  };
}

// Somebody who logs in again when the session has run out, which a long evening outlasts.
class Regular extends Client {
  async call(method, path, body, headers) {
    const answer = await super.call(method, path, body, headers);
    if (answer.status !== 401 || path.startsWith('/auth/')) return answer;
    await this.login(this.who);
    return super.call(method, path, body, headers);
  }

  async come(name) {
    this.who = { email: `${name}@buyers.test`, password: 'a-long-password-1!' };
    return this.signup(name);
  }
}

class Evening {
  constructor({ server, sandbox, buyers, performances, seed, deadline, late }) {
    Object.assign(this, { server, sandbox, buyers, performances, deadline, late });
    this.dice = random(seed);
    this.results = {};
  }

  pick(list) { return list[Math.floor(this.dice() * list.length)]; }

  async decide(redirect, decision) {
    return insist(this.deadline, () => this.sandbox.control('POST', '/decide', { payment: this.named(redirect), decision }));
  }

  // What the stand-in knows the payment by: the whole address of Toss's page, KakaoPay's tid.
  named(redirect) { return /\/kakaopay\/pay\/([^/?]+)/.exec(redirect)?.[1] ?? redirect; }

  // One checkout of one seat; answers how it went, as its buyer saw it.
  async checkout() {
    const client = this.pick(this.buyers);
    const performance = this.pick(this.performances);
    const held = await insist(this.deadline, () => client.post(`/performances/${performance}/holds`, { best: { quantity: 1 } }));
    if (held.status !== 201) return held.json.code;
    const made = await insist(this.deadline, () => client.post('/reservations', { hold_id: held.json.id }));
    if (made.status !== 201) return made.json.code;
    const id = made.json.id;
    const pay = async (provider) => insist(this.deadline, () => client.post(`/reservations/${id}/payments`,
      { provider, return_url: '/my/reservations' }));
    const paying = await pay(this.pick(['toss', 'kakaopay']));
    if (paying.status !== 201) return paying.json?.code ?? paying.status;
    const luck = this.dice();
    if (luck < 0.05) return 'walked away';
    if (luck < 0.1) {
      const back = await this.decide(paying.json.redirect_url, 'decline');
      await follow(back.json.redirect_url, this.server, this.deadline);
      return 'declined';
    }
    const back = await this.decide(paying.json.redirect_url, 'approve');
    if (!back.json?.redirect_url) return back.json?.code ?? 'not decided';
    const home = back.json.redirect_url;
    if (luck < 0.2) return 'approved and closed the window';
    if (luck < 0.25) await insist(this.deadline, () => client.del(`/holds/${held.json.id}`));
    if (luck < 0.35) {  // another tab with the other provider
      const other = await pay(this.pick(['toss', 'kakaopay']));
      if (other.status === 201) {
        const also = await this.decide(other.json.redirect_url, 'approve');
        if (also.json?.redirect_url) await follow(also.json.redirect_url, this.server, this.deadline);
      }
    }
    if (luck < 0.4) await sleep(this.dice() * 3_000);
    if (luck >= 0.4 && luck < 0.4 + this.late) await sleep(LATE_MS + this.dice() * 30_000);  // the seats are anybody's
    const visits = luck < 0.6 ? [home, home] : [home];
    await Promise.all(visits.map((address) => follow(address, this.server, this.deadline)));
    if (luck > 0.45 && luck < 0.5) await follow(home, this.server, this.deadline);
    if (luck > 0.85) {
      const cancelled = await insist(this.deadline, () => client.post(`/reservations/${id}/cancel`, {}));
      return cancelled.status === 200 ? 'cancelled' : cancelled.json?.code ?? 'not cancelled';
    }
    return 'came back';
  }

  async shop(left) {
    while (left.count-- > 0) {
      const how = await this.checkout();
      this.results[how] = (this.results[how] ?? 0) + 1;
    }
  }
}

// The providers' books by order: {captured, refunded}.
async function charged(sandbox) {
  const orders = new Map();
  for (const provider of ['toss', 'kakaopay']) {
    for (let from = 1; from;) {
      const page = await sandbox.control('GET', `/books/payments?provider=${provider}&limit=1000&from=${from}`);
      assert.equal(page.status, 200, page.text);
      for (const entry of page.json.payments) {
        const order = orders.get(entry.order) ?? { captured: 0, refunded: 0 };
        order.captured += entry.captured;
        order.refunded += entry.refunded;
        orders.set(entry.order, order);
      }
      from = page.json.next;
    }
  }
  return orders;
}

async function all(client, path) {
  const items = [];
  for (let cursor = ''; cursor !== undefined;) {
    const page = await client.get(`${path}${path.includes('?') ? '&' : '?'}limit=100${cursor && `&cursor=${cursor}`}`);
    assert.equal(page.status, 200, page.text);
    items.push(...page.json.items);
    cursor = page.json.next_cursor;
  }
  return items;
}

// Payments whose end nobody knows. Those whose buyers may still come back end with their time to pay,
// minutes later: a long evening waits for them.
async function unsettled(boss, states) {
  let count = 0;
  for (const state of states) count += (await boss.get(`/admin/payments?state=${state}&limit=100`)).json.items.length;
  return count;
}

// Everything that must be true once nobody buys and no provider fails any more.
async function audit({ server, sandbox, buyers, performances }) {
  const orders = await charged(sandbox);
  const kept = new Map();  // by the payment that bought them
  let tickets = 0;
  for (const buyer of buyers) {
    for (const item of await all(buyer, '/reservations')) {
      if (item.state !== 'confirmed') continue;
      const { json } = await buyer.get(`/reservations/${item.id}`);
      const { json: papers } = await buyer.get(`/reservations/${item.id}/tickets`);
      tickets += papers.length;
      const worth = json.seats.filter((seat) => !seat.cancelled).reduce((sum, seat) => sum + seat.price, 0);
      const fees = json.refunds.reduce((sum, refund) => sum - refund.amount, json.amount.payable) - worth;
      kept.set(json.payment_id, { worth, fees, reservation: item.id });
    }
  }
  let captured = 0;
  const lost = [];
  for (const [order, { captured: came, refunded }] of orders) {
    captured += came - refunded;
    if (came - refunded > 0 && !kept.has(order)) lost.push(`${order}: ${came - refunded} kept, no purchase`);
  }
  for (const [payment, { reservation }] of kept) {
    if (!orders.has(payment)) lost.push(`${reservation}: bought with ${payment}, which nobody charged`);
  }
  const sold = [];
  for (const id of performances) {
    const { json } = await buyers[0].get(`/performances/${id}/availability`);
    sold.push(...Object.values(json.unavailable).filter((state) => state === 'sold'));
  }
  return { captured, lost, tickets, sold: sold.length, orders: orders.size,
    worth: [...kept.values()].reduce((sum, item) => sum + item.worth + item.fees, 0) };
}

// usage: evening({ checkouts, seed, kills, buyers, width }): numbers; throws when a promise is broken.
// late: the share of buyers who come back from the pay page when their time to pay is over.
export async function evening({ checkouts, seed, kill_every_ms, buyers: crowd, width, minutes, wait_for, late = 0, env = {}, say = () => {} }) {
  const folders = [scratch(), scratch()];
  const sandbox = await Sandbox.start({ data: folders[0] });
  const server = new Server({ data: folders[1], env: { ...keys(sandbox), ONSALE_BOOKING_SEATS_PER_ACCOUNT: '10',
    ONSALE_BOOKING_HOLD_SECONDS: '60',
    ...(late > 0 ? { ONSALE_BOOKING_PAYMENT_SECONDS: '120', ONSALE_BOOKING_HOLD_SECONDS_TOTAL: '180' } : {}), ...env } });
  const deadline = Date.now() + minutes * 60_000;
  try {
    await server.start();
    const anyone = new Client(server);
    const shows = (await all(anyone, '/shows')).filter((show) => show.sale_state === 'on_sale' && !show.room_id);
    const performances = [];
    for (const show of shows) {
      const { json } = await anyone.get(`/shows/${show.id}/performances`);
      performances.push(...json.items.filter((item) => item.sale_state === 'on_sale').map((item) => item.id));
    }
    const buyers = [];
    for (let i = 0; i < crowd; i += 4) {
      buyers.push(...await Promise.all([0, 1, 2, 3].map((k) => new Regular(server).come(`evening${i + k}`))));
    }
    await faulty(sandbox, seed);
    const night = new Evening({ server, sandbox, buyers, performances, seed, deadline, late });
    const left = { count: checkouts };
    let over = false;
    const shopping = Promise.all(Array.from({ length: width }, () => night.shop(left))).finally(() => { over = true; });
    let kills = 0;
    let next = Date.now() + kill_every_ms;
    let told = checkouts;
    while (!over) {
      await Promise.race([shopping, sleep(200)]);
      if (told - left.count >= 1_000) { told = left.count; say(`${left.count} checkouts left, ${kills} kills`); }
      if (over || Date.now() < next) continue;
      await server.kill('SIGKILL');
      await server.start();
      ++kills;
      next = Date.now() + kill_every_ms;
    }
    await shopping;
    await sandbox.control('DELETE', '/faults');
    const boss = await Object.assign(new Regular(server), { who: admin }).login(admin);
    let open = await unsettled(boss, wait_for);
    while (open > 0 && Date.now() < deadline) {
      await sleep(500);
      open = await unsettled(boss, wait_for);
    }
    // What came late is confirmed or sent back by the reconciler's next rounds, and what goes back gets there.
    const underWay = async () => (await boss.get('/admin/payments/balance')).json.refunding;
    let found = await audit({ server, sandbox, buyers, performances });
    for (let round = 0; Date.now() < deadline && (round < 30 || found.lost.length === 0); ++round) {
      if (found.lost.length === 0 && (await underWay()) === 0) break;
      await sleep(2_000);
      found = await audit({ server, sandbox, buyers, performances });
    }
    found.refunding = await underWay();
    await server.stop();
    const check = onsale(['money', 'check', '--data', folders[1]], { env: { ...process.env, ...server.env } });
    return { ...found, open, kills, results: night.results, check, calls: (await sandbox.control('GET', '/calls?limit=1')).json.total };
  } finally {
    await server.kill();
    await sandbox.kill();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  }
}
