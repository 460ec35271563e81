// A pre-queue is drawn with a drand round that the server fetches by itself, while the server is killed
// with -9 around every step; a stranger's verifier agrees with what is published.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import test from 'node:test';
import { Client } from './lib/api.mjs';
import { Server, admin, freePort, root, scratch, sleep } from './lib/server.mjs';

const people = 300;
const signature = 'ab'.repeat(48);

// Answers as a relay does, from the time of the round on.
async function startRelay(chain) {
  const asked = [];
  const relay = http.createServer((request, answer) => {
    asked.push(request.url);
    const round = Number(request.url.split('/').at(-1));
    const due = chain.genesis_time + (round - 1) * chain.period <= Date.now() / 1000;
    const known = due && request.url === `/${chain.hash}/public/${round}`;
    answer.writeHead(known ? 200 : 404, { 'content-type': 'application/json' });
    answer.end(JSON.stringify(known ? { round, signature } : { error: 'no such round' }));
  });
  const port = await freePort();
  await new Promise((resolve) => relay.listen(port, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${port}`, asked, stop: () => relay.close() };
}

async function killed(server) {
  await server.kill();
  await server.start();
}

async function operator(server) {
  return new Client(server).login(admin);
}

async function step(client, room, name, body) {
  const answer = await client.post(`/admin/rooms/${room}/lottery${name}`, body);
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
}

async function configure(client, room, patch) {
  const answer = await client.patch(`/admin/rooms/${room}`, patch);
  assert.equal(answer.status, 200, answer.text);
}

function verify(folder, lottery, entries, mine) {
  const file = (name, text) => {
    const where = path.join(folder, name);
    writeFileSync(where, text);
    return where;
  };
  const done = spawnSync('python3', [path.join(root, 'tools/verify_lottery.py'),
    file('lottery.json', JSON.stringify(lottery)), file('entries.txt', entries),
    file('mine.json', JSON.stringify(mine))], { encoding: 'utf8' });
  return { status: done.status, text: done.stdout + done.stderr };
}

const lotteryOf = async (client, room) => (await client.get(`/rooms/${room}/lottery`)).json;

test('a lottery survives kill -9 at every step, draws itself, and can be checked', async (t) => {
  const chain = { hash: 'c'.repeat(64), genesis_time: Math.floor(Date.now() / 1000) - 1000, period: 1 };
  const relay = await startRelay(chain);
  const folder = scratch();
  const server = new Server({ env: { ONSALE_LOTTERY_BEACON_URL: relay.url } });
  await server.start();
  t.after(async () => {
    await server.stop();
    relay.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  let boss = await operator(server);
  const room = (await boss.get('/admin/rooms')).json.items[0].id;
  await configure(boss, room, { mode: 'closed' });
  await configure(boss, room, { lottery: true });
  const { commitment } = await step(boss, room, '');
  await killed(server);
  boss = await operator(server);
  assert.equal((await lotteryOf(boss, room)).commitment, commitment);
  await configure(boss, room, { mode: 'prequeue' });

  const crowd = await Promise.all(Array.from({ length: people }, async () => {
    const person = new Client(server);
    const joined = await person.post(`/rooms/${room}/places`);
    assert.equal(joined.status, 202, joined.text);
    assert.equal(joined.json.position, undefined);
    return { 'onsale-place': joined.json.place };
  }));
  await killed(server);
  boss = await operator(server);
  const round = Math.ceil(Date.now() / 1000) + 13 - chain.genesis_time;
  const beacon = { kind: 'drand', chain, round };
  const past = await boss.post(`/admin/rooms/${room}/lottery/close`, { beacon: { ...beacon, round: 5 } });
  assert.equal(past.json.code, 'lottery_round_not_future');
  const closed = await step(boss, room, '/close', { beacon });
  assert.equal(closed.count, people);
  assert.equal(closed.seed, undefined);
  const late = new Client(server);
  const lateToken = { 'onsale-place': (await late.post(`/rooms/${room}/places`)).json.place };
  await killed(server);
  boss = await operator(server);
  assert.deepEqual(await lotteryOf(boss, room), closed);

  // Killed again and again around the moment it is due.
  let drawn;
  for (let i = 0; i < 60 && drawn?.state !== 'drawn'; ++i) {
    if (i % 4 === 3 && Date.now() / 1000 > chain.genesis_time + round - 1) await killed(server);
    await sleep(500);
    drawn = await lotteryOf(boss, room);
    if (drawn.state === 'closed') assert.equal(drawn.seed, undefined);
  }
  assert.equal(drawn.state, 'drawn', server.log);
  await killed(server);
  boss = await operator(server);
  assert.deepEqual(await lotteryOf(boss, room), drawn);
  assert.equal(createHash('sha256').update(Buffer.from(drawn.seed, 'hex')).digest('hex'), commitment);
  assert.equal(drawn.root, closed.root);
  assert.ok(relay.asked.every((url) => url === `/${chain.hash}/public/${round}`));

  let entries = '';
  for (let from = 0; from < people; from += 100) {
    entries += (await boss.get(`/rooms/${room}/lottery/entries?from=${from}&limit=100`)).text;
  }
  const ranks = new Set();
  for (const token of crowd) {
    const mine = (await boss.get(`/rooms/${room}/places/me/lottery`, token)).json;
    const place = (await boss.get(`/rooms/${room}/places/me`, token)).json;
    assert.equal(place.position, mine.rank);
    ranks.add(mine.rank);
  }
  assert.equal(ranks.size, people);
  assert.equal((await boss.get(`/rooms/${room}/places/me`, lateToken)).json.position, people + 1);
  const mine = (await boss.get(`/rooms/${room}/places/me/lottery`, crowd[7])).json;
  const right = verify(folder, drawn, entries, mine);
  assert.equal(right.status, 0, right.text);
  const altered = (entries[0] === '0' ? '1' : '0') + entries.slice(1);
  const wrong = verify(folder, drawn, altered, mine);
  assert.equal(wrong.status, 1, wrong.text);

  await configure(boss, room, { mode: 'queue' });
  const seeds = [...server.log.matchAll(new RegExp(drawn.seed, 'g'))];
  assert.equal(seeds.length, 0, 'the seed is in no log');
});
