// A thin HTTP client of the API: who calls, and what came back. Never throws on a status.
import http from 'node:http';

const agent = new http.Agent({ keepAlive: true, maxSockets: 512 });

// Every answer from now on is compared with what the server declares (lib/declared.mjs).
let declared;
export function compareWith(description) { declared = description; }

export function request(url, { method = 'GET', headers = {}, body, timeout = 20_000 } = {}) {
  return new Promise((resolve, reject) => {
    const data = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    const call = http.request(url, {
      method,
      agent,
      timeout,
      headers: {
        ...(data === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(data) }),
        ...headers,
      },
    }, (answer) => {
      const chunks = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        let json;
        try { json = JSON.parse(text); } catch { json = undefined; }
        const result = { status: answer.statusCode, headers: answer.headers, text, json };
        try {
          declared?.check(method, url, result);
        } catch (error) {
          reject(error);
          return;
        }
        resolve(result);
      });
    });
    call.on('timeout', () => call.destroy(new Error(`no answer in ${timeout} ms: ${method} ${url}`)));
    call.on('error', reject);
    if (data !== undefined) call.write(data);
    call.end();
  });
}

export class Client {
  constructor(server, { token } = {}) {
    this.server = server;
    this.token = token;
    this.cookies = new Map();
  }

  async call(method, path, body, headers = {}) {
    const url = path.startsWith('/') && !path.startsWith('//') ? this.server.api + path
      : this.server.url + path.slice(1);
    const answer = await request(url, {
      method,
      body,
      headers: {
        ...(this.token ? { authorization: `Bearer ${this.token}` } : {}),
        ...(this.device ? { cookie: this.device } : {}),
        ...headers,
      },
    });
    for (const cookie of answer.headers['set-cookie'] ?? []) {
      const pair = cookie.split(';')[0];
      this.cookies.set(pair.split('=')[0], pair);
      if (pair.startsWith('onsale_device=')) this.device = pair;
    }
    return answer;
  }

  get(path, headers) { return this.call('GET', path, undefined, headers); }
  post(path, body, headers) { return this.call('POST', path, body ?? {}, headers); }
  patch(path, body, headers) { return this.call('PATCH', path, body, headers); }
  put(path, body, headers) { return this.call('PUT', path, body, headers); }
  del(path, headers) { return this.call('DELETE', path, undefined, headers); }

  async login({ email, password }) {
    const answer = await this.post('/auth/login', { email, password });
    if (answer.status !== 200) throw new Error(`login: ${answer.status} ${answer.text}`);
    this.token = answer.json.access_token;
    return this;
  }

  async signup(name) {
    const email = `${name}@buyers.test`;
    const answer = await this.post('/auth/signup', { email, password: 'a-long-password-1!', name });
    if (answer.status !== 201) throw new Error(`signup: ${answer.status} ${answer.text}`);
    this.token = answer.json.access_token;
    this.account = answer.json.account;
    return this;
  }
}

// Presses a button on the sandbox pay page as a plain HTML form, and follows the way back.
// Answers the last Location: the return_url with its reservation and state.
export async function decide(redirectUrl, decision, server) {
  const page = await request(new URL(redirectUrl, server.url).href);
  if (page.status !== 200) throw new Error(`pay page: ${page.status} ${page.text}`);
  const action = /<form[^>]*action="([^"]*)"/.exec(page.text)?.[1]?.replaceAll('&amp;', '&') ?? redirectUrl;
  let answer = await request(new URL(action || redirectUrl, new URL(redirectUrl, server.url)).href, {
    method: 'POST',
    body: `decision=${decision}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  for (let i = 0; i < 3 && answer.status >= 300 && answer.status < 400; ++i) {
    const location = new URL(answer.headers.location, server.url);
    if (location.origin !== server.url || !location.pathname.startsWith('/api/')) return location;
    answer = await request(location.href);
  }
  throw new Error(`no way back from the pay page: ${answer.status} ${answer.text}`);
}

export async function films(client) {
  const { json } = await client.get('/shows?kind=film&limit=100&sort=title');
  return json.items.filter((show) => show.sale_state === 'on_sale');
}

export async function musicals(client) {
  const { json } = await client.get('/shows?kind=musical&limit=100&sort=title');
  return json.items.filter((show) => show.sale_state === 'on_sale');
}

// A performance of a show that is on sale.
export async function openPerformance(client, show) {
  const { json } = await client.get(`/shows/${show.id}/performances`);
  return json.items.find((item) => item.sale_state === 'on_sale');
}
