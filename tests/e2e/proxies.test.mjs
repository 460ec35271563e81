// What stands between browsers and the server, and who reads its pages beside people: a proxy that
// buffers and rewrites the host, addresses written in other ways, programs that show links.
import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import test from 'node:test';
import { Client, films, openPerformance, request } from './lib/api.mjs';
import { until } from './lib/browser.mjs';
import { documentedNginx, plainNginx } from './lib/nginx.mjs';
import { admin, buyer, freePort, started } from './lib/server.mjs';

// The first bytes of an answer that does not end, and its head.
function first(url, headers) {
  return new Promise((resolve, reject) => {
    const asked = Date.now();
    const call = http.get(url, { headers, agent: false, timeout: 20_000 }, (answer) => {
      answer.once('data', (chunk) => {
        resolve({ status: answer.statusCode, headers: answer.headers, text: String(chunk), ms: Date.now() - asked });
        call.destroy();
      });
      answer.on('error', () => {});
    });
    call.on('timeout', () => call.destroy(new Error('not a byte in 20 s')));
    call.on('error', reject);
  });
}

// A WebSocket's handshake: the status.
function handshake(port, origin) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(
      `GET /ws HTTP/1.1\r\nHost: backend\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nOrigin: ${origin}\r\n`
      + 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: v12.stomp\r\n\r\n'));
    socket.once('data', (chunk) => { resolve(Number(String(chunk).slice(9, 12))); socket.destroy(); });
    socket.on('error', reject);
  });
}

test('behind an nginx with its defaults', { timeout: 120_000 }, async (t) => {
  const port = await freePort();
  const site = `http://127.0.0.1:${port}`;
  const core = await started({ env: { ONSALE_SERVER_PUBLIC_URL: site } });
  t.after(() => core.stop());
  const proxy = await plainNginx({ port, to: core.url });
  t.after(() => proxy.stop());
  const boss = await new Client(core).login(admin);
  const room = (await films(boss))[0].room_id;
  assert.equal((await boss.patch(`/admin/rooms/${room}`, { mode: 'queue', capacity: 0 })).status, 200);

  await t.test('events come when they happen', async () => {
    const { json } = await new Client(core).post(`/rooms/${room}/places`);
    const event = await first(`${site}/api/v1/rooms/${room}/places/me/events`, { 'onsale-place': json.place });
    assert.equal(event.status, 200);
    assert.match(event.text, /^event: place$/m);
    assert.ok(event.ms < 10_000, `${event.ms} ms`);
  });

  await t.test('a browser\'s changes and sockets are of our own site, though the host was rewritten', async () => {
    const browser = { cookies: '' };
    const signed = await request(`${site}/api/v1/auth/login`, { method: 'POST', body: buyer, headers: { origin: site } });
    assert.equal(signed.status, 200, signed.text);
    browser.cookies = signed.headers['set-cookie'].map((one) => one.split(';')[0]).join('; ');
    const change = (origin) => request(`${site}/api/v1/auth/refresh`, {
      method: 'POST', headers: { cookie: browser.cookies, 'x-onsale-csrf': '1', origin },
    });
    assert.equal((await change('https://evil.test')).status, 403);
    assert.equal((await change(site.replace('127.0.0.1', '127.0.0.2'))).status, 403);
    assert.equal((await change(site)).status, 200);
    assert.equal(await handshake(core.port, site), 101);
    assert.equal(await handshake(core.port, 'https://evil.test'), 403);
  });
});

test('behind an nginx as docs/operations/proxies.md has it', { timeout: 120_000 }, async (t) => {
  const port = await freePort();
  const site = `http://127.0.0.1:${port}`;
  const behind = async (trusted) => {
    const core = await started({ env: {
      ONSALE_SERVER_PUBLIC_URL: site, ONSALE_SERVER_TRUSTED_PROXIES: trusted, ONSALE_LIMITS_RATE_ENABLED: 'true',
      ONSALE_LIMITS_ADDRESS_PER_SECOND: '0.1', ONSALE_LIMITS_ADDRESS_BURST: '5',
    } });
    const proxy = await documentedNginx({ port, to: core.url });
    // Whether somebody with that address has used up what one may ask at once.
    const spent = async (address) => {
      const answers = [];
      for (let each = 0; each < 8; ++each) {
        answers.push((await request(`${site}/api/v1/shows?limit=1`, { headers: { 'x-forwarded-for': address } })).status);
      }
      return answers[0] === 429;
    };
    return { core, spent, stop: async () => { await proxy.stop(); await core.stop(); } };
  };

  await t.test('people have their own addresses, sockets pass', async () => {
    const front = await behind('127.0.0.1');
    try {
      assert.equal(await handshake(port, `http://127.0.0.1:${port}`), 101);
      assert.equal(await handshake(port, 'https://evil.test'), 403);
      assert.deepEqual([await front.spent('203.0.113.7'), await front.spent('203.0.113.7'), await front.spent('203.0.113.8')], [false, true, false]);
      assert.doesNotMatch(front.core.log, /trusted_proxies/);
    } finally {
      await front.stop();
    }
  });

  await t.test('a proxy that no setting names makes everybody one, and operators are told', async () => {
    const front = await behind('');
    try {
      assert.deepEqual([await front.spent('203.0.113.7'), await front.spent('203.0.113.8')], [false, true]);
      await until('it is told', async () => /name it in server\.trusted_proxies.*"peer":"127\.0\.0\.1"/.test(front.core.log));
    } finally {
      await front.stop();
    }
  });
});

