// Entrance, middleware and fetch handler over a server of passes that lives in the test.
import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import http from 'node:http';
import test from 'node:test';
import { Entrance, withoutPass } from '../entrance.js';
import { Gate, unixSeconds } from '../index.js';
import { refresh } from '../keys.js';
import { expressGate, fetchGate } from '../middleware.js';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), alg: 'EdDSA', use: 'sig', kid: 'k1' }] };
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
let count = 0;

function pass({ epoch = 0, place = 'plc_1' } = {}) {
  const now = unixSeconds();
  const message = `${encode({ alg: 'EdDSA', typ: 'pass+jwt', kid: 'k1' })}.${encode({
    iss: 'onsale', aud: 'film-x', sub: place, jti: `j${++count}`, iat: now, nbf: now, exp: now + 60, epoch,
  })}`;
  return `${message}.${sign(null, Buffer.from(message), privateKey).toString('base64url')}`;
}

async function made() {
  const gate = new Gate({ room: 'film-x', issuer: 'onsale' });
  await gate.setKeys(jwks);
  return new Entrance(gate, { enterUrl: 'https://tickets.test/wait/film-x' });
}

const cookieOf = (decision) => decision.setCookie.split(';')[0];
const page = 'https://shop.test/buy?x=1';

test('the pass is taken out of the address, and nothing else', () => {
  assert.deepEqual(withoutPass('/a?onsale_pass=p'), { clean: '/a', pass: 'p' });
  assert.deepEqual(withoutPass('/a?x=%20&onsale_pass=p&y&onsale_pass=q'), { clean: '/a?x=%20&y', pass: 'p' });
  assert.deepEqual(withoutPass('/a?onsale_passage=p'), { clean: '/a?onsale_passage=p', pass: '' });
  assert.deepEqual(withoutPass('/a'), { clean: '/a', pass: '' });
});

test('to the wait page, back with a pass, in by the cookie; a replay is refused', async () => {
  const entrance = await made();
  const sent = await entrance.decide({ url: page, html: true });
  assert.equal(sent.location, 'https://tickets.test/wait/film-x?return=https%3A%2F%2Fshop.test%2Fbuy%3Fx%3D1');
  const jwt = pass();
  const entered = await entrance.decide({ url: `${page}&onsale_pass=${jwt}`, html: true, cookies: cookieOf(sent) });
  assert.equal(entered.step, 'redirect');
  assert.equal(entered.location, page);
  const again = await entrance.decide({ url: page, cookies: `a=b; ${cookieOf(sent)}` });
  assert.deepEqual(again, { step: 'forward', place: 'plc_1', clean: page });
  const replay = await entrance.decide({ url: `${page}&onsale_pass=${jwt}`, html: true });
  assert.equal(replay.status, 403);
  assert.equal(replay.refusal, 'used');
  assert.equal((await entrance.decide({ url: page, cookies: 'onsale_gate_film-x=me.AAAA' })).refusal, 'pass_required');
});

test('an epoch, the end of the session and the end of the slot each put somebody out', async () => {
  const entrance = await made();
  const enter = async (options) => cookieOf(await entrance.decide({ url: page, pass: pass(options) }));
  const first = await enter();
  assert.equal((await entrance.decide({ url: page, cookies: first }, unixSeconds() + 601)).step, 'refuse');
  assert.equal((await entrance.decide({ url: page, cookies: first })).step, 'forward');
  assert.equal(entrance.dueLeases(10).length, 1);
  assert.equal(entrance.dueLeases(10).length, 0);
  entrance.ended([`j${count}`, 'unknown']);
  assert.equal((await entrance.decide({ url: page, cookies: first })).refusal, 'pass_required');
  const second = await enter();
  entrance.gate.setEpoch(1);
  assert.equal((await entrance.decide({ url: page, cookies: second })).refusal, 'pass_required');
  assert.equal((await entrance.decide({ url: page, pass: pass() })).refusal, 'revoked');
  assert.equal((await entrance.decide({ url: page, pass: pass({ epoch: 1 }) })).step, 'forward');
});

test('without keys nobody enters', async () => {
  const entrance = new Entrance(new Gate({ room: 'film-x', issuer: 'onsale' }));
  assert.equal((await entrance.decide({ url: page, pass: pass(), html: true })).status, 503);
});

test('keys, epoch and leases come from the server, and stay when it is away', async () => {
  const entrance = await made();
  const asked = [];
  let away = false;
  const fetch = async (url, { body } = {}) => {
    asked.push(new URL(url).pathname);
    if (away) throw new Error('away');
    const said = url.endsWith('/gate') ? { room: 'film-x', epoch: 2, enter_url: '/wait/film-x', session_seconds: 30 }
      : url.endsWith('/leases') ? { ended: JSON.parse(body).passes.map(() => `j${count}`) } : jwks;
    return new Response(JSON.stringify(said));
  };
  const options = { url: 'https://tickets.test/', entrance, fetch };
  const inside = cookieOf(await entrance.decide({ url: page, pass: pass({ epoch: 2 }) }));
  await refresh(entrance.gate, options);
  assert.deepEqual(asked, ['/api/v1/rooms/film-x/gate', '/.well-known/jwks.json', '/api/v1/rooms/film-x/gate/leases']);
  assert.equal(entrance.gate.epoch, 2);
  assert.equal((await entrance.decide({ url: page, cookies: inside })).step, 'refuse', 'the slot had ended');
  away = true;
  await assert.rejects(refresh(entrance.gate, options));
  assert.equal((await entrance.decide({ url: page, pass: pass({ epoch: 2 }) })).step, 'forward');
});

