// What the tests of gates need: a foreign origin that tells what it was asked, a browser without a
// screen, and the program that guards the origin.
import { spawn } from 'node:child_process';
import http from 'node:http';
import { binary, freePort, sleep } from './server.mjs';

// Answers what it saw as JSON; some paths do more.
export async function foreignOrigin() {
  const seen = [];
  const server = http.createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const one = { method: request.method, url: request.url, headers: request.headers, size: body.length };
      seen.push(one);
      if (request.url.startsWith('/free/large')) return response.end(Buffer.alloc(3_000_000, 'x'));
      if (request.url.startsWith('/free/stream')) {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('data: first\n\n');
        setTimeout(() => response.end('data: last\n\n'), 300);
        return undefined;
      }
      if (request.url.startsWith('/free/cut')) {
        response.writeHead(200, { 'content-length': 1000 });
        response.write('half');
        setTimeout(() => response.destroy(), 50);
        return undefined;
      }
      if (request.method === 'OPTIONS') response.setHeader('access-control-allow-origin', request.headers.origin ?? '*');
      if (request.url.startsWith('/free/hints')) response.writeEarlyHints({ link: '</style.css>; rel=preload' });
      if (request.url.startsWith('/free/none')) return response.writeHead(204).end();
      response.writeHead(200, { 'content-type': 'application/json', 'set-cookie': ['a=1', 'b=2'], 'keep-alive': 'timeout=5', 'x-own': 'yes' });
      response.end(JSON.stringify(one));
      return undefined;
    });
  });
  const port = await freePort();
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    port, seen, url: `http://127.0.0.1:${port}`,
    close: () => new Promise((resolve) => { server.closeAllConnections(); server.close(resolve); }),
  };
}

// A browser: cookies, no following of redirects unless asked.
export class Browser {
  constructor({ html = true } = {}) {
    this.html = html;
    this.jar = new Map();
  }

  ask(url, { method = 'GET', headers = {}, body } = {}) {
    const where = new URL(url);
    const cookies = [...(this.jar.get(where.host) ?? new Map()).entries()].map(([k, v]) => `${k}=${v}`).join('; ');
    return new Promise((resolve, reject) => {
      const call = http.request(where, {
        method,
        agent: false,
        timeout: 15_000,
        headers: {
          accept: this.html ? 'text/html,*/*;q=0.8' : 'application/json',
          ...(cookies ? { cookie: cookies } : {}),
          ...headers,
        },
      }, (answer) => {
        const chunks = [];
        answer.on('data', (chunk) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          for (const set of answer.headers['set-cookie'] ?? []) this.#keep(where.host, set);
          const text = Buffer.concat(chunks).toString('utf8');
          let json;
          try { json = JSON.parse(text); } catch { json = undefined; }
          resolve({ status: answer.statusCode, headers: answer.headers, location: answer.headers.location, text, json });
        });
      });
      call.on('timeout', () => call.destroy(new Error(`no answer: ${url}`)));
      call.on('error', reject);
      call.end(body);
    });
  }

  #keep(host, set) {
    const [pair] = set.split(';');
    const at = pair.indexOf('=');
    if (!this.jar.has(host)) this.jar.set(host, new Map());
    this.jar.get(host).set(pair.slice(0, at), pair.slice(at + 1));
  }
}

export class Guard {
  constructor({ core, origin, room, port, prefixes = ['/buy'], env = {} }) {
    Object.assign(this, { core, origin, room, port, prefixes, env, log: '' });
  }

  get url() { return `http://127.0.0.1:${this.port}`; }

  async start() {
    this.port ??= await freePort();
    const args = ['guard', '--listen', `127.0.0.1:${this.port}`, '--room', this.room, '--issuer-url', this.core];
    if (this.origin) args.push('--origin', this.origin);
    for (const prefix of this.prefixes) args.push('--prefix', prefix);
    this.process = spawn(binary, args, {
      env: { ...process.env, ONSALE_GUARD_REFRESH_SECONDS: '1', ...this.env }, stdio: ['ignore', 'pipe', 'pipe'],
    });
    const keep = (chunk) => { this.log = (this.log + chunk).slice(-100_000); };
    this.process.stdout.on('data', keep);
    this.process.stderr.on('data', keep);
    this.exited = new Promise((resolve) => this.process.once('exit', (code, signal) => {
      this.over = true;
      resolve(code ?? signal);
    }));
    for (let i = 0; i < 400; ++i) {
      if (this.over) throw new Error(`the guard ended early:\n${this.log}`);
      try {
        await fetch(`${this.url}/.onsale-gate/health`);
        return this;
      } catch { await sleep(25); }
    }
    throw new Error(`the guard did not get ready:\n${this.log}`);
  }

  async health() {
    const answer = await fetch(`${this.url}/.onsale-gate/health`);
    return { status: answer.status, ...(await answer.json()) };
  }

  async stop() {
    if (!this.process || this.over) return this.exited;
    const impatience = setTimeout(() => this.process.kill('SIGKILL'), 10_000);
    this.process.kill('SIGTERM');
    const code = await this.exited;
    clearTimeout(impatience);
    return code;
  }
}

// Waits until `check` gives something true.
export async function until(what, check, ms = 8_000) {
  const end = Date.now() + ms;
  for (;;) {
    const value = await check();
    if (value) return value;
    if (Date.now() > end) throw new Error(`never happened: ${what}`);
    await sleep(50);
  }
}
