// Every route, bad input of every kind: the right problem, and nothing changed.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Client, compareWith, films, musicals, openPerformance, request } from './lib/api.mjs';
import { Declared } from './lib/declared.mjs';
import { admin, buyer, started } from './lib/server.mjs';

const missing = {
  show: 'shw_01JZZZZZZZZZZZZZZZZZZZZZZZ', performance: 'prf_01JZZZZZZZZZZZZZZZZZZZZZZZ', room: 'no-such-room',
  hold: 'hld_01JZZZZZZZZZZZZZZZZZZZZZZZ', reservation: 'res_01JZZZZZZZZZZZZZZZZZZZZZZZ',
  payment: 'pay_01JZZZZZZZZZZZZZZZZZZZZZZZ', ticket: 'tkt_01JZZZZZZZZZZZZZZZZZZZZZZZ',
};

function problem(answer, status, code, where) {
  assert.equal(answer.status, status, `${where}: ${answer.status} ${answer.text}`);
  assert.match(answer.headers['content-type'] ?? '', /^application\/problem\+json/, where);
  for (const key of ['type', 'title', 'status', 'code', 'trace_id']) assert.ok(answer.json[key], `${where}: ${key}`);
  if (code) assert.equal(answer.json.code, code, `${where}: ${answer.text}`);
  assert.doesNotMatch(answer.text, /sqlite|mysql|\.cc|std::|SELECT |\/work\//i, `${where}: nothing internal leaks`);
}

test('bad input', { timeout: 240_000 }, async (t) => {
  const server = await started();
  t.after(() => server.stop());
  const boss = await new Client(server).login(admin);
  const someone = await new Client(server).login(buyer);
  const nobody = new Client(server);
  const description = (await nobody.get('//openapi.json')).json;

  compareWith(new Declared(description));
  t.after(() => compareWith(undefined));

  const routes = [];
  for (const [path, item] of Object.entries(description.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      if (['get', 'post', 'patch', 'put', 'delete'].includes(method)) routes.push({ path, method: method.toUpperCase(), operation });
    }
  }
  assert.ok(routes.length >= 30, `${routes.length} routes described`);
  const secured = (operation) => (operation.security ?? []).some((s) => Object.keys(s).length > 0) && !(operation.security ?? []).some((s) => Object.keys(s).length === 0);
  const isAdmin = (path) => path.startsWith('/api/v1/admin');
  const filled = (path) => path.replace(/\{(\w+)\}/g, (_, name) => missing[name] ?? 'shw_01JZZZZZZZZZZZZZZZZZZZZZZZ');
  const send = (route, { token, body, headers = {} } = {}) => request(server.url + filled(route.path), {
    method: route.method, body, headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers } });
  const before = (await nobody.get('/shows?limit=100')).json;

  for (const route of routes) {
    await t.test(`${route.method} ${route.path}`, async () => {
      const where = `${route.method} ${route.path}`;
      const token = isAdmin(route.path) ? boss.token : someone.token;
      if (secured(route.operation)) {
        problem(await send(route), 401, 'unauthenticated', `${where} by nobody`);
        problem(await send(route, { token: `${token.slice(0, -4)}AAAA` }), 401, 'unauthenticated', `${where} with a forged token`);
        problem(await send(route, { token: 'x.y.z' }), 401, 'unauthenticated', `${where} with rubbish`);
      }
      if (isAdmin(route.path)) problem(await send(route, { token: someone.token, body: route.operation.requestBody ? {} : undefined }), 403, undefined, `${where} by a buyer`);
      if (route.operation.requestBody) {
        problem(await send(route, { token, body: '{"a":' }), 400, 'malformed_json', `${where} malformed`);
        const unknown = await send(route, { token, body: { no_such_field: 1 } });
        problem(unknown, 422, undefined, `${where} unknown field`);
        assert.ok(unknown.json.errors.some((e) => e.field === 'no_such_field' && e.code === 'unknown_field'), `${where}: ${unknown.text}`);
        problem(await send(route, { token, body: '[1,2,3]' }), 422, undefined, `${where} not an object`);
        problem(await send(route, { token, body: JSON.stringify({ x: 'y'.repeat(300_000) }) }), 413, undefined, `${where} oversized`);
        problem(await send(route, { token, body: '{}', headers: { 'content-type': 'text/plain' } }), 415, undefined, `${where} content type`);
      }
      if (/\{(show|performance|room|hold|reservation|payment|ticket)\}/.test(route.path) && route.method === 'GET' && !route.path.includes('{file}') && !/events|places\/me|return/.test(route.path)) {
        problem(await send(route, { token }), 404, undefined, `${where} unknown id`);
      }
      const other = await request(server.url + filled(route.path), { method: 'PROPFIND' });
      assert.ok([400, 405, 501].includes(other.status), `${where} strange method: ${other.status}`);
    });
  }

  const performance = (await openPerformance(nobody, (await musicals(nobody))[2])).id;
  const room = (await films(nobody))[0].room_id;
  const filmPerformance = (await openPerformance(nobody, (await films(nobody))[0])).id;
  const holds = `/performances/${performance}/holds`;
  const table = [
    ['an unknown seat', () => someone.post(holds, { seats: ['Z-99'] }), 422, 'seat_unknown'],
    ['a lower-case seat', () => someone.post(holds, { seats: ['a-1'] }), 422, 'seat_unknown'],
    ['no seats', () => someone.post(holds, { seats: [] }), 422],
    ['neither seats nor best', () => someone.post(holds, {}), 422],
    ['both seats and best', () => someone.post(holds, { seats: ['A-1'], best: { quantity: 1 } }), 422],
    ['the same seat twice', () => someone.post(holds, { seats: ['A-1', 'A-1'] }), 422],
    ['five seats', () => someone.post(holds, { seats: ['A-1', 'A-2', 'A-3', 'A-4', 'A-5'] }), 422, 'too_many_seats'],
    ['a quantity of zero', () => someone.post(holds, { best: { quantity: 0 } }), 422],
    ['a quantity of 2^40', () => someone.post(holds, { best: { quantity: 1099511627776 } }), 422],
    ['a seat that is a number', () => someone.post(holds, { seats: [7] }), 422],
    ['no pass', () => someone.post(`/performances/${filmPerformance}/holds`, { seats: ['A-1'] }), 403, 'pass_required'],
    ['a forged pass', () => someone.post(`/performances/${filmPerformance}/holds`, { seats: ['A-1'] }, { 'onsale-pass': 'a.b.c' }), 403, 'pass_invalid'],
    ['an access token as a pass', () => someone.post(`/performances/${filmPerformance}/holds`, { seats: ['A-1'] }, { 'onsale-pass': someone.token }), 403, 'pass_invalid'],
    ['an unknown room', () => nobody.post('/rooms/no-such-room/places'), 404, 'room_not_found'],
    ['a room id that cannot be one', () => nobody.post('/rooms/%00%ff/places'), 404],
    ['a forged place', () => nobody.get(`/rooms/${room}/places/me`, { 'onsale-place': 'forged' }), 401, 'place_invalid'],
    ['no place', () => new Client(server).get(`/rooms/${room}/places/me`), 401, 'place_invalid'],
    ["somebody else's hold", () => someone.post('/reservations', { hold_id: missing.hold }), 404],
    ['a hold id that cannot be one', () => someone.post('/reservations', { hold_id: 'x' }), 422],
    ['a weak password', () => nobody.post('/auth/signup', { email: 'weak@buyers.test', password: '1234', name: 'Weak' }), 422, 'weak_password'],
    ['a taken e-mail address', () => nobody.post('/auth/signup', { email: buyer.email, password: 'a-long-password-1!', name: 'Twin' }), 409, 'email_taken'],
    ['a bad e-mail address', () => nobody.post('/auth/signup', { email: 'not-an-address', password: 'a-long-password-1!', name: 'X' }), 422],
    ['wrong credentials', () => nobody.post('/auth/login', { email: buyer.email, password: 'wrong-password-1!' }), 401, 'bad_credentials'],
    ['a refresh token that never was', () => nobody.post('/auth/refresh', { refresh_token: 'nope' }), 401],
    ['a limit of zero', () => nobody.get('/shows?limit=0'), 422],
    ['a limit of 101', () => nobody.get('/shows?limit=101'), 422],
    ['an unknown sort', () => nobody.get('/shows?sort=cheapest'), 422],
    ['an unknown query parameter', () => nobody.get('/shows?colour=red'), 422],
    ['a forged cursor', () => nobody.get('/shows?cursor=%21%21'), 422],
    ['a negative capacity', () => boss.patch(`/admin/rooms/${room}`, { capacity: -1 }), 422],
    ['an unknown mode', () => boss.patch(`/admin/rooms/${room}`, { mode: 'chaos' }), 422],
    ['offers shown in a way that there is none of', () => boss.patch(`/admin/rooms/${room}`, { offers_shown: 'everything' }), 422],
    ['offers shown as a list', () => boss.patch(`/admin/rooms/${room}`, { offers_shown: [] }), 422],
    ['a history from no time', () => boss.get(`/admin/rooms/${room}/history?after=yesterday`), 422],
    ['the changes of an account id of 41 characters', () => boss.get(`/admin/audit?who=${'x'.repeat(41)}`), 422],
    ['the changes of a subject of 81 characters', () => boss.get(`/admin/audit?subject=${'x'.repeat(81)}`), 422],
    ['a capacity that is text', () => boss.patch(`/admin/rooms/${room}`, { capacity: '10' }), 422],
    ['an unknown path', () => nobody.get('/no/such/path'), 404],
    ['a wrong method', () => nobody.del('/shows'), 405],
    ['a join with an idempotency key of 256 characters', () => new Client(server).post(`/rooms/${room}/places`, {}, { 'idempotency-key': 'k'.repeat(256) }), 400, 'idempotency_key_invalid'],
    ['an idempotency key of 256 characters', () => someone.post(holds, { seats: ['A-1'] }, { 'idempotency-key': 'k'.repeat(256) }), 400],
  ];
  for (const [name, call, status, code] of table) {
    await t.test(name, async () => {
      const answer = await call();
      if (status === 400) assert.ok([400, 422].includes(answer.status), `${answer.status} ${answer.text}`);
      else problem(answer, status, code, name);
    });
  }

  await t.test('a cookie mutation without the CSRF header, or from another site', async () => {
    const login = await nobody.post('/auth/login', buyer);
    const cookie = login.headers['set-cookie'].map((c) => c.split(';')[0]).join('; ');
    for (const c of login.headers['set-cookie']) assert.match(c, /HttpOnly/i);
    const post = (headers) => request(`${server.api}${holds}`, { method: 'POST', body: { seats: ['J-14'] }, headers: { cookie, ...headers } });
    problem(await post({}), 403, 'csrf_required', 'without the header');
    problem(await post({ 'x-onsale-csrf': '1', origin: 'https://evil.test' }), 403, undefined, 'from another site');
    const good = await post({ 'x-onsale-csrf': '1', origin: server.url });
    assert.equal(good.status, 201, good.text);
    assert.equal((await someone.del(`/holds/${good.json.id}`)).status, 204);
  });

  await t.test('an idempotency key replays, refuses another body, and one of two at once runs', async () => {
    const key = { 'idempotency-key': 'once-and-again' };
    const first = await someone.post(holds, { seats: ['J-1'] }, key);
    assert.equal(first.status, 201, first.text);
    const again = await someone.post(holds, { seats: ['J-1'] }, key);
    assert.equal(again.status, 201);
    assert.equal(again.text, first.text);
    problem(await someone.post(holds, { seats: ['J-2'] }, key), 422, 'idempotency_key_reused', 'other body');
    assert.equal((await someone.del(`/holds/${first.json.id}`)).status, 204);
    const many = await Promise.all(Array.from({ length: 20 }, () => someone.post(holds, { seats: ['J-5'] }, { 'idempotency-key': 'all-at-once' })));
    const made = new Set(many.filter((a) => a.status === 201).map((a) => a.json.id));
    assert.equal(made.size, 1);
    for (const a of many.filter((x) => x.status !== 201)) problem(a, 409, 'idempotency_in_progress', 'meanwhile');
    assert.equal((await someone.del(`/holds/${[...made][0]}`)).status, 204);
  });

  await t.test("one buyer's objects are not there for another", async () => {
    const owner = await new Client(server).signup('owner');
    const held = (await owner.post(holds, { seats: ['I-3'] })).json;
    problem(await someone.del(`/holds/${held.id}`), 404, undefined, 'a foreign hold');
    problem(await someone.post('/reservations', { hold_id: held.id }), 404, undefined, 'a foreign hold');
    const made = (await owner.post('/reservations', { hold_id: held.id })).json;
    for (const answer of [await someone.get(`/reservations/${made.id}`), await someone.get(`/reservations/${made.id}/tickets`),
      await someone.post(`/reservations/${made.id}/cancel`, {}), await someone.post(`/reservations/${made.id}/payments`, { provider: 'sandbox', return_url: 'http://shop.test/' })]) {
      problem(answer, 404, undefined, 'a foreign reservation');
    }
    for (const return_url of ['javascript:alert(1)', 'ftp://x/', '//evil.test', `http://x/${'y'.repeat(2100)}`, '']) {
      problem(await owner.post(`/reservations/${made.id}/payments`, { provider: 'sandbox', return_url }), 422, undefined, return_url.slice(0, 30));
    }
    const paying = (await owner.post(`/reservations/${made.id}/payments`, { provider: 'sandbox', return_url: 'http://shop.test/' })).json;
    problem(await someone.get(`/payments/${paying.payment_id}`), 404, undefined, 'a foreign payment');
  });

  await t.test('nothing changed', async () => {
    assert.deepEqual((await nobody.get('/shows?limit=100')).json.items.map((s) => s.id), before.items.map((s) => s.id));
    const { json } = await nobody.get(`/performances/${performance}/availability`);
    assert.deepEqual(Object.keys(json.unavailable).filter((seat) => seat !== 'I-3'), []);
  });
});
