// Events that gave up, from outside: listed, told of, delivered once more; and one server at a time on
// one MariaDB.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { Client, request } from './lib/api.mjs';
import { mariadb } from './lib/mariadb.mjs';
import { Server, admin, buyer, freePort, onsale, root, sleep, started } from './lib/server.mjs';

const id = 'booking.payments:1000000';

function park(data, sequence) {
  const settled = { payment: 'pay_01ARZ3NDEKTSV4RRFFQ69G5FAV', subject: 'none of ours', owner: 'acc_01ARZ3NDEKTSV4RRFFQ69G5FAV', state: 'failed', amount: 0, currency: 'KRW' };
  const script = 'import sqlite3, sys\nd = sqlite3.connect(sys.argv[1])\n'
    + "d.execute(\"INSERT INTO platform_outbox_parked (consumer, sequence, topic, subject, body, created_at, attempts, reason, parked_at) VALUES ('booking.payments', ?, 'payments.settled', 'x', ?, 1, 10, 'a wrong statement', 2)\", (sys.argv[2], sys.argv[3]))\nd.commit()";
  const done = spawnSync('python3', ['-c', script, path.join(data, 'onsale.db'), String(sequence), JSON.stringify(settled)], { encoding: 'utf8' });
  assert.equal(done.status, 0, done.stderr);
}

async function eventually(holds, what) {
  for (let i = 0; i < 200; ++i) {
    if (await holds()) return;
    await sleep(100);
  }
  assert.fail(what);
}

test('events that gave up are seen by operators and delivered once more', async (t) => {
  const server = await started();
  t.after(() => server.stop());
  const boss = new Client(server);
  await boss.login(admin);
  assert.match(onsale(['outbox', 'parked', '--data', server.data]).out, /^no event is parked$/m);
  park(server.data, 1_000_000);
  park(server.data, 1_000_001);

  const numbers = async () => (await request(`${server.url}/health/ready`)).json.numbers;
  await eventually(async () => (await numbers()).outbox_parked === 2, 'readiness counts them');
  assert.ok(Math.abs((await numbers()).clock_behind_ms) < 60_000, 'and says how far off the clock is');
  const told = (await request(`${server.url}/metrics`)).text;
  const rules = readFileSync(path.join(root, 'deploy/alerts/onsale.yml'), 'utf8');
  for (const [, metric] of rules.matchAll(/expr: (\w+)/g)) assert.match(told, new RegExp(`^${metric} `, 'm'), metric);
  assert.match(told, /^outbox_parked 2$/m);

  const stranger = new Client(server);
  await stranger.login(buyer);
  assert.equal((await stranger.get('/admin/outbox/parked')).status, 403);
  assert.equal((await stranger.post(`/admin/outbox/parked/${id}/replay`)).status, 403);
  const page = (await boss.get('/admin/outbox/parked?limit=1')).json;
  assert.equal(page.items[0].id, id);
  assert.equal(page.items[0].reason, 'a wrong statement');
  assert.equal((await boss.get(`/admin/outbox/parked?cursor=${page.next_cursor}`)).json.items.length, 1);
  assert.equal((await boss.post('/admin/outbox/parked/nothing:1/replay')).status, 404);
  const asked = await boss.post(`/admin/outbox/parked/${id}/replay`);
  assert.equal(asked.status, 202, asked.text);
  assert.ok(asked.json.replay_at);
  const entry = (await boss.get('/admin/audit?limit=1')).json.items[0];
  assert.deepEqual([entry.action, entry.subject, entry.email], ['outbox.replayed', id, admin.email]);
  await eventually(async () => (await boss.get('/admin/outbox/parked')).json.items.length === 1, 'it is delivered');

  const other = 'booking.payments:1000001';
  assert.match(onsale(['outbox', 'parked', '--data', server.data]).out, new RegExp(other));
  assert.equal(onsale(['outbox', 'replay', other, '--data', server.data]).status, 0);
  await eventually(async () => (await numbers()).outbox_parked === 0, 'the command works beside the server');
  assert.equal(onsale(['outbox', 'replay', other, '--data', server.data]).status, 1);
});

test('a second server on one MariaDB is refused in one line, until the first is gone', async (t) => {
  const database = await mariadb();
  t.after(() => database.stop());
  const env = { ONSALE_DATABASE_URL: database.url };
  const first = await new Server({ env }).start();
  t.after(() => first.stop());
  const second = new Server({ env });
  const refused = onsale(['serve', '--listen', `127.0.0.1:${await freePort()}`, '--data', second.data], { env: { ...process.env, ...env } });
  assert.equal(refused.status, 1, refused.out);
  assert.match(refused.err.trim(), /^onsale: another onsale server.* uses the database onsale: one at a time; stop it or choose another database$/);
  assert.equal((await new Client(first).get('/shows')).status, 200);
  await first.kill();
  await second.start();
  t.after(() => second.stop());
});
