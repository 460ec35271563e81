// `onsale sandbox` as a process of its own, and what a shop and a test say to it.
import { spawn } from 'node:child_process';
import { request } from './api.mjs';
import { binary, freePort, sleep } from './server.mjs';

const form = { 'content-type': 'application/x-www-form-urlencoded' };

export class Sandbox {
  static async start({ data, webhook, port } = {}) {
    const sandbox = new Sandbox();
    sandbox.port = port ?? await freePort();
    sandbox.url = `http://127.0.0.1:${sandbox.port}`;
    const args = ['sandbox', '--listen', `127.0.0.1:${sandbox.port}`];
    if (data) args.push('--data', data);
    if (webhook) args.push('--webhook', webhook);
    sandbox.process = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    sandbox.log = '';
    for (const stream of [sandbox.process.stdout, sandbox.process.stderr]) {
      stream.on('data', (chunk) => { sandbox.log = (sandbox.log + chunk).slice(-20_000); });
    }
    sandbox.exited = new Promise((resolve) => sandbox.process.once('exit', (code, signal) => {
      sandbox.over = true;
      resolve(code ?? signal);
    }));
    for (let i = 0; i < 400; ++i) {
      if (sandbox.over) throw new Error(`the stand-in ended early:\n${sandbox.log}`);
      if (sandbox.log.includes('Press Ctrl-C')) return sandbox;
      await sleep(50);
    }
    throw new Error(`the stand-in did not get ready:\n${sandbox.log}`);
  }

  kill(signal = 'SIGKILL') {
    if (!this.over) this.process.kill(signal);
    return this.exited;
  }

  stop() { return this.kill('SIGTERM'); }

  control(method, path, body) { return request(`${this.url}/control${path}`, { method, body }); }

  toss(method, path, body, { key = 'test_sk_shop', headers = {} } = {}) {
    const authorization = `Basic ${Buffer.from(`${key}:`).toString('base64')}`;
    return request(`${this.url}/toss/v1${path}`, { method, body, headers: { authorization, ...headers } });
  }

  kakaopay(path, body) {
    return request(`${this.url}/kakaopay/online/v1/payment${path}`, {
      method: 'POST', body, headers: { authorization: 'SECRET_KEY DEV0123456789ABCDEF' },
    });
  }

  // Where a shop sends the buyer of an order.
  payPage(orderId, amount, { shop = 'http://shop.test', orderName = '레미제라블 R석 2매', lang = '' } = {}) {
    const page = new URL(`${this.url}/toss/pay`);
    for (const [name, value] of Object.entries({
      clientKey: 'test_ck_shop', orderId, amount, orderName, customerName: '김온세',
      successUrl: `${shop}/back?ours=1`, failUrl: `${shop}/failed`, lang,
    })) if (value !== '') page.searchParams.set(name, value);
    return page.href;
  }

  ready(total, { order = 'order-1', shop = 'http://shop.test', cid = 'TC0ONETIME' } = {}) {
    return this.kakaopay('/ready', {
      cid, partner_order_id: order, partner_user_id: 'buyer-1', item_name: '레미제라블 R석 2매',
      quantity: '2', total_amount: String(total), tax_free_amount: '0',
      approval_url: `${shop}/ok`, cancel_url: `${shop}/left`, fail_url: `${shop}/failed`,
    });
  }

  post(path, body) { return request(this.url + path, { method: 'POST', body, headers: form }); }
}
