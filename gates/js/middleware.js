// The gate as Express-like middleware and as a wrapper of a fetch handler.
import { Entrance } from './entrance.js';
import { Gate } from './index.js';
import { follow } from './keys.js';

const escapeHtml = (text) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

const WORDS = {
  503: ['잠시 후 열립니다', 'Opening in a moment'],
  401: ['대기실을 거쳐 주세요', 'Please wait in line first'],
  403: ['쓸 수 없는 입장권입니다', 'This pass is not valid here'],
};

// What is said to whoever stays outside: {status, headers, body}.
export function answerOf(decision, html) {
  const headers = { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' };
  if (decision.setCookie) headers['set-cookie'] = decision.setCookie;
  if (decision.step === 'redirect') return { status: 303, headers: { ...headers, location: decision.location }, body: '' };
  const { status, refusal, enterUrl } = decision;
  if (status === 503) headers['retry-after'] = '5';
  const [ko, en] = WORDS[status];
  if (!html) {
    const problem = { type: 'about:blank', title: en, status, code: refusal, ...(enterUrl ? { enter_url: enterUrl } : {}) };
    return { status, headers: { ...headers, 'content-type': 'application/problem+json' }, body: JSON.stringify(problem) };
  }
  const link = enterUrl ? `<p><a href="${escapeHtml(enterUrl)}">대기실로 가기 · Go to the waiting room</a></p>` : '';
  const again = status === 503 ? '<meta http-equiv="refresh" content="5">' : '';
  const body = `<!doctype html><html lang="en"><meta charset="utf-8">${again}<meta name="viewport" content="width=device-width">`
    + `<title>${en}</title><h1 lang="ko">${ko}</h1><h1>${en}</h1>${link}</html>`;
  return { status, headers: { ...headers, 'content-type': 'text/html; charset=utf-8' }, body };
}

// A gate that follows its server: {gate, entrance, stop}.
export function makeEntrance({ url, room, issuer = 'onsale', publicUrl = '', everyMs, onError, fetch, ...options }) {
  const gate = new Gate({ room, issuer, ...options });
  const entrance = new Entrance(gate, {
    enterUrl: `${url.replace(/\/+$/, '')}/wait/${room}`, secure: publicUrl.startsWith('https://'),
  });
  return { gate, entrance, stop: follow(gate, { url, entrance, everyMs, onError, fetch }) };
}

// app.use('/buy', expressGate({url: 'https://tickets.example', room: 'film-x', publicUrl: 'https://shop.example'}));
// `request.onsalePlace` is who comes; `stop()` of the middleware ends its polling.
export function expressGate(options) {
  const { entrance, stop } = options.entrance ? { entrance: options.entrance, stop() {} } : makeEntrance(options);
  const publicUrl = (options.publicUrl ?? '').replace(/\/+$/, '');
  async function middleware(request, response, next) {
    try {
      const html = (request.headers.accept ?? '').includes('text/html');
      const site = publicUrl || `http://${request.headers.host}`;
      const decision = await entrance.decide({
        url: site + (request.originalUrl ?? request.url),
        method: request.method,
        cookies: request.headers.cookie,
        pass: request.headers['onsale-pass'],
        html,
      });
      if (decision.step === 'forward') {
        if (decision.setCookie) response.appendHeader('set-cookie', decision.setCookie);
        request.onsalePlace = decision.place;
        return next();
      }
      const { status, headers, body } = answerOf(decision, html);
      response.writeHead(status, headers).end(request.method === 'HEAD' ? undefined : body);
    } catch (error) {
      next(error); // fail closed: nothing was let through
    }
    return undefined;
  }
  return Object.assign(middleware, { stop });
}

// export default {fetch: fetchGate({url, room, publicUrl}, (request, place) => new Response('in'))};
export function fetchGate(options, handler) {
  const { entrance, stop } = options.entrance ? { entrance: options.entrance, stop() {} } : makeEntrance(options);
  const publicUrl = (options.publicUrl ?? '').replace(/\/+$/, '');
  async function handle(request, ...more) {
    const html = (request.headers.get('accept') ?? '').includes('text/html');
    const { pathname, search, origin } = new URL(request.url);
    const decision = await entrance.decide({
      url: (publicUrl || origin) + pathname + search,
      method: request.method,
      cookies: request.headers.get('cookie') ?? '',
      pass: request.headers.get('onsale-pass') ?? '',
      html,
    });
    if (decision.step !== 'forward') {
      const { status, headers, body } = answerOf(decision, html);
      return new Response(request.method === 'HEAD' ? null : body, { status, headers });
    }
    const answer = await handler(request, decision.place, ...more);
    if (!decision.setCookie) return answer;
    const own = new Response(answer.body, answer);
    own.headers.append('set-cookie', decision.setCookie);
    return own;
  }
  return Object.assign(handle, { stop });
}
