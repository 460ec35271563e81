// I2: an evening of checkouts through both providers' stand-ins, with faults and kills; see lib/checkouts.mjs.
// ONSALE_LONG=1 makes it 10,000; ONSALE_SEED repeats an evening.
import assert from 'node:assert/strict';
import test from 'node:test';
import { evening } from './lib/checkouts.mjs';
import { mariadb } from './lib/mariadb.mjs';

const long = process.env.ONSALE_LONG === '1';
const seed = Number(process.env.ONSALE_SEED ?? (long ? Date.now() % 1_000_000 : 20261201));

async function holds(t, env = {}) {
  t.diagnostic(`seed ${seed}`);
  const found = await evening({ checkouts: long ? 10_000 : 150, seed, kill_every_ms: long ? 4_000 : 1_500, buyers: long ? 600 : 40,
    width: long ? 64 : 24, minutes: long ? 60 : 4, late: long ? 0.005 : 0, wait_for: long ? ['ready', 'pending', 'unknown'] : ['unknown'], env,
    say: (line) => t.diagnostic(line) });
  t.diagnostic(JSON.stringify({ ...found, lost: found.lost.length, check: found.check.out.trim() }));
  assert.equal(found.open, 0, 'every payment is final after the reconciler went round');
  assert.equal(found.refunding, 0, 'what goes back has got there');
  assert.deepEqual(found.lost, [], 'money kept is money of a purchase');
  assert.equal(found.captured, found.worth, 'what the providers keep is what the valid tickets cost, and fees');
  assert.equal(found.tickets, found.sold);
  assert.ok(found.kills > 0 && found.tickets > 0);
  assert.equal(found.check.status, 0, found.check.out + found.check.err);
}

test('an evening of faults and kills: every won is a ticket or back, on SQLite', { timeout: long ? 4_000_000 : 280_000 }, (t) => holds(t));

test('the same on MariaDB', { timeout: long ? 4_000_000 : 280_000 }, async (t) => {
  const database = await mariadb();
  t.after(() => database.stop());
  await holds(t, { ONSALE_DATABASE_URL: database.url });
});
