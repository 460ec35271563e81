// The gate as Express-like middleware and as a wrapper of a fetch handler.
import { Entrance } from './entrance.js';
import { Gate } from './index.js';
import { follow } from './keys.js';
import { isPreflight, readPath } from './path.js';

const escapeHtml = (text) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

const ALL = ['/'];
const UNREADABLE = { step: 'refuse', status: 400, refusal: 'bad_target', enterUrl: '' };

const WORDS = {
  400: ['주소를 읽을 수 없습니다', 'This address cannot be read'],
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

// What is behind may answer any method alike: of what it says to a preflight only the head goes out.
function headOnly(response) {
  const writeHead = response.writeHead;
  response.writeHead = (status, ...more) => {
    for (const name of ['content-length', 'content-type', 'etag']) response.removeHeader(name);
    return writeHead.call(response, status >= 200 && status < 300 ? 204 : status, ...more);
  };
}

// app.use(expressGate({url: 'https://tickets.example', room: 'film-x', publicUrl: 'https://shop.example', prefixes: ['/buy']}));
// `prefixes` says what is guarded, in every spelling; without it, all that comes here is.
// `request.onsalePlace` is who comes; `stop()` of the middleware ends its polling.
export function expressGate(options) {
  const { entrance, stop } = options.entrance ? { entrance: options.entrance, stop() {} } : makeEntrance(options);
  const publicUrl = (options.publicUrl ?? '').replace(/\/+$/, '');
  async function middleware(request, response, next) {
    try {
      const html = (request.headers.accept ?? '').includes('text/html');
      const site = publicUrl || `http://${request.headers.host}`;
      const target = (request.originalUrl ?? request.url).replace(/^https?:\/\/[^/?]*/i, '');
      const reading = readPath(target.split('?', 1)[0], options.prefixes ?? ALL);
      if (reading === 'free') return next();
      if (reading === 'guarded' && isPreflight(request.method, (name) => request.headers[name], Object.keys(request.headers))) {
        headOnly(response);
        return next();
      }
      const decision = reading === 'refused' ? UNREADABLE : await entrance.decide({
        url: site + target,
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
    const reading = readPath(pathname, options.prefixes ?? ALL);
    if (reading === 'free') return handler(request, undefined, ...more);
    if (reading === 'guarded' && isPreflight(request.method, (name) => request.headers.get(name), [...request.headers.keys()])) {
      const { status, headers } = await handler(request, undefined, ...more);
      return new Response(null, { status: status < 300 ? 204 : status, headers });
    }
    const decision = reading === 'refused' ? UNREADABLE : await entrance.decide({
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
