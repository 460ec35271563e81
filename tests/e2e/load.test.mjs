// onsale-load against the real server, and against one that lies: the tool must tell them apart.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import test from 'node:test';
import { Client, films } from './lib/api.mjs';
import { Server, admin, freePort, root, scratch, sleep, started } from './lib/server.mjs';

const tool = process.env.ONSALE_LOAD_BINARY ?? path.join(root, 'build/release/onsale-load');
const scenario = (name) => path.join(root, 'loadtool/scenarios', `${name}.toml`);

test.before(() => {
  if (process.env.ONSALE_LOAD_BINARY) return;
  const built = spawnSync(path.join(root, 'tools/build_server'), ['release', 'onsale-load'], { encoding: 'utf8' });
  assert.equal(built.status, 0, built.stdout + built.stderr);
});

// Runs the tool beside what the test does meanwhile: {status, out, report, folder}.
function load(t, args) {
  const folder = scratch();
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const running = spawn(tool, ['--out', folder, '--loops', '1', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  running.stdout.on('data', (chunk) => { out += chunk; });
  running.stderr.on('data', (chunk) => { out += chunk; });
  t.after(() => { if (running.exitCode === null) running.kill('SIGKILL'); });
  return new Promise((resolve) => running.once('exit', (status) => {
    const file = path.join(folder, 'report.json');
    const report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
    resolve({ status, out, report, folder });
  }));
}

async function filmRoom(server) {
  return (await films(new Client(server))).find((show) => show.room_id).room_id;
}

function aims(server, room) {
  return ['--server', server.url, '--room', room, '--admin', `${admin.email}:${admin.password}`];
}

function sound(run) {
  assert.equal(run.status, 0, run.out);
  assert.equal(run.report.passed, true, run.out);
  for (const [name, count] of Object.entries(run.report.invariants)) assert.equal(count, 0, `${name}\n${run.out}`);
  const people = Object.values(run.report.outcomes).reduce((a, b) => a + b, 0);
  assert.equal(people, run.report.people);
  for (const outcome of ['lost', 'no_answer', 'refused', 'expired', 'under_way', 'never_came', 'still_waiting']) {
    assert.equal(run.report.outcomes[outcome], 0, `${outcome}\n${run.out}`);
  }
}

test('a hundred people go through the room, and the report tells how', { timeout: 120_000 }, async (t) => {
  const server = await started();
  t.after(() => server.stop());
  const run = await load(t, [...aims(server, await filmRoom(server)), '--scenario', scenario('100'), '--speed', '3', '--seed', '7']);
  sound(run);
  const { report } = run;
  assert.equal(report.people, 100);
  assert.ok(report.outcomes.done >= 80, run.out);
  assert.ok(report.calls.join.count >= 100);
  assert.ok(report.calls.join.p50_ms > 0 && report.calls.join.p50_ms <= report.calls.join.p99_ms);
  assert.ok(report.calls.join.p99_ms <= report.calls.join.max_ms);
  assert.ok(report.calls.subscribe.count > 0 && report.calls.hold.count > 0);
  assert.equal(report.answers['hold 201'], report.answers['release 204']);
  assert.ok(report.lines_broken > 0 && report.came_back > 0);
  assert.ok(report.slots.most_inside <= report.slots.capacity);
  assert.equal(report.slots.capacity, 20);
  assert.ok(report.waits.people > 0);
  assert.deepEqual(report.errors, {}, run.out);
  assert.equal(report.series.reduce((sum, second) => sum + second.arrived, 0), 100);
  assert.match(run.out, /# 100 people: passed/);
  assert.match(readFileSync(path.join(run.folder, 'report.md'), 'utf8'), /\| join /);
  assert.match(readFileSync(path.join(run.folder, 'report.svg'), 'utf8'), /^<svg .*<\/svg>\n$/s);
});

test('the same seed makes the same decisions, however many processes share the crowd', { timeout: 120_000 }, async (t) => {
  const server = await started();
  t.after(() => server.stop());
  const room = await filmRoom(server);
  const planned = [];
  for (const processes of ['1', '3']) {
    const run = await load(t, [...aims(server, room), '--scenario', scenario('100'), '--scale', '0.5', '--speed', '6', '--seed', '9',
      '--processes', processes, '--quiet']);
    sound(run);
    planned.push([run.report.answers['join lost on purpose'], run.report.calls.late.count,
      run.report.answers['hold 201'] ?? 0]);
  }
  assert.deepEqual(planned[0].slice(0, 2), planned[1].slice(0, 2));
});

test('a rolling restart in the middle loses nobody, and spreads who comes back when', { timeout: 150_000 }, async (t) => {
  const server = await new Server({ data: scratch() }).start();
  t.after(async () => { await server.stop(); rmSync(server.data, { recursive: true, force: true }); });
  const running = load(t, [...aims(server, await filmRoom(server)), '--scenario', scenario('100'), '--speed', '2', '--seed', '3']);
  await sleep(7000);
  await server.kill('SIGTERM');
  await server.start();
  const run = await running;
  sound(run);
  assert.ok(run.report.answers['live: asked to come back'] >= 10, run.out);
  assert.ok(run.report.came_back >= 10);
  const { away } = run.report.calls;
  assert.ok(away.p50_ms > 0 && away.max_ms > 1.3 * away.p50_ms, JSON.stringify(away));
});

test('kill -9 in the middle loses nobody either', { timeout: 150_000 }, async (t) => {
  const server = await new Server({ data: scratch() }).start();
  t.after(async () => { await server.stop(); rmSync(server.data, { recursive: true, force: true }); });
  const running = load(t, [...aims(server, await filmRoom(server)), '--scenario', scenario('reconnect'), '--scale', '0.3', '--speed', '3']);
  await sleep(5000);
  await server.kill('SIGKILL');
  await server.start();
  sound(await running);
});

// A room that only knows polling; what it does wrong is for the test to say.
async function liar(t, { tell, proof = false }) {
  const places = [];
  const seen = { keys: new Map(), proofs: 0 };
  const json = (answer, status, body, headers = {}) => {
    answer.writeHead(status, { 'content-type': 'application/json', ...headers });
    answer.end(JSON.stringify(body));
  };
  const join = (request, answer, body) => {
    const key = request.headers['idempotency-key'];
    seen.keys.set(key, (seen.keys.get(key) ?? 0) + 1);
    if (proof) {
      const given = body && JSON.parse(body).proof;
      if (!given) {
        return json(answer, 428, { code: 'proof_required', challenge: { token: 'token-1', algorithm: 'sha256', bits: 10, count: 2 } });
      }
      for (const n of given.solutions) {
        const hash = createHash('sha256').update(`${given.token}.${n}`).digest();
        assert.ok(hash[0] === 0 && hash[1] < 64, `${n} is no solution`);
        seen.proofs += 1;
      }
    }
    let place = places.find((p) => p.key === key);
    const replayed = place !== undefined;
    if (!place) {
      places.push(place = { key, number: places.length + 1, looks: 0 });
      place.first = tell(place, places) ?? {};
    }
    json(answer, 202, place.first, { 'set-cookie': `onsale_device=d${place.number}; Path=/`, ...(replayed ? { 'idempotency-replayed': 'true' } : {}) });
  };
  const server = http.createServer((request, answer) => {
    let body = '';
    request.on('data', (chunk) => { body += chunk; });
    request.on('end', () => {
      if (request.url === '/api/v1/rooms/x') return json(answer, 200, { id: 'x', mode: 'queue', waiting: 1, active: 1, capacity: 9, admit_per_minute: 60 });
      if (request.method === 'POST') return join(request, answer, body);
      if (request.method === 'DELETE') return answer.writeHead(204).end();
      const place = places[Number(request.headers['onsale-place']?.slice(1)) - 1];
      place.looks += 1;
      const told = tell(place, places);
      return told ? json(answer, 200, told) : json(answer, 401, { code: 'place_invalid' });
    });
  });
  const port = await freePort();
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  t.after(() => { server.closeAllConnections(); server.close(); });
  const file = path.join(scratch(), 'liar.toml');
  t.after(() => rmSync(path.dirname(file), { recursive: true, force: true }));
  writeFileSync(file, `people = 20\nend_s = 8\n[arrivals]\nover_s = 1\n[behaviour]\ntransport = { polling = 1 }\n` +
    `think_s = 0\nlost_answers = 0.5\ninside_s = 0.3\n`);
  return { seen, places, args: ['--server', `http://127.0.0.1:${port}`, '--room', 'x', '--scenario', file, '--quiet'] };
}

const waiting = (place, position) => ({ state: 'waiting', place: `p${place.number}`, number: place.number, position, waiting: 20, poll_after_ms: 100 });
const admitted = (place) => ({ state: 'admitted', place: `p${place.number}`, number: place.number, pass: 'x', poll_after_ms: 1000 });

test('an honest room passes: lost answers and proofs of work are dealt with', { timeout: 60_000 }, async (t) => {
  const room = await liar(t, { proof: true, tell: (p) => (p.looks < 3 ? waiting(p, p.number) : admitted(p)) });
  const run = await load(t, room.args);
  assert.equal(run.status, 0, run.out);
  assert.equal(run.report.outcomes.done, 20);
  assert.ok(room.seen.proofs >= 40);
  assert.equal(run.report.calls.solve.count, 20);
  assert.ok([...room.seen.keys.values()].some((times) => times === 2), 'a retry has the key of the lost call');
  assert.equal(room.places.length, 20);
});

test('a stored answer that is given again proves nothing about now', { timeout: 60_000 }, async (t) => {
  // Everybody is told to wait at first; whoever looks is in. The replay of an odd one comes later than that.
  const room = await liar(t, { tell: (p) => (p.looks < 1 ? waiting(p, p.number) : admitted(p)) });
  const run = await load(t, room.args);
  assert.equal(run.status, 0, run.out);
  assert.ok(run.report.answers['join answered again as before'] > 0, run.out);
});

const lies = {
  backward_position: (p) => (p.looks < 6 ? waiting(p, p.number === 5 ? 5 + p.looks : p.number) : admitted(p)),
  lost_place: (p) => (p.looks < 4 ? waiting(p, p.number) : p.number === 5 ? undefined : admitted(p)),
  inversion: (p) => (p.number > 10 ? admitted(p) : p.looks < 25 ? waiting(p, p.number) : admitted(p)),
  duplicate_place: (p) => (p.looks < 2 ? waiting(p, p.number) : { ...admitted(p), number: Math.min(p.number, 12) }),
};
for (const [name, tell] of Object.entries(lies)) {
  test(`negative control: the tool sees ${name} and exits with 1`, { timeout: 60_000 }, async (t) => {
    const room = await liar(t, { tell });
    const run = await load(t, room.args);
    assert.equal(run.status, 1, run.out);
    assert.equal(run.report.passed, false);
    assert.ok(run.report.invariants[name] > 0, run.out);
    assert.equal(run.report.examples[0].kind, name);
  });
}

test('it says what is wrong with its command line, and aims at no foreign server', { timeout: 30_000 }, () => {
  const run = (...args) => spawnSync(tool, args, { encoding: 'utf8', timeout: 20_000 });
  const help = run('--help');
  assert.equal(help.status, 0);
  for (const option of ['--server', '--room', '--scenario', '--seed', '--out', '--admin', '--processes', '--i-own-this-server']) {
    assert.ok(help.stdout.includes(option), option);
  }
  const foreign = run('--server', 'http://192.0.2.1', '--room', 'x', '--scenario', scenario('100'));
  assert.equal(foreign.status, 2);
  assert.match(foreign.stderr, /--i-own-this-server/);
  assert.equal(run('--room', 'x').status, 2);
  const nobody = run('--server', 'http://127.0.0.1:9', '--room', 'x', '--scenario', scenario('100'));
  assert.equal(nobody.status, 1);
  assert.match(nobody.stderr, /nobody answers/);
});
