// Gates in front of a foreign origin: our own guard, and the real nginx with our recipe.
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import test from 'node:test';
import { expressGate } from '../../gates/js/middleware.js';
import { Client, films } from './lib/api.mjs';
import { launch } from './lib/browser.mjs';
import { Browser, Guard, foreignOrigin, until } from './lib/gates.mjs';
import { nginx } from './lib/nginx.mjs';
import { admin, freePort, onsale, scratch, sleep, started } from './lib/server.mjs';

// A place in the room, admitted, with its pass.
async function admitted(core, room) {
  const client = new Client(core);
  const answer = await client.post(`/rooms/${room}/places`);
  assert.equal(answer.status, 200, answer.text);
  return { client, place: answer.json.place, pass: answer.json.pass };
}

// Bytes as they are; the whole of what comes back.
function raw(port, text) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(text));
    let all = '';
    socket.setTimeout(5_000, () => socket.destroy());
    socket.on('data', (chunk) => { all += chunk; });
    socket.on('close', () => resolve(all));
    socket.on('error', reject);
  });
}

const status = (answer) => Number(answer.slice(9, 12));

// Every path of the shared vectors that is read with the prefix of these tests.
const vectors = JSON.parse(readFileSync(new URL('../../gates/vectors.json', import.meta.url), 'utf8'));
const paths = vectors.paths.filter(({ path }) => path.startsWith('/') && !/^\/+api/i.test(path));