test('as middleware of a Node server', async (t) => {
  const guard = expressGate({ entrance: await made(), publicUrl: 'https://shop.test' });
  const server = http.createServer((request, response) => guard(request, response, (error) => {
    response.writeHead(error ? 500 : 200).end(error ? 'error' : `hello ${request.onsalePlace}`);
  }));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const site = `http://127.0.0.1:${server.address().port}`;
  const ask = (path, headers = {}) => fetch(site + path, { headers, redirect: 'manual' });
  const sent = await ask('/buy?x=1', { accept: 'text/html' });
  assert.equal(sent.status, 303);
  assert.ok(sent.headers.get('location').endsWith('return=https%3A%2F%2Fshop.test%2Fbuy%3Fx%3D1'));
  const cookie = sent.headers.get('set-cookie').split(';')[0];
  const entered = await ask(`/buy?x=1&onsale_pass=${pass()}`, { accept: 'text/html', cookie });
  assert.equal(entered.headers.get('location'), page);
  assert.equal(await (await ask('/buy', { cookie })).text(), 'hello plc_1');
  const refused = await ask('/buy');
  assert.equal(refused.status, 401);
  assert.equal((await refused.json()).code, 'pass_required');
  const forged = await ask('/buy?onsale_pass=x', { accept: 'text/html' });
  assert.equal(forged.status, 403);
  assert.match(await forged.text(), /대기실로 가기/);
});

test('in front of everything: free, guarded, refused, and preflights without a page', async (t) => {
  const guard = expressGate({ entrance: await made(), publicUrl: 'https://shop.test', prefixes: ['/buy'] });
  const server = http.createServer((request, response) => guard(request, response, () => {
    response.setHeader('access-control-allow-origin', 'https://app.test');
    response.setHeader('content-length', '6');
    response.end('seats!');
  }));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  // As it is written: fetch would resolve dots.
  const ask = (path, { method = 'GET', headers = {} } = {}) => new Promise((resolve, reject) => {
    http.request({ port: server.address().port, host: '127.0.0.1', path, method, headers, agent: false }, (answer) => {
      let text = '';
      answer.on('data', (chunk) => { text += chunk; });
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, text }));
    }).on('error', reject).end();
  });
  assert.equal((await ask('/about')).text, 'seats!');
  for (const path of ['/buy', '/BUY/x', '/%62uy', '/buy;x', '/buy::$DATA']) assert.equal((await ask(path)).status, 401, path);
  for (const path of ['/buy/../about', '/about/%2e%2e/buy', '/x%5cbuy']) assert.equal((await ask(path)).status, 400, path);
  const origin = { origin: 'https://app.test', 'access-control-request-method': 'PUT' };
  const preflight = await ask('/buy', { method: 'OPTIONS', headers: origin });
  assert.equal(preflight.status, 204);
  assert.equal(preflight.text, '');
  assert.equal(preflight.headers['access-control-allow-origin'], 'https://app.test');
  assert.equal((await ask('/buy', { method: 'OPTIONS' })).status, 401);
  assert.equal((await ask('/buy', { method: 'OPTIONS', headers: { ...origin, 'x-http-method-override': 'GET' } })).status, 401);
  const handle = fetchGate({ entrance: await made() }, () => new Response('seats!', { headers: { 'access-control-allow-origin': '*' } }));
  const answer = await handle(new Request(page, { method: 'OPTIONS', headers: origin }));
  assert.deepEqual([answer.status, await answer.text(), answer.headers.get('access-control-allow-origin')], [204, '', '*']);
});

test('as a wrapper of a fetch handler', async () => {
  const handle = fetchGate({ entrance: await made() }, (request, place) => new Response(place, { headers: { 'set-cookie': 'own=1' } }));
  assert.equal((await handle(new Request(page))).status, 401);
  assert.equal((await handle(new Request(page, { headers: { accept: 'text/html' } }))).status, 303);
  const entered = await handle(new Request(page, { method: 'POST', headers: { 'onsale-pass': pass() } }));
  assert.equal(entered.status, 200);
  assert.equal(await entered.text(), 'plc_1');
  const cookies = entered.headers.getSetCookie();
  assert.equal(cookies.length, 2);
  const again = await handle(new Request(page, { headers: { cookie: cookies[1].split(';')[0] } }));
  assert.equal(await again.text(), 'plc_1');
});
