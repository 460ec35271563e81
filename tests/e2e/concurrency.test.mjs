// I1 over HTTP: a thousand clients press for the same seat at once.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Client, musicals, openPerformance } from './lib/api.mjs';
import { started } from './lib/server.mjs';

test('1,000 clients, one seat: one winner, 999 told so', { timeout: 180_000 }, async (t) => {
  const server = await started();
  t.after(() => server.stop());
  const anyone = new Client(server);
  const performance = (await openPerformance(anyone, (await musicals(anyone))[1])).id;
  const buyers = [];
  for (let i = 0; i < 25; ++i) buyers.push(await new Client(server).signup(`press${i}`));
  const answers = await Promise.all(Array.from({ length: 1000 }, (_, i) =>
    buyers[i % buyers.length].post(`/performances/${performance}/holds`, { seats: ['E-7'] })));
  const won = answers.filter((a) => a.status === 201);
  assert.equal(won.length, 1);
  for (const lost of answers.filter((a) => a.status !== 201)) {
    assert.equal(lost.status, 409);
    assert.equal(lost.json.code, 'seat_unavailable');
    assert.equal(lost.json.errors[0].field, 'seats[0]');
  }
});