// Guarded and refused ones are not for whoever brings nothing; the origin hears of the free ones only.
async function noneGetsAround(port, origin) {
  for (const { path, expect } of paths) {
    const before = origin.seen.length;
    const answer = await raw(port, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    const said = status(answer);
    if (expect === 'free') assert.equal(said, 200, path);
    else assert.ok(expect === 'refused' ? said === 400 : [400, 401].includes(said), `${path} ${expect}: ${said}`);
    assert.equal(origin.seen.length - before, expect === 'free' ? 1 : 0, path);
  }
}

const preflight = 'Origin: https://app.test\r\nAccess-Control-Request-Method: PUT\r\nConnection: close\r\n';

test('onsale guard', { timeout: 180_000 }, async (t) => {
  const port = await freePort();
  const core = await started({ env: { ONSALE_WAITROOM_RETURN_ORIGINS: `http://127.0.0.1:${port}` } });
  t.after(() => core.stop());
  const boss = await new Client(core).login(admin);
  const room = (await films(boss))[0].room_id;
  const open = { mode: 'queue', capacity: 50, admit_per_minute: 6000, pass_seconds: 120, idle_seconds: 60 };
  assert.equal((await boss.patch(`/admin/rooms/${room}`, open)).status, 200);
  const origin = await foreignOrigin();
  t.after(() => origin.close());
  const guard = await new Guard({ core: core.url, origin: origin.url, room, port }).start();
  t.after(() => guard.stop());
  const buy = `${guard.url}/buy/seats?day=1`;

  // Somebody who has got in: the browser with its cookie.
  async function inside() {
    const browser = new Browser();
    await browser.ask(buy);
    const person = await admitted(core, room);
    assert.equal((await browser.ask(`${buy}&onsale_pass=${person.pass}`)).status, 303);
    assert.equal((await browser.ask(buy)).status, 200);
    return { browser, ...person };
  }

  await t.test('a whole journey: to the wait page, through it, in, and the pass is gone from the address', async () => {
    const browser = new Browser();
    const sent = await browser.ask(buy);
    assert.equal(sent.status, 303);
    assert.match(sent.headers['cache-control'], /no-store/);
    const wait = new URL(sent.location);
    assert.equal(wait.origin + wait.pathname, `${core.url}/wait/${room}`);
    assert.equal(wait.searchParams.get('return'), buy);
    // The wait page itself, as a browser without scripts uses it.
    const page = await browser.ask(wait.href);
    assert.equal(page.status, 200);
    const joined = await browser.ask(`${core.api}/rooms/${room}/places`, { method: 'POST', headers: { 'x-onsale-csrf': '1' } });
    assert.equal(joined.status, 200, joined.text);
    const back = await browser.ask(wait.href);
    assert.equal(back.status, 303, back.text.slice(0, 500));
    assert.ok(back.location.startsWith(`${buy}&onsale_pass=`), back.location);
    const entered = await browser.ask(back.location);
    assert.equal(entered.status, 303);
    assert.equal(entered.location, buy);
    const cookie = entered.headers['set-cookie'].join();
    assert.match(cookie, /^onsale_gate_[a-z0-9-]+=.*HttpOnly; SameSite=Lax/);
    const page2 = await browser.ask(buy);
    assert.equal(page2.status, 200);
    assert.equal(page2.json.url, '/buy/seats?day=1');
    assert.match(page2.json.headers['onsale-place-id'], /^plc_/);
    assert.equal(page2.json.headers['x-forwarded-for'], '127.0.0.1');
    assert.equal(page2.json.headers['x-forwarded-host'], `127.0.0.1:${guard.port}`);
    assert.equal(page2.json.headers.cookie, undefined, 'the gate keeps its cookie to itself');
    assert.ok(!JSON.stringify(origin.seen).includes('onsale_pass'), 'the origin never sees a pass');
  });

  for (const javaScriptEnabled of [true, false]) {
    await t.test(`Chromium ${javaScriptEnabled ? 'with' : 'without'} JavaScript goes through the real wait page and stays inside`, async (u) => {
      const browser = await launch();
      u.after(() => browser.close());
      const context = await browser.newContext({ javaScriptEnabled, locale: 'en-GB' });
      const page = await context.newPage();
      await page.goto(buy);
      if (!javaScriptEnabled) {
        assert.ok(page.url().startsWith(`${core.url}/wait/${room}?`), page.url());
        await page.getByRole('button', { name: 'Join the line', exact: true }).click();
      }
      await page.waitForURL(buy, { timeout: 15_000 });
      assert.match(await page.textContent('body'), /"onsale-place-id":"plc_/);
      const [cookie] = (await context.cookies(guard.url)).filter(({ name }) => name.startsWith('onsale_gate_'));
      assert.ok(cookie.httpOnly);
      assert.equal(cookie.sameSite, 'Lax');
      // The wait page said goodbye when it was left; the visit at the gate is the sign of life.
      await sleep(javaScriptEnabled ? 18_000 : 1_500);
      await page.reload();
      assert.equal(page.url(), buy);
    });
  }

  await t.test('a replayed pass is refused, whoever brings it', async () => {
    const { pass } = await inside();
    const page = await new Browser().ask(`${buy}&onsale_pass=${pass}`);
    assert.equal(page.status, 403);
    assert.match(page.headers['content-type'], /text\/html/);
    assert.ok(page.text.includes(`/wait/${room}?return=`));
    const api = new Browser({ html: false });
    const first = await api.ask(buy, { headers: { 'onsale-pass': pass } });
    assert.equal(first.status, 403);
    assert.equal(first.json.code, 'pass_used');
    const fresh = await admitted(core, room);
    assert.equal((await api.ask(buy, { method: 'POST', body: 'x', headers: { 'onsale-pass': fresh.pass } })).status, 200);
    assert.equal((await api.ask(buy)).status, 200, 'the cookie is enough from now on');
    const thief = new Browser({ html: false });
    assert.equal((await thief.ask(buy, { headers: { 'onsale-pass': fresh.pass } })).json.code, 'pass_used');
    const none = await new Browser({ html: false }).ask(buy);
    assert.equal(none.status, 401);
    assert.equal(none.json.code, 'pass_required');
    assert.ok(none.json.enter_url.startsWith(`${core.url}/wait/`));
    for (const bad of ['x', `${pass}x`, pass.slice(0, -8), `${pass.slice(0, 50)}A${pass.slice(51)}`]) {
      assert.equal((await thief.ask(buy, { headers: { 'onsale-pass': bad } })).json.code, 'pass_invalid', bad);
    }
  });

  await t.test('everything else passes freely, whole and in pieces', async () => {
    const free = new Browser();
    const one = await free.ask(`${guard.url}/free?x=%20y`);
    assert.equal(one.json.url, '/free?x=%20y');
    assert.deepEqual(one.headers['set-cookie'], ['a=1', 'b=2']);
    assert.equal(one.headers['x-own'], 'yes');
    assert.equal(one.json.headers['onsale-place-id'], undefined);
    const lies = { 'x-forwarded-for': '6.6.6.6', 'onsale-place-id': 'plc_me', 'x-real-ip': '6.6.6.6', connection: 'x-secret', 'x-secret': '1' };
    const told = (await free.ask(`${guard.url}/free`, { headers: lies })).json.headers;
    assert.equal(told['x-forwarded-for'], '127.0.0.1');
    for (const name of ['onsale-place-id', 'x-real-ip', 'x-secret']) assert.equal(told[name], undefined, name);
    const body = Buffer.alloc(1_000_000, 'b');
    assert.equal((await free.ask(`${guard.url}/free`, { method: 'POST', body })).json.size, body.length);
    const chunked = await free.ask(`${guard.url}/free`, { method: 'PUT', body, headers: { 'transfer-encoding': 'chunked' } });
    assert.equal(chunked.json.size, body.length);
    assert.equal((await free.ask(`${guard.url}/free/large`)).text.length, 3_000_000);
    assert.equal((await free.ask(`${guard.url}/free/stream`)).text, 'data: first\n\ndata: last\n\n');
    const head = await free.ask(`${guard.url}/free/large`, { method: 'HEAD' });
    assert.equal(head.status, 200);
    assert.equal(head.text, '');
    assert.equal((await free.ask(`${guard.url}/free/none`)).status, 204);
    assert.equal((await free.ask(`${guard.url}/free/hints`)).status, 200);
    await assert.rejects(free.ask(`${guard.url}/free/cut`), 'half an answer must not look whole');
    const expect = await raw(guard.port, 'POST /free HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok');
    assert.match(expect, /^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200/);
    const kept = await raw(guard.port, 'GET /free/none HTTP/1.1\r\nHost: x\r\n\r\nGET /free/none HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    assert.equal(kept.match(/HTTP\/1.1 204/g).length, 2);
    const old = await raw(guard.port, 'GET /free/stream HTTP/1.0\r\nHost: x\r\n\r\n');
    assert.match(old, /^HTTP\/1.0 200[^]*first\n\ndata: last\n\n$/);
  });

  await t.test('no spelling of a guarded address gets around the gate, no request is two', async () => {
    await noneGetsAround(guard.port, origin);
    const before = origin.seen.length;
    for (const target of ['/BUY', '//buy', '/%62uy', '/x/../buy', '/./buy', '/buy;x', '/x/%2e%2e/buy', '/%2562uy', `${guard.url}/buy`, '/\\buy']) {
      const answer = await raw(guard.port, `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      assert.ok([400, 401].includes(status(answer)), `${target}: ${answer.slice(0, 60)}`);
    }
    const host = 'Host: x\r\nConnection: close\r\n';
    for (const [text, expected] of [
      [`GET /buy%zz HTTP/1.1\r\n${host}\r\n`, 400],
      [`GET /free HTTP/1.1\r\n${host}Host: y\r\n\r\n`, 400],
      ['GET /free HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
      [`POST /free HTTP/1.1\r\n${host}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
      [`POST /free HTTP/1.1\r\n${host}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`, 400],
      [`POST /free HTTP/1.1\r\n${host}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`, 501],
      [`CONNECT x:443 HTTP/1.1\r\n${host}\r\n`, 501],
      [`GET /free HTTP/1.1\r\n${host}X-Large: ${'x'.repeat(20_000)}\r\n\r\n`, 413],
      ['hello\r\n\r\n', 400],
    ]) assert.equal(status(await raw(guard.port, text)), expected, text.slice(0, 120));
    assert.equal(origin.seen.length, before, 'the origin was asked nothing');
  });

  await t.test('a preflight gets its origin\'s answer, and not its page', async () => {
    const asked = await raw(guard.port, `OPTIONS /buy HTTP/1.1\r\nHost: x\r\n${preflight}\r\n`);
    assert.equal(status(asked), 204, asked);
    assert.match(asked, /access-control-allow-origin: https:\/\/app\.test/i);
    assert.doesNotMatch(asked, /x-own|"url"/i);
    for (const trick of ['', `${preflight}X-HTTP-Method-Override: GET\r\n`, `${preflight}Content-Length: 2\r\n`])
      assert.equal(status(await raw(guard.port, `OPTIONS /buy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${trick}\r\n`)), 401, trick);
  });

  await t.test('who leaves the room is out, and their slot is kept as long as they come', async () => {
    const { browser, client, place } = await inside();
    await sleep(1_500);
    assert.equal((await browser.ask(buy)).status, 200);
    assert.equal((await client.del(`/rooms/${room}/places/me`, { 'onsale-place': place })).status, 204);
    await until('the slot ends at the gate', async () => (await browser.ask(buy)).status === 303, 15_000);
  });

  await t.test('a new epoch ends passes and visits within two seconds', async () => {
    const { browser } = await inside();
    const unused = await admitted(core, room);
    assert.equal((await boss.patch(`/admin/rooms/${room}`, { pass_epoch: 1 })).status, 200);
    await until('the epoch', async () => (await guard.health()).epoch === 1, 4_000);
    assert.equal((await browser.ask(buy)).status, 303);
    const refused = await new Browser({ html: false }).ask(buy, { headers: { 'onsale-pass': unused.pass } });
    assert.equal(refused.json.code, 'pass_revoked');
    assert.equal(refused.status, 401);
    const again = await unused.client.get(`/rooms/${room}/places/me`, { 'onsale-place': unused.place });
    assert.notEqual(again.json.pass, unused.pass);
    assert.equal((await new Browser({ html: false }).ask(buy, { headers: { 'onsale-pass': again.json.pass } })).status, 200);
  });

  await t.test('cut off from the waiting room: passes still open, replays and forgeries do not', async () => {
    const visitor = await inside();
    const early = await admitted(core, room);
    await core.kill();
    await sleep(1_500);
    assert.equal((await visitor.browser.ask(buy)).status, 200);
    const late = new Browser();
    assert.equal((await late.ask(`${buy}&onsale_pass=${early.pass}`)).status, 303);
    assert.equal((await late.ask(buy)).status, 200);
    assert.equal((await new Browser().ask(`${buy}&onsale_pass=${early.pass}`)).status, 403);
    const middle = Math.floor(early.pass.length / 2);
    const forged = early.pass.slice(0, middle) + (early.pass[middle] === 'A' ? 'B' : 'A') + early.pass.slice(middle + 1);
    assert.equal((await new Browser().ask(`${buy}&onsale_pass=${forged}`)).status, 403);
    assert.ok((await guard.health()).keys_age_ms > 1_000);
    await core.start();
    await until('the waiting room is back', async () => (await guard.health()).keys_age_ms < 1_200, 10_000);
    assert.equal((await visitor.browser.ask(buy)).status, 200);
  });

  await t.test('an origin that is away is said to be so', async () => {
    const other = await new Guard({ core: core.url, origin: `http://127.0.0.1:${await freePort()}`, room }).start();
    const page = await new Browser().ask(`${other.url}/free`, { headers: { 'accept-language': 'ko-KR,ko;q=0.9' } });
    assert.equal(page.status, 502);
    assert.match(page.text, /lang="ko"/);
    assert.equal((await new Browser({ html: false }).ask(`${other.url}/free`)).json.code, 'origin_unreachable');
    assert.equal(await other.stop(), 0);
  });

  await t.test('wrong settings are refused in one line', () => {
    const good = { '--room': room, '--issuer-url': core.url, '--origin': origin.url };
    for (const [changed, expected] of [
      [{ '--room': 'No Room' }, /guard.room/],
      [{ '--issuer-url': '' }, /guard.issuer_url/],
      [{ '--prefix': '/a/../b' }, /guard.prefixes/],
      [{ '--origin': 'https://x' }, /guard.origin/],
      [{ '--listen': 'nowhere' }, /guard.listen/],
    ]) {
      const args = Object.entries({ ...good, ...changed }).flat();
      const done = onsale(['guard', ...args]);
      assert.notEqual(done.status, 0);
      assert.match(done.err, expected);
      assert.equal(done.err.trim().split('\n').length, 1, done.err);
    }
  });

  await t.test('killed and started again: with a folder it knows which passes were used, without it does not', async () => {
    for (const state of [scratch(), '']) {
      const other = await new Guard({ core: core.url, origin: origin.url, room, env: { ONSALE_GUARD_STATE: state } }).start();
      await until('keys', async () => (await other.health()).ready);
      const address = `${other.url}/buy`;
      const { pass } = await admitted(core, room);
      const browser = new Browser();
      await browser.ask(address);
      assert.equal((await browser.ask(`${address}?onsale_pass=${pass}`)).location, address);
      other.process.kill('SIGKILL');
      await other.exited;
      other.over = false;
      await other.start();
      await until('keys', async () => (await other.health()).ready);
      if (state) {
        assert.equal((await new Browser().ask(`${address}?onsale_pass=${pass}`)).status, 403);
        assert.equal((await browser.ask(`${address}?onsale_pass=${pass}`)).location, address);
        assert.equal((await browser.ask(address)).status, 200);
        rmSync(state, { recursive: true });
      } else {
        assert.equal((await new Browser().ask(`${address}?onsale_pass=${pass}`)).status, 303, 'the control');
      }
      await other.stop();
    }
  });

  await t.test('a guard stops when it is told to', async () => {
    assert.equal(await guard.stop(), 0);
  });
});

test('a guard that has never heard from the waiting room lets nobody in', { timeout: 60_000 }, async (t) => {
  const origin = await foreignOrigin();
  t.after(() => origin.close());
  const port = await freePort();
  const guard = await new Guard({ core: `http://127.0.0.1:${port}`, origin: origin.url, room: 'film-x' }).start();
  t.after(() => guard.stop());
  const page = await new Browser().ask(`${guard.url}/buy`);
  assert.equal(page.status, 503);
  assert.match(page.text, /http-equiv="refresh"/);
  assert.ok(page.headers['retry-after']);
  assert.equal((await new Browser().ask(`${guard.url}/buy?onsale_pass=x`)).status, 503);
  assert.equal((await new Browser().ask(`${guard.url}/free`)).status, 200);
  assert.equal((await guard.health()).status, 503);
  const core = await started({ port });
  t.after(() => core.stop());
  assert.equal((await guard.health()).ready, false, 'a room that does not exist gives no epoch');
});

test('@onsale/gate in a Node server of somebody else', { timeout: 60_000 }, async (t) => {
  const core = await started();
  t.after(() => core.stop());
  const boss = await new Client(core).login(admin);
  const room = (await films(boss))[0].room_id;
  assert.equal((await boss.patch(`/admin/rooms/${room}`, { mode: 'queue', capacity: 9, admit_per_minute: 6000 })).status, 200);
  const guard = expressGate({ url: core.url, room, everyMs: 200 });
  t.after(() => guard.stop());
  const shop = http.createServer((request, response) => guard(request, response, (error) => {
    response.writeHead(error ? 500 : 200).end(String(error ?? request.onsalePlace));
  }));
  const port = await freePort();
  await new Promise((resolve) => shop.listen(port, '127.0.0.1', resolve));
  t.after(() => { shop.closeAllConnections(); shop.close(); });
  const buy = `http://127.0.0.1:${port}/buy`;
  const browser = new Browser();
  const sent = await until('its keys', async () => {
    const answer = await browser.ask(buy);
    return answer.status === 303 && answer;
  });
  assert.equal(sent.location, `${core.url}/wait/${room}?return=${encodeURIComponent(buy)}`);
  const { client, place, pass } = await admitted(core, room);
  assert.equal((await browser.ask(`${buy}?onsale_pass=${pass}`)).location, buy);
  assert.match((await browser.ask(buy)).text, /^plc_/);
  assert.equal((await new Browser().ask(`${buy}?onsale_pass=${pass}`)).status, 403);
  assert.equal((await client.del(`/rooms/${room}/places/me`, { 'onsale-place': place })).status, 204);
  await until('the slot ends', async () => (await browser.ask(buy)).status === 303, 15_000);
  const other = await admitted(core, room);
  assert.equal((await boss.patch(`/admin/rooms/${room}`, { pass_epoch: 1 })).status, 200);
  await sleep(1_000);
  assert.equal((await new Browser({ html: false }).ask(buy, { headers: { 'onsale-pass': other.pass } })).json.code, 'revoked');
  await core.kill();
  assert.equal((await browser.ask(buy)).status, 303, 'away: it goes on with what it knows');
});

test('the real nginx with our recipe', { timeout: 120_000 }, async (t) => {
  const port = await freePort();
  const core = await started({ env: {
    ONSALE_WAITROOM_RETURN_ORIGINS: `http://127.0.0.1:${port}`, ONSALE_SERVER_PUBLIC_URL: 'https://tickets.test',
  } });
  t.after(() => core.stop());
  const boss = await new Client(core).login(admin);
  const [one, two] = (await films(boss)).map((film) => film.room_id);
  for (const room of [one, two]) {
    assert.equal((await boss.patch(`/admin/rooms/${room}`, { mode: 'queue', capacity: 50, admit_per_minute: 6000 })).status, 200);
  }
  const origin = await foreignOrigin();
  t.after(() => origin.close());
  const gate = { origin: origin.url, core: `127.0.0.1:${core.port}` };
  const online = await nginx({ ...gate, port, check: `http://onsale/api/v1/rooms/${one}/gate/check` });
  t.after(() => online.stop());

  async function journey(url, room) {
    const browser = new Browser();
    const buy = `${url}/buy/seats?day=1&x=%20`;
    const sent = await browser.ask(buy);
    assert.equal(sent.status, 303, sent.text);
    const wait = new URL(sent.location);
    assert.equal(`${wait.origin}${wait.pathname}`, `https://tickets.test/wait/${room}`);
    assert.equal(wait.searchParams.get('return'), buy);
    const person = await admitted(core, room);
    for (const place of [`${url}/buy/seats?onsale_pass=${person.pass}&day=1&x=%20`, `${buy}&onsale_pass=${person.pass}`]) {
      const entered = await browser.ask(place);
      assert.equal(entered.status, 303, entered.text);
      assert.equal(entered.location, buy);
    }
    const bought = await browser.ask(buy);
    assert.equal(bought.status, 200, bought.text);
    assert.equal(bought.json.url, '/buy/seats?day=1&x=%20');
    assert.match(bought.json.headers['onsale-place-id'], /^plc_/);
    assert.equal((await browser.ask(buy, { method: 'POST', body: 'form' })).json.size, 4);
    assert.ok(!JSON.stringify(origin.seen).includes('onsale_pass='), 'the origin never sees a pass');
    return { browser, buy, ...person };
  }

  await t.test('a whole journey, and a replay is refused', async () => {
    const { pass, buy } = await journey(online.url, one);
    const thief = await new Browser().ask(`${buy}&onsale_pass=${pass}`);
    assert.equal(thief.status, 403);
    assert.ok(thief.text.includes(`https://tickets.test/wait/${one}?return=`), thief.text);
    assert.equal((await new Browser({ html: false }).ask(buy, { headers: { 'onsale-pass': pass } })).status, 403);
    const program = await new Browser({ html: false }).ask(buy);
    assert.equal(program.status, 401);
    assert.equal(program.json.code, 'pass_required');
    const fresh = await admitted(core, one);
    const api = new Browser({ html: false });
    assert.equal((await api.ask(buy, { headers: { 'onsale-pass': fresh.pass } })).status, 200);
    assert.equal((await api.ask(buy)).status, 200);
    for (const bad of ['x', `${fresh.pass}x`, (await admitted(core, two)).pass]) {
      assert.equal((await new Browser().ask(`${online.url}/buy?onsale_pass=${bad}`)).status, 403);
    }
  });

  await t.test('who gives the slot back is out at once', async () => {
    const { browser, buy, client, place } = await journey(online.url, one);
    assert.equal((await client.del(`/rooms/${one}/places/me`, { 'onsale-place': place })).status, 204);
    assert.equal((await browser.ask(buy)).status, 303);
  });

  await t.test('what is not guarded passes, and the parts of the recipe cannot be called', async () => {
    assert.equal((await new Browser().ask(`${online.url}/free`)).status, 200);
    for (const part of ['/.onsale/check', '/.onsale/enter']) assert.equal((await new Browser().ask(online.url + part)).status, 404);
  });

  await t.test('no spelling gets around it, and preflights pass', async () => {
    await noneGetsAround(port, origin);
    const ask = (more) => raw(port, `OPTIONS /buy HTTP/1.1\r\nHost: x\r\n${preflight}${more}\r\n`);
    assert.equal(status(await ask('')), 200);
    assert.equal(status(await ask('X-HTTP-Method-Override: GET\r\n')), 401);
  });

  await t.test('negative control: without the recipe everybody gets in', async () => {
    const bare = await nginx({ ...gate, check: 'http://onsale/', guarded: false });
    assert.equal((await new Browser().ask(`${bare.url}/buy`)).status, 200);
    await bare.stop();
  });

  await t.test('beside a guard that checks: the same journey, also when the waiting room is away', async () => {
    const guard = await new Guard({ core: core.url, room: two }).start();
    t.after(() => guard.stop());
    const offline = await nginx({ ...gate, check: `${guard.url}/.onsale-gate/check` });
    t.after(() => offline.stop());
    const visitor = await journey(offline.url, two);
    assert.equal((await new Browser().ask(`${visitor.buy}&onsale_pass=${visitor.pass}`)).status, 403);
    const early = await admitted(core, two);
    const insider = await journey(online.url, one);
    await core.kill();
    assert.equal((await visitor.browser.ask(visitor.buy)).status, 200);
    const late = new Browser();
    assert.equal((await late.ask(`${offline.url}/buy?onsale_pass=${early.pass}`)).location, `${offline.url}/buy`);
    assert.equal((await late.ask(`${offline.url}/buy`)).status, 200);
    // The other nginx asks the waiting room itself, which is away: nobody gets in.
    const closed = await insider.browser.ask(insider.buy);
    assert.equal(closed.status, 503);
    assert.ok(closed.headers['retry-after']);
    assert.equal((await new Browser().ask(`${online.url}/free`)).status, 200);
  });
});
