// I1, I2, I6: a full house is bought by 200 clients while the server is killed with -9 five times.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import test from 'node:test';
import { Client, decide, musicals, openPerformance } from './lib/api.mjs';
import { Server, admin, onsale, scratch, sleep } from './lib/server.mjs';

const clients = 200;
const kills = 5;

// Repeats a call until the server answers: a buyer presses again when the line breaks.
async function insist(deadline, call) {
  for (;;) {
    try {
      const answer = await call();
      if (answer.status < 500 && answer.json?.code !== 'idempotency_in_progress') return answer;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    if (Date.now() > deadline) throw new Error('the server never came back');
    await sleep(40 + Math.random() * 60);
  }
}

async function buy({ server, client, performance, seats, deadline, ledger }) {
  const press = `hold-${seats}-${client.presses = (client.presses ?? 0) + 1}`;
  const held = await insist(deadline, () => client.post(`/performances/${performance}/holds`, { seats },
    { 'idempotency-key': press }));
  if (held.status !== 201) return held.json.code;
  ledger.holds.set(held.json.id, seats);
  const made = await insist(deadline, () => client.post('/reservations', { hold_id: held.json.id },
    { 'idempotency-key': `reserve-${held.json.id}` }));
  if (made.status !== 201) return made.json.code;
  ledger.reservations.add(made.json.id);
  const paying = await insist(deadline, () => client.post(`/reservations/${made.json.id}/payments`,
    { provider: 'sandbox', return_url: 'http://shop.test/back' },
    { 'idempotency-key': `pay-${made.json.id}` }));
  if (paying.status !== 201) return paying.json.code;
  const back = await insist(deadline, async () => {
    const location = await decide(paying.json.redirect_url, 'approve', server);
    return { status: 200, state: location.searchParams.get('state') };
  });
  // Cut off while the money moved: the page says so, and looks again until it is known.
  while (['unknown', 'pending'].includes(back.state) && Date.now() < deadline) {
    await sleep(500);
    const { json } = await insist(deadline, () => client.get(`/reservations/${made.json.id}`));
    if (json.state !== 'pending') back.state = json.state;
  }
  if (back.state === 'confirmed') ledger.confirmed.set(made.json.id, { client, seats });
  return back.state;
}

async function shop(context, index) {
  const { free } = context;
  while (free.size > 0 && Date.now() < context.deadline) {
    const pool = [...free];
    const first = pool[Math.floor(Math.random() * pool.length)];
    const result = await buy({ ...context, client: context.buyers[index], seats: [first] });
    context.results[result] = (context.results[result] ?? 0) + 1;
    if (result === 'confirmed' || result === 'seat_unavailable') free.delete(first);
    if (result === 'too_many_seats') return;
    if (result === 'sold_out') return;
    if (result === 'confirmed' && Math.random() < 0.5) return;
  }
}

test('a full house survives five kills: nothing acknowledged is lost, no seat is sold twice, money equals tickets', { timeout: 300_000 }, async (t) => {
  const data = scratch();
  const server = await new Server({ data }).start();
  t.after(async () => { await server.kill(); rmSync(data, { recursive: true, force: true }); });

  const anyone = new Client(server);
  const show = (await musicals(anyone))[0];
  const performance = (await openPerformance(anyone, show)).id;
  const map = (await anyone.get(`/performances/${performance}/seatmap`)).json;
  const seats = map.sections.flatMap((s) => s.rows.flatMap((r) => r.seats.map((seat) => seat.id)));
  assert.equal(seats.length, 140);

  const buyers = [];
  for (let i = 0; i < clients; i += 10) {
    buyers.push(...await Promise.all(Array.from({ length: 10 }, (_, k) =>
      new Client(server).signup(`crash${i + k}`))));
  }
  const ledger = { holds: new Map(), reservations: new Set(), confirmed: new Map() };
  const context = { server, buyers, performance, all: seats, free: new Set(seats), ledger, results: {}, deadline: Date.now() + 150_000 };
  const shopping = Promise.all(buyers.map((_, i) => shop(context, i)));

  for (let k = 0; k < kills; ++k) {
    const before = ledger.confirmed.size;
    for (let i = 0; i < 100 && ledger.confirmed.size < before + 8 && context.free.size > 0; ++i) await sleep(20);
    await server.kill('SIGKILL');
    await server.start();
  }
  await shopping;
  await sleep(1_500); // the reconciler settles what the kills left open

  t.diagnostic(JSON.stringify(context.results));
  // Everything acknowledged is there.
  let tickets = 0;
  const sold = new Map();
  for (const [id, { client, seats: wanted }] of ledger.confirmed) {
    const { json: reservation } = await client.get(`/reservations/${id}`);
    assert.equal(reservation.state, 'confirmed', `${id} was acknowledged as confirmed`);
    const { json: papers } = await client.get(`/reservations/${id}/tickets`);
    assert.deepEqual(papers.map((p) => p.seat.id ?? p.seat).sort(), [...wanted].sort());
    tickets += papers.length;
    for (const seat of wanted) {
      assert.ok(!sold.has(seat), `seat ${seat} sold to ${sold.get(seat)} and ${id}`);
      sold.set(seat, id);
    }
  }
  assert.ok(tickets <= 140);
  assert.ok(tickets >= 100, `the house should be nearly full, ${tickets} sold`);

  // Money equals tickets, over every reservation any client made.
  const price = new Map();
  const detail = (await anyone.get(`/performances/${performance}`)).json;
  for (const s of map.sections) for (const r of s.rows) for (const seat of r.seats) price.set(seat.id, detail.grades.find((g) => g.grade === seat.grade).price);
  const boss = await new Client(server).login(admin);
  const money = (await boss.get('/admin/payments/balance')).json;
  let owed = 0;
  let confirmedSeats = 0;
  for (const client of buyers) {
    const { json } = await client.get('/reservations?limit=100');
    for (const reservation of json.items.filter((r) => r.state === 'confirmed')) {
      for (const seat of reservation.seats) { owed += price.get(seat.id); ++confirmedSeats; }
    }
  }
  assert.equal(money.captured - money.refunded, owed, 'every won captured belongs to a confirmed seat');
  const books = onsale(['money', 'check', '--data', data]);
  assert.equal(books.status, 0, books.err);
  t.diagnostic(books.out);
  const availability = (await anyone.get(`/performances/${performance}/availability`)).json;
  const soldSeats = Object.values(availability.unavailable).filter((state) => state === 'sold').length;
  assert.equal(soldSeats, confirmedSeats);
  t.diagnostic(`${tickets} tickets acknowledged, ${confirmedSeats} seats sold, ${ledger.holds.size} holds, ${money.captured} won captured, ${money.refunded} refunded`);
});
