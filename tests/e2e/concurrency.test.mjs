// I1 over HTTP: a thousand clients press for the same seat at once, on SQLite and on MariaDB; and
// the journey of a purchase on MariaDB.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Client, decide, musicals, openPerformance } from './lib/api.mjs';
import { mariadb } from './lib/mariadb.mjs';
import { started } from './lib/server.mjs';

async function oneWinner(server) {
  const anyone = new Client(server);
  const performance = (await openPerformance(anyone, (await musicals(anyone))[1])).id;
  const buyers = [];
  for (let i = 0; i < 25; ++i) buyers.push(await new Client(server).signup(`press${i}`));
  const answers = await Promise.all(Array.from({ length: 1000 }, (_, i) =>
    buyers[i % buyers.length].post(`/performances/${performance}/holds`, { seats: ['E-7'] })));
  const won = answers.filter((a) => a.status === 201);
  assert.equal(won.length, 1);
  for (const lost of answers.filter((a) => a.status !== 201)) {
    assert.equal(lost.status, 409, lost.text);
    assert.equal(lost.json.code, 'seat_unavailable');
    assert.equal(lost.json.errors[0].field, 'seats[0]');
  }
}

test('1,000 clients, one seat: one winner, 999 told so, on SQLite', { timeout: 120_000 }, async (t) => {
  const server = await started();
  t.after(() => server.stop());
  await oneWinner(server);
});

test('the same on MariaDB, and a purchase from hold to refund', { timeout: 240_000 }, async (t) => {
  const database = await mariadb();
  t.after(() => database.stop());
  const server = await started({ env: { ONSALE_DATABASE_URL: database.url } });
  t.after(() => server.stop());
  await oneWinner(server);

  const buyer = await new Client(server).signup('maria');
  const performance = (await openPerformance(buyer, (await musicals(buyer))[0])).id;
  const held = await buyer.post(`/performances/${performance}/holds`, { best: { quantity: 2 } });
  assert.equal(held.status, 201, held.text);
  const made = await buyer.post('/reservations', { hold_id: held.json.id });
  assert.equal(made.status, 201, made.text);
  const paying = await buyer.post(`/reservations/${made.json.id}/payments`, { provider: 'sandbox', return_url: 'http://shop.test/back' });
  assert.equal(paying.status, 201, paying.text);
  const back = await decide(paying.json.redirect_url, 'approve', server);
  assert.equal(back.searchParams.get('state'), 'confirmed');
  assert.equal(back.searchParams.get('reservation'), made.json.id);
  const tickets = await buyer.get(`/reservations/${made.json.id}/tickets`);
  assert.equal(tickets.json.length, 2);
  const cancelled = await buyer.post(`/reservations/${made.json.id}/cancel`, {});
  assert.equal(cancelled.status, 200, cancelled.text);
  const { json } = await buyer.get(`/performances/${performance}/availability`);
  for (const seat of held.json.seats) assert.equal(json.unavailable[seat.id], undefined);
});
