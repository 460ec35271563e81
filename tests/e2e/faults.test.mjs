// What can be wrong at start: a one-line reason that says what to do, exit 1, data intact.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import test from 'node:test';
import { Client, films } from './lib/api.mjs';
import { Server, admin, onsale, scratch, sleep, started } from './lib/server.mjs';

function refuses(args, pattern, options) {
  const done = onsale(args, options);
  assert.equal(done.status, 1, `${done.out}${done.err}`);
  const lines = done.err.trim().split('\n');
  assert.equal(lines.length, 1, `one line, not:\n${done.err}`);
  assert.match(lines[0], pattern);
}

test('wrong usage is exit 2, help and version are exit 0', () => {
  assert.equal(onsale(['no-such-command']).status, 2);
  assert.equal(onsale(['serve', '--no-such-option']).status, 2);
  assert.equal(onsale(['--help']).status, 0);
  assert.match(onsale(['--version']).out, /^onsale \d+\.\d+\.\d+/);
});

test('a port in use', async () => {
  const taken = net.createServer();
  await new Promise((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const data = scratch();
  refuses(['serve', '--listen', `127.0.0.1:${taken.address().port}`, '--data', data], /in use/);
  taken.close();
  rmSync(data, { recursive: true });
});

test('a second server on the same data', async (t) => {
  const server = await started();
  t.after(() => server.stop());
  refuses(['serve', '--listen', '127.0.0.1:0', '--data', server.data], /another|already/i);
  assert.equal((await new Client(server).get('/shows')).status, 200);
});

test('a data directory that cannot be written', () => {
  const file = path.join(scratch(), 'a-file');
  writeFileSync(file, 'not a directory');
  refuses(['serve', '--listen', '127.0.0.1:0', '--data', path.join(file, 'data')], /director/i);
  assert.equal(readFileSync(file, 'utf8'), 'not a directory');
  refuses(['serve', '--listen', '127.0.0.1:0', '--data', '/proc/onsale'], /director/i);
});

test('a broken configuration names the key and the nearest known one', () => {
  const folder = scratch();
  const file = path.join(folder, 'onsale.toml');
  writeFileSync(file, '[server]\nlisten_adress = "127.0.0.1:0"\n');
  refuses(['serve', '--config', file, '--data', path.join(folder, 'data')], /listen_adress.*listen/);
  writeFileSync(file, '[server\n');
  refuses(['serve', '--config', file, '--data', path.join(folder, 'data')], /onsale\.toml/);
  refuses(['serve', '--config', `${file}.not`, '--data', path.join(folder, 'data')], /onsale\.toml\.not/);
  refuses(['serve', '--config', folder, '--data', path.join(folder, 'data')], /cannot be read/);
  refuses(['serve', '--data', path.join(folder, 'data')], /loops/i,
    { env: { ...process.env, ONSALE_SERVER_LOOPS: 'many' } });
  for (const nonsense of ['10.0.0.0/33', 'proxy.local', '127.0.0.1;10.0.0.1']) {
    refuses(['serve', '--data', path.join(folder, 'data')], /trusted_proxies.*"/,
      { env: { ...process.env, ONSALE_SERVER_TRUSTED_PROXIES: nonsense } });
  }
  assert.ok(!existsSync(path.join(folder, 'data')), 'nothing is made before the configuration is right');
});

test('a schema from a newer version, and a database that is none', async () => {
  const data = scratch();
  const server = await started({ data, demo: false });
  await server.stop();
  const { DatabaseSync } = await import('node:sqlite').catch(() => ({}));
  const sql = "INSERT INTO platform_migration SELECT module, 9999, 'from_the_future', checksum, steps, applied_at FROM platform_migration LIMIT 1";
  if (DatabaseSync) { new DatabaseSync(path.join(data, 'onsale.db')).exec(sql); } else {
    const { spawnSync } = await import('node:child_process');
    const done = spawnSync('sqlite3', [path.join(data, 'onsale.db'), sql], { encoding: 'utf8' });
    assert.equal(done.status, 0, done.stderr);
  }
  refuses(['serve', '--listen', '127.0.0.1:0', '--data', data], /newer|unknown/i);
  const before = readFileSync(path.join(data, 'onsale.db'));
  refuses(['serve', '--listen', '127.0.0.1:0', '--data', data], /newer|unknown/i);
  assert.equal(Buffer.compare(before, readFileSync(path.join(data, 'onsale.db'))), 0, 'data intact');
  rmSync(data, { recursive: true });

  const broken = scratch();
  writeFileSync(path.join(broken, 'onsale.db'), 'this is not a database, whatever its name says. '.repeat(100));
  refuses(['serve', '--listen', '127.0.0.1:0', '--data', broken], /database/i);
  rmSync(broken, { recursive: true });
});

test('a full disk answers cleanly, loses nothing, and recovers', async (t) => {
  const { spawnSync } = await import('node:child_process');
  const data = scratch();
  mkdirSync(data, { recursive: true });
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', data]).status !== 0) {
    t.skip('needs the right to mount a small file system');
    return;
  }
  t.after(() => { spawnSync('umount', ['-l', data]); rmSync(data, { recursive: true, force: true }); });
  const server = await new Server({ data, demo: false }).start();
  t.after(() => server.kill());
  const first = await new Client(server).signup('before');
  spawnSync('dd', ['if=/dev/zero', `of=${path.join(data, 'ballast')}`, 'bs=1M']);
  let refused;
  for (let i = 0; i < 400 && !refused; ++i) {
    const answer = await new Client(server).post('/auth/signup', { email: `full${i}@buyers.test`, password: 'a-long-password-1!', name: 'x'.repeat(50) });
    if (answer.status !== 201) refused = answer;
  }
  assert.ok(refused, 'the disk filled up');
  assert.equal(refused.status, 503, refused.text);
  assert.equal((await first.get('/me')).status, 200);
  rmSync(path.join(data, 'ballast'));
  await new Client(server).signup('after');
  await server.kill('SIGKILL');
  await server.start();
  assert.equal((await new Client(server).login({ email: 'before@buyers.test', password: 'a-long-password-1!' })).token.length > 20, true);
  await new Client(server).login({ email: 'after@buyers.test', password: 'a-long-password-1!' });
});

test('a stop under load ends with exit 0, however little time it has', { timeout: 60_000 }, async () => {
  for (let round = 0; round < 4; ++round) {
    const server = await started({ env: { ONSALE_SERVER_SHUTDOWN_SECONDS: '0' } });
    const room = (await films(new Client(server)))[0].room_id;
    let pressing = true;
    const crowd = Array.from({ length: 100 }, async () => {
      while (pressing) await new Client(server).post(`/rooms/${room}/places`).catch(() => { pressing = false; });
    });
    await sleep(400);
    assert.equal(await server.kill('SIGTERM'), 0, server.log);
    pressing = false;
    await Promise.all(crowd);
    await server.stop();
  }
});

test('--demo adds nothing to a data directory in use, and the data is for its owner only', async () => {
  const data = scratch();
  assert.equal(onsale(['admin', 'create', 'boss@onsale.test', '--data', data], { input: 'a-long-password-1!\n' }).status, 0);
  const server = await started({ data });
  const anyone = new Client(server);
  assert.equal((await anyone.post('/auth/login', admin)).status, 401);
  assert.deepEqual((await anyone.get('/shows')).json.items, []);
  await server.stop();
  for (const file of ['onsale.db', 'keys.json']) assert.equal(statSync(path.join(data, file)).mode & 0o077, 0, file);
  rmSync(data, { recursive: true, force: true });
});

test('an address that a stranger took makes no administrator, and can be taken over', async () => {
  const data = scratch();
  const stranger = { email: 'boss@onsale.test', password: 'the-strangers-own-1!' };
  const boss = { email: stranger.email, password: 'a-long-password-1!' };
  const server = await started({ data, demo: false });
  const signedUp = await new Client(server).post('/auth/signup', { ...stranger, name: 'S' });
  assert.equal(signedUp.status, 201, signedUp.text);
  await server.kill('SIGTERM');
  const create = (...more) => onsale(['admin', 'create', boss.email, '--data', data, ...more], { input: `${boss.password}\n` });
  const refused = create();
  assert.equal(refused.status, 1);
  assert.match(refused.err, /--reset/);
  const taken = create('--reset');
  assert.equal(taken.status, 0, taken.err);
  await server.start();
  assert.equal((await new Client(server).post('/auth/login', stranger)).status, 401);
  const bearer = { authorization: `Bearer ${signedUp.json.access_token}` };
  assert.equal((await fetch(`${server.api}/me`, { headers: bearer })).status, 401);
  const admin = await new Client(server).login(boss);
  assert.equal((await admin.get('/me')).json.role, 'admin');
  const audit = (await admin.get('/admin/audit')).json.items;
  assert.ok(audit.some((entry) => entry.action === 'account.taken_over'), JSON.stringify(audit));
  await server.stop();
  rmSync(data, { recursive: true, force: true });
});

test('a directory that was a demo has neither its passwords nor its provider without --demo', async () => {
  const data = scratch();
  const server = await started({ data });
  const before = await new Client(server).post('/auth/login', admin);
  assert.equal(before.status, 200);
  await server.kill('SIGTERM');
  server.demo = false;
  await server.start();
  assert.match(server.log, /was a demo/);
  assert.equal((await new Client(server).post('/auth/login', admin)).status, 401);
  const bearer = { authorization: `Bearer ${before.json.access_token}` };
  assert.equal((await fetch(`${server.api}/me`, { headers: bearer })).status, 401);
  assert.equal((await fetch(`${server.url}/sandbox/pay/pay_1?key=k`)).status, 404);
  await server.stop();
  rmSync(data, { recursive: true, force: true });
});

test('a pay page is asked for at the stand-in, whatever host a request names', async (t) => {
  const server = await started();
  t.after(() => server.stop());
  let asked = 0;
  const other = http.createServer((_, answer) => { ++asked; answer.end('other'); }).listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.after(() => other.close());
  const status = await new Promise((resolve, reject) => {
    http.get({ host: '127.0.0.1', port: server.port, path: `http://a@127.0.0.1:${other.address().port}/sandbox/toss/pay` },
      (answer) => { answer.resume(); resolve(answer.statusCode); }).on('error', reject);
  });
  assert.ok(status >= 400, `${status}`);
  assert.equal(asked, 0);
});

test('who comes back from a pay page to nothing gets a page', async () => {
  const server = await started({ env: { ONSALE_LIMITS_RATE_ENABLED: 'true', ONSALE_LIMITS_ADDRESS_BURST: '20', ONSALE_LIMITS_ADDRESS_PER_SECOND: '0.1' } });
  const back = () => fetch(`${server.api}/payments/pay_nothing/return`, { headers: { 'accept-language': 'en' } });
  const unknown = await back();
  assert.equal(unknown.status, 404);
  assert.match(unknown.headers.get('content-type'), /text\/html/);
  assert.match(await unknown.text(), /My reservations/);
  let flooded = unknown;
  for (let i = 0; i < 40 && flooded.status !== 429; ++i) flooded = await back();
  assert.equal(flooded.status, 429);
  assert.match(await flooded.text(), /Don't pay again/);
  await server.stop();
});

test('an account can be made an administrator from the command line', async (t) => {
  const data = scratch();
  const made = onsale(['admin', 'create', 'boss@onsale.test', '--data', data], { input: 'a-long-password-1!\n' });
  assert.equal(made.status, 0, made.err);
  const server = await started({ data, demo: false });
  t.after(async () => { await server.stop(); rmSync(data, { recursive: true, force: true }); });
  const boss = await new Client(server).login({ email: 'boss@onsale.test', password: 'a-long-password-1!' });
  assert.equal((await boss.get('/me')).json.role, 'admin');
  assert.equal((await boss.get('/admin/rooms')).status, 200);
});
