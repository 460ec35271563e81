// Starts the real binary on a free port over a fresh data directory, and stops it by its pid.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../../..');
export const binary = process.env.ONSALE_BINARY ?? path.join(root, 'build/release/onsale');
export const admin = { email: 'admin@onsale.test', password: 'onsale-demo-1!' };
export const buyer = { email: 'buyer@onsale.test', password: 'onsale-demo-1!' };

// A free port below the range that outgoing connections take theirs from: a server that is killed and
// started again on the same port must find it free, and a client knocking meanwhile must not meet itself.
// Files that run beside each other have ranges of their own (tools/run_tests.py).
const [lowest, beyond] = (process.env.ONSALE_TEST_PORTS ?? '12000-32000').split('-').map(Number);
export async function freePort() {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * (beyond - lowest));
    const free = await new Promise((resolve) => {
      const probe = net.createServer();
      probe.once('error', () => resolve(false));
      probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
    });
    if (free) return port;
  }
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export function scratch() {
  return mkdtempSync(path.join(os.tmpdir(), 'onsale-e2e-'));
}

// Runs a command line to its end: {status, out, err}.
export function onsale(args, options = {}) {
  const done = spawnSync(binary, args, { encoding: 'utf8', timeout: 30_000, ...options });
  return { status: done.status, out: done.stdout, err: done.stderr };
}

export class Server {
  constructor({ data, port, env = {}, demo = true, args = [] } = {}) {
    this.data = data ?? scratch();
    this.owned = !data;
    this.port = port;
    this.env = env;
    this.demo = demo;
    this.args = args;
    this.log = '';
  }

  get url() { return `http://127.0.0.1:${this.port}`; }
  get api() { return `${this.url}/api/v1`; }

  async start() {
    this.port ??= await freePort();
    const args = ['serve', '--listen', `127.0.0.1:${this.port}`, '--data', this.data, ...this.args];
    if (this.demo) args.push('--demo');
    this.process = spawn(binary, args, {
      env: { ...process.env, ONSALE_LIMITS_RATE_ENABLED: 'false', ...this.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const keep = (chunk) => { this.log = (this.log + chunk).slice(-200_000); };
    this.process.stdout.on('data', keep);
    this.process.stderr.on('data', keep);
    this.exited = new Promise((resolve) => this.process.once('exit', (code, signal) => {
      this.process.over = true;
      resolve(code ?? signal);
    }));
    for (let i = 0; i < 600; ++i) {
      if (this.process.over) throw new Error(`the server ended early:\n${this.log}`);
      try {
        const ready = await fetch(`${this.url}/health/ready`);
        if (ready.status === 200) return this;
      } catch { /* not listening yet */ }
      await sleep(50);
    }
    throw new Error(`the server did not get ready:\n${this.log}`);
  }

  async kill(signal = 'SIGKILL') {
    if (this.process && !this.process.over) this.process.kill(signal);
    return this.exited;
  }

  async stop() {
    const impatience = setTimeout(() => this.kill('SIGKILL'), 15_000);
    await this.kill('SIGTERM');
    clearTimeout(impatience);
    if (this.owned) rmSync(this.data, { recursive: true, force: true });
  }
}

export async function started(options) {
  return new Server(options).start();
}
