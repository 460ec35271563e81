// The log of a room, from outside: a person's receipt, the replay beside the running server, the file
// for strangers, and what happens to whoever changes or removes one row.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { Client } from './lib/api.mjs';
import { Server, admin, onsale, root, scratch } from './lib/server.mjs';

const room = 'film-avatar3';

function verify(file, ...noted) {
  const done = spawnSync('python3', [path.join(root, 'tools/verify_log.py'), file, ...noted],
    { encoding: 'utf8' });
  return { status: done.status, out: done.stdout + done.stderr };
}

function replay(...args) {
  const done = onsale(['room', 'replay', room, ...args, '--json']);
  return { status: done.status, json: done.out ? JSON.parse(done.out) : {}, err: done.err };
}

function sqlite(data, statements) {
  const script = `import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.executescript(sys.argv[2])
db.commit()`;
  const done = spawnSync('python3', ['-c', script, path.join(data, 'onsale.db'), statements],
    { encoding: 'utf8' });
  assert.equal(done.status, 0, done.stderr);
}

async function metric(server, name) {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const line = text.split('\n').find((each) => each.startsWith(`${name}{room="${room}"}`));
  return Number(line?.split(' ').at(-1));
}

test('the log tells everything, and tells when it was touched', async (t) => {
  const folder = scratch();
  const server = await new Server().start();
  t.after(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const boss = await new Client(server).login(admin);
  const configured = await boss.patch(`/admin/rooms/${room}`, { capacity: 3 });
  assert.equal(configured.status, 200, configured.text);
  const places = [];
  for (let i = 0; i < 12; ++i) {
    const joined = await fetch(`${server.api}/rooms/${room}/places`, { method: 'POST' });
    places.push((await joined.json()).place);
  }
  const mine = { headers: { 'Onsale-Place': places[5] } };
  await fetch(`${server.api}/rooms/${room}/places/me`, { method: 'DELETE', ...mine });
  const receipt = await (await fetch(`${server.api}/rooms/${room}/places/me/receipt`, mine)).json();
  assert.equal(receipt.number, 6);
  assert.deepEqual(receipt.events.map((each) => each.what), ['joined', 'left']);

  // Beside the running server.
  const said = replay('--data', server.data);
  assert.equal(said.status, 0, said.err);
  assert.equal(said.json.counts.joins, 12);
  assert.equal(said.json.live, 'same');
  assert.equal(said.json.counts.joins, await metric(server, 'waitroom_joins_total'));
  assert.equal(said.json.counts.admissions, await metric(server, 'waitroom_admissions_total'));
  assert.equal(said.json.counts.left, await metric(server, 'waitroom_left_total'));
  const rows = await boss.get(`/admin/rooms/${room}/log.csv`);
  assert.equal(rows.status, 200);
  assert.equal(rows.text.split('\r\n').filter((row) => row.includes(',joined,')).length, 12);

  // Killed, started and written again.
  await server.kill();
  await server.start();
  for (let i = 0; i < 5; ++i) await fetch(`${server.api}/rooms/${room}/places`, { method: 'POST' });
  const later = replay('--data', server.data);
  assert.equal(later.status, 0, JSON.stringify(later.json.fault));
  assert.equal(later.json.counts.joins, 17);
  assert.equal(later.json.counts.unclean_ends, 1);
  assert.equal(later.json.live, 'same');

  // A stranger's eyes.
  const file = path.join(folder, 'log.jsonl');
  assert.equal(onsale(['room', 'export', room, '--data', server.data, '--out', file]).status, 0);
  const noted = `${receipt.log.batch}:${receipt.log.chain}`;
  const verified = verify(file, noted);
  assert.equal(verified.status, 0, verified.out);
  assert.match(verified.out, /17 joined/);
  assert.equal(replay('--from', file).status, 0);
  assert.equal(verify(file, `${receipt.log.batch}:${'0'.repeat(64)}`).status, 1);

  // One batch less; one bit other; one link other.
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const broken = path.join(folder, 'broken.jsonl');
  const victim = Math.floor(lines.length / 2);
  const refuse = (changed, wrong) => {
    writeFileSync(broken, changed.join('\n') + '\n');
    const stranger = verify(broken);
    assert.equal(stranger.status, 1, stranger.out);
    assert.match(stranger.out, new RegExp(wrong));
    const own = replay('--from', broken);
    assert.equal(own.status, 1);
    assert.equal(own.json.fault.wrong, wrong);
    assert.equal(own.json.fault.batch, victim);
  };
  refuse(lines.toSpliced(victim, 1), 'gap');
  const entry = JSON.parse(lines[victim]);
  const bytes = Buffer.from(entry.records, 'base64url');
  bytes[bytes.length - 1] ^= 1;
  refuse(lines.with(victim, JSON.stringify({ ...entry, records: bytes.toString('base64url') })),
    'chain');
  refuse(lines.with(victim, JSON.stringify({ ...entry, link: '0'.repeat(64) })), 'chain');

  // In the data itself.
  await server.kill('SIGTERM');
  const tampered = (statements) => {
    const copy = scratch();
    cpSync(server.data, copy, { recursive: true });
    sqlite(copy, statements);
    const outcome = replay('--data', copy);
    rmSync(copy, { recursive: true, force: true });
    return outcome;
  };
  assert.equal(tampered('SELECT 1').status, 0);
  const removed = tampered(`DELETE FROM waitroom_journal WHERE room = '${room}' AND batch = 4`);
  assert.equal(removed.status, 1);
  assert.deepEqual([removed.json.fault.wrong, removed.json.fault.batch], ['gap', 4]);
  const altered = tampered(`UPDATE waitroom_journal SET records = records || x'00'
    WHERE room = '${room}' AND batch = 5`);
  assert.equal(altered.status, 1);
  assert.deepEqual([altered.json.fault.wrong, altered.json.fault.batch], ['chain', 5]);

  // A start refuses it in one line that says where, and how to look at it; the control is untouched.
  const copy = scratch();
  cpSync(server.data, copy, { recursive: true });
  sqlite(copy, `UPDATE waitroom_journal SET records = records || x'00'
    WHERE room = '${room}' AND batch = 5`);
  const refusing = new Server({ data: copy, demo: false });
  await assert.rejects(refusing.start());
  assert.equal(await refusing.exited, 1);
  assert.match(refusing.log, new RegExp(`^onsale: the log of room ${room} is broken at batch 5: .*; `
    + `look at it with \`onsale room replay ${room}\`\n$`));
  rmSync(copy, { recursive: true, force: true });
  await server.start();
  assert.equal(replay('--data', path.join(folder, 'nowhere')).status, 2);
  assert.equal(onsale(['room', 'replay']).status, 2);
  assert.match(onsale(['room', 'replay', '--help']).out, /Ends with 0/);
});
