// Clients and tools written by others: @stomp/stompjs, jose, redocly.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { Client as Stomp } from '@stomp/stompjs';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { WebSocket } from 'ws';
import { Client, films, musicals, openPerformance } from './lib/api.mjs';
import { admin, root, sleep, started } from './lib/server.mjs';

Object.assign(globalThis, { WebSocket });

function connect(server) {
  return new Promise((resolve, reject) => {
    const stomp = new Stomp({ brokerURL: `${server.url.replace('http', 'ws')}/ws`, reconnectDelay: 0 });
    stomp.onConnect = () => resolve(stomp);
    stomp.onStompError = (frame) => reject(new Error(frame.headers.message));
    stomp.onWebSocketError = reject;
    stomp.activate();
  });
}

async function until(what, check, ms = 10_000) {
  const end = Date.now() + ms;
  for (;;) {
    const value = check();
    if (value) return value;
    if (Date.now() > end) throw new Error(`never happened: ${what}`);
    await sleep(20);
  }
}

test('the protocols', { timeout: 120_000 }, async (t) => {
  const server = await started();
  t.after(() => server.stop());
  const boss = await new Client(server).login(admin);

  await t.test('stompjs follows a place until it is admitted, and jose verifies its pass from the JWKS alone', async () => {
    const room = (await films(boss))[0].room_id;
    assert.equal((await boss.patch(`/admin/rooms/${room}`, { mode: 'queue', capacity: 1 })).status, 200);
    const [first, second] = [new Client(server), new Client(server)];
    const admitted = await first.post(`/rooms/${room}/places`);
    assert.equal(admitted.status, 200, admitted.text);
    const waiting = await second.post(`/rooms/${room}/places`);
    assert.equal(waiting.status, 202, waiting.text);
    assert.equal(waiting.json.position, 1);
    const stomp = await connect(server);
    const seen = [];
    stomp.subscribe('/user/queue/place', (frame) => seen.push(JSON.parse(frame.body)), { place: waiting.json.place });
    await until('the present state at once', () => seen.length > 0);
    assert.equal(seen[0].state, 'waiting');
    const left = await first.del(`/rooms/${room}/places/me`, { 'onsale-place': admitted.json.place });
    assert.equal(left.status, 204);
    const last = await until('the admission', () => seen.find((place) => place.state === 'admitted'));
    const keys = createLocalJWKSet((await boss.get('//.well-known/jwks.json')).json);
    const { payload, protectedHeader } = await jwtVerify(last.pass, keys, { audience: room });
    assert.equal(protectedHeader.alg, 'EdDSA');
    for (const claim of ['iss', 'sub', 'jti', 'iat', 'nbf', 'exp']) assert.ok(payload[claim], claim);
    await assert.rejects(jwtVerify(last.pass, keys, { audience: 'another-room' }));
    await stomp.deactivate();
  });

  await t.test('stompjs follows a seat map within a second', async () => {
    const performance = (await openPerformance(boss, (await musicals(boss))[0])).id;
    const stomp = await connect(server);
    const changes = [];
    stomp.subscribe(`/topic/performances/${performance}/seats`, (frame) => changes.push(JSON.parse(frame.body)));
    await sleep(200);
    const buyer = await new Client(server).signup('mapwatcher');
    const held = await buyer.post(`/performances/${performance}/holds`, { seats: ['C-3', 'C-4'] });
    assert.equal(held.status, 201, held.text);
    const asked = Date.now();
    await until('held', () => changes.some((c) => c.changes['C-3'] === 'held' && c.changes['C-4'] === 'held'), 1_000);
    assert.equal((await buyer.del(`/holds/${held.json.id}`)).status, 204);
    await until('free again', () => changes.some((c) => c.changes['C-3'] === 'free'), 1_000);
    t.diagnostic(`both changes seen within ${Date.now() - asked} ms`);
    await stomp.deactivate();
  });

  await t.test('a SEND is refused', async () => {
    const stomp = await connect(server);
    const refused = new Promise((resolve) => { stomp.onStompError = resolve; });
    stomp.publish({ destination: '/topic/rooms/x', body: '{"state":"admitted"}' });
    assert.match((await refused).headers.message, /SEND|subscribe/i);
    await stomp.deactivate();
  });

  await t.test('a stop tells everybody when to come back, spread out', async () => {
    const other = await started();
    const room = (await films(new Client(other)))[0].room_id;
    const heard = [];
    const closed = [];
    for (let i = 0; i < 10; ++i) {
      const stomp = await connect(other);
      stomp.onUnhandledMessage = (frame) => heard.push(JSON.parse(frame.body));
      stomp.onWebSocketClose = (event) => closed.push(event.code);
      stomp.subscribe(`/topic/rooms/${room}`, (frame) => {
        const body = JSON.parse(frame.body);
        if (body.type === 'reconnect') heard.push(body);
      });
    }
    await other.stop();
    await until('every close', () => closed.length === 10);
    assert.ok(heard.length >= 10, `${heard.length} heard`);
    assert.ok(heard.every((m) => m.type === 'reconnect' && Number.isInteger(m.after_ms)));
    assert.ok(new Set(heard.map((m) => m.after_ms)).size > 3, 'spread out');
    assert.ok(closed.every((code) => code === 1012), String(closed));
  });

  await t.test('the OpenAPI description is valid and names every route', async () => {
    const { json } = await boss.get('//openapi.json');
    assert.equal(json.openapi.slice(0, 3), '3.1');
    const folder = path.join(root, 'artifacts', 'e2e');
    mkdirSync(folder, { recursive: true });
    const file = path.join(folder, 'openapi.json');
    writeFileSync(file, JSON.stringify(json, null, 2));
    const lint = spawnSync('npx', ['redocly', 'lint', file, '--config', 'redocly.yaml'],
      { cwd: import.meta.dirname, encoding: 'utf8', env: { ...process.env, REDOCLY_TELEMETRY: 'off' } });
    assert.equal(lint.status, 0, lint.stdout + lint.stderr);
  });

  await t.test('the OpenAPI description says what everything is and who may call', async () => {
    const { json } = await boss.get('//openapi.json');
    for (const [path, item] of Object.entries(json.paths)) {
      for (const [method, operation] of Object.entries(item)) {
        const roles = operation.security.flatMap((way) => Object.values(way).flat());
        assert.equal(roles.includes('admin'), path.startsWith('/api/v1/admin/'), `${method} ${path}`);
        // A stranger's keys have no bound: answers are kept for accounts only.
        if (operation.responses[409]?.description.includes('idempotency_in_progress'))
          assert.notEqual(operation.security.length, 0, `${method} ${path}`);
        for (const [status, answer] of Object.entries(operation.responses)) {
          for (const [type, { schema }] of Object.entries(answer.content ?? {})) {
            const where = `${method} ${path} ${status} ${type}`;
            assert.notEqual(type, 'application/octet-stream', where);
            if (type === 'application/json') assert.notEqual(schema.type, 'string', where);
          }
        }
      }
    }
    const { schemas } = json.components;
    for (const [name, schema] of Object.entries(schemas)) {
      for (const [field, of] of Object.entries(schema.properties ?? {})) {
        assert.notDeepEqual(of, {}, `${name}.${field}`);
        if (['state', 'mode', 'kind', 'status', 'role'].includes(field) && !['Problem', 'CastEntry'].includes(name))
          assert.ok(of.$ref, `${name}.${field} is one of a few words`);
      }
    }
    assert.deepEqual(schemas.UnavailableState.enum, ['held', 'sold', 'blocked']);
    assert.deepEqual(schemas.RoomPatchBody.properties.opens_at.type, ['string', 'null']);
  });
});