test('addresses and who reads them', { timeout: 120_000 }, async (t) => {
  const core = await started();
  t.after(() => core.stop());
  const boss = await new Client(core).login(admin);
  const show = (await films(boss))[0];
  const performance = await openPerformance(boss, show);
  const get = (path, headers = {}) => request(core.url + path, { headers });
  const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

  await t.test('a page has one address, and every other spelling of it leads there', async () => {
    for (const [spelling, right] of [
      [`/wait/${show.room_id}/?performance=${performance.id}`, `/wait/${show.room_id}?performance=${performance.id}`],
      [`/wait/${show.room_id.toUpperCase()}`, `/wait/${show.room_id}`],
      [`//Wait//${show.room_id}`, `/wait/${show.room_id}`],
      [`/Shows/${show.id}/`, `/shows/${show.id}`],
      [`/%73hows/${show.id}`, `/shows/${show.id}`],
      ['/login/?next=%2F', '/login?next=%2F'],
    ]) {
      const answer = await get(spelling, browser);
      assert.equal(answer.status, 308, spelling);
      assert.equal(answer.headers.location, right);
      assert.equal((await get(right, browser)).status, 200, right);
    }
  });

  await t.test('the app\'s addresses answer everybody, all others nobody', async () => {
    for (const path of ['/', `/shows/${show.id}`, `/performances/${performance.id}`, '/login', '/signup', '/my/reservations',
      '/checkout/x', '/tickets/x', '/admin/rooms', `/admin/rooms/${show.room_id}`, `/wait/${show.room_id}`]) {
      for (const accept of ['*/*', 'text/html', 'application/json', undefined]) {
        const answer = await get(path, accept ? { accept } : {});
        assert.equal(answer.status, 200, `${path} ${accept}`);
        assert.match(answer.headers['content-type'], /^text\/html/);
      }
    }
    for (const path of ['/nowhere', '/shows', '/shows/shw_00000000000000000000000000', '/shows/x', '/wait', '/wait/no-such-room',
      '/wait/%zz', `/wait/${show.room_id}/x`, '/performances/x', '/admin']) {
      const answer = await get(path, browser);
      assert.equal(answer.status, 404, path);
      assert.match(answer.headers['content-type'], /^text\/html/, path);
    }
    assert.match((await get('/nowhere')).headers['content-type'], /problem\+json/);
  });

  await t.test('links show what they lead to', async () => {
    for (const path of [`/shows/${show.id}`, `/performances/${performance.id}`, `/wait/${show.room_id}`]) {
      const { text } = await get(path);
      assert.ok(text.includes(`<meta property="og:title" content="${show.title}">`), `${path}\n${text.slice(0, 1500)}`);
      const image = /<meta property="og:image" content="([^"]+)">/.exec(text)?.[1];
      assert.ok(image?.startsWith(`${core.url}/posters/`), image);
      assert.equal((await request(image)).status, 200);
      assert.match(text, /<meta property="og:description" content="[^"]{5,}/);
    }
    assert.match((await get('/')).text, /<meta property="og:description" content="[^"]{5,}/);
    const robots = await get('/robots.txt');
    assert.match(robots.text, /^User-agent: \*\n/);
    assert.ok(robots.text.includes(`Sitemap: ${core.url}/sitemap.xml`));
    assert.ok((await get('/sitemap.xml')).text.includes(`<loc>${core.url}/shows/${show.id}</loc>`));
  });

  await t.test('what else an address holds keeps nobody out', async () => {
    for (const noise of ['utm=%', 'x=%E4%F6', '%zz', 'y=%00'])
      assert.equal((await get(`/wait/${show.room_id}?performance=${performance.id}&${noise}`)).status, 200, noise);
    // The way back from paying reads its own fields only: no such payment, but no broken query.
    for (const noise of ['x=%ff', 'utm=%', '%zz'])
      assert.equal((await get(`/api/v1/payments/pay_00000000000000000000000000/return?key=a&${noise}`)).status, 404, noise);
  });
});
