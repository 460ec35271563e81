// Who may pass, one request at a time: the gate's own cookie, or a pass in the address, a header or a
// cookie. The middleware for Node and the handler for fetch are thin shells around this.
import { toBase64url, unixSeconds } from './index.js';

const PARAMETER = 'onsale_pass';
const BEFORE_ENTRY_SECONDS = 86_400; // how long the wait may take
const RENEW_EVERY_SECONDS = 8;
const RETURN_BYTES_MAX = 2000;
const STATUS = {
  no_keys: 503, full: 503, pass_required: 401, expired: 401, revoked: 401, used: 403,
};

const randomId = () => toBase64url(crypto.getRandomValues(new Uint8Array(16)));

function cookieValue(cookies, name) {
  for (const pair of (cookies ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return '';
}

// Takes the pass out of an address and leaves everything else as it was written.
export function withoutPass(url) {
  const at = url.indexOf('?');
  if (at < 0) return { clean: url, pass: '' };
  let pass = '';
  const kept = url.slice(at + 1).split('&').filter((pair) => {
    if (pair !== PARAMETER && !pair.startsWith(`${PARAMETER}=`)) return true;
    pass ||= pair.slice(PARAMETER.length + 1);
    return false;
  });
  return { clean: url.slice(0, at) + (kept.length ? `?${kept.join('&')}` : ''), pass };
}

export class Entrance {
  #gate; #stamps; #inside = new Map(); #byPass = new Map();
  #enterUrl; #sessionSeconds; #insideMax; #secure;

  constructor(gate, { enterUrl = '', sessionSeconds = 600, insideMax = 1_000_000, secure = false } = {}) {
    this.#gate = gate;
    this.#enterUrl = enterUrl;
    this.#sessionSeconds = sessionSeconds;
    this.#insideMax = insideMax;
    this.#secure = secure;
    // Of this process: a restart ends visits, but nobody's slot.
    this.#stamps = crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']);
    this.#stamps.catch(() => {});
  }

  get gate() { return this.#gate; }
  get inside() { return this.#inside.size; }
  get cookieName() { return `onsale_gate_${this.#gate.room}`; }

  setRoom({ enterUrl, sessionSeconds }) {
    this.#enterUrl = enterUrl;
    this.#sessionSeconds = sessionSeconds;
  }

  // `url` is absolute, as the browser sees it. Answers {step: 'forward', place, clean, setCookie?},
  // {step: 'redirect', location, setCookie?} or {step: 'refuse', status, refusal, enterUrl, setCookie?}.
  async decide({ url, method = 'GET', cookies = '', pass = '', html = false }, now = unixSeconds()) {
    if (!this.#gate.hasKeys) return { step: 'refuse', status: 503, refusal: 'no_keys', enterUrl: '' };
    const { clean, pass: given } = withoutPass(url);
    const reads = method === 'GET' || method === 'HEAD';
    const known = await this.#sessionOf(cookies);
    const visitor = known && this.#inside.get(known);
    if (visitor && visitor.endsAt > now && visitor.epoch >= this.#gate.epoch) {
      visitor.seenAt = now;
      return given && reads ? { step: 'redirect', location: clean } : { step: 'forward', place: visitor.place, clean };
    }
    const session = known || randomId();
    const verdict = await this.#enter(given || pass || cookieValue(cookies, PARAMETER), session, now);
    if (verdict.ok) {
      const setCookie = await this.#cookie(session, this.#sessionSeconds);
      return given && reads ? { step: 'redirect', location: clean, setCookie }
        : { step: 'forward', place: verdict.pass.place, clean, setCookie };
    }
    const { refusal } = verdict;
    const status = STATUS[refusal] ?? 403;
    // Whoever sent a form comes back to the site: a wait page can't send it.
    const enterUrl = this.#enterAt(reads ? clean : new URL('/', clean).href);
    // The pass that comes later will belong to the browser that was given this cookie now.
    const setCookie = known ? undefined : await this.#cookie(session, BEFORE_ENTRY_SECONDS);
    // A refused pass in the address is explained: sending its owner back at once could go round for ever.
    if (html && reads && !given && status !== 503) return { step: 'redirect', location: enterUrl, setCookie };
    return { step: 'refuse', status, refusal, enterUrl, setCookie };
  }

  // Passes of people who came, and whose slots have to be kept alive.
  dueLeases(max, now = unixSeconds()) {
    const due = [];
    for (const [session, visitor] of this.#inside) {
      if (visitor.endsAt <= now) this.#forget(session);
      else if (visitor.seenAt > visitor.renewedAt && visitor.renewedAt + RENEW_EVERY_SECONDS <= now) {
        visitor.renewedAt = now;
        due.push(visitor.pass);
        if (due.length === max) break;
      }
    }
    return due;
  }

  // Those slots are gone: who comes with such a session needs a new pass.
  ended(passIds) {
    for (const id of passIds) this.#forget(this.#byPass.get(id));
  }

  async #enter(pass, session, now) {
    if (!pass) return { ok: false, refusal: 'pass_required' };
    const verdict = await this.#gate.use(pass, session, now);
    if (!verdict.ok) return verdict;
    this.#forget(session);
    if (this.#inside.size >= this.#insideMax) this.dueLeases(0, now);
    if (this.#inside.size >= this.#insideMax) return { ok: false, refusal: 'full' };
    const { place, id, epoch } = verdict.pass;
    this.#inside.set(session, { place, pass, id, epoch, endsAt: now + this.#sessionSeconds, seenAt: now, renewedAt: 0 });
    this.#byPass.set(id, session);
    return verdict;
  }

  #forget(session) {
    const visitor = this.#inside.get(session);
    if (!visitor) return;
    this.#inside.delete(session);
    this.#byPass.delete(visitor.id);
  }

  #enterAt(back) {
    return back.length > RETURN_BYTES_MAX ? this.#enterUrl : `${this.#enterUrl}?return=${encodeURIComponent(back)}`;
  }

  async #stamp(session) {
    const raw = await crypto.subtle.sign('HMAC', await this.#stamps, new TextEncoder().encode(session));
    return toBase64url(new Uint8Array(raw).subarray(0, 16));
  }

  async #cookie(session, seconds) {
    const value = `${session}.${await this.#stamp(session)}`;
    return `${this.cookieName}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${seconds}${this.#secure ? '; Secure' : ''}`;
  }

  // The session that the visitor's cookie proves.
  async #sessionOf(cookies) {
    const [session, stamp] = cookieValue(cookies, this.cookieName).split('.');
    if (!session || !stamp) return '';
    const right = await this.#stamp(session);
    let different = right.length ^ stamp.length;
    for (let i = 0; i < right.length; ++i) different |= right.charCodeAt(i) ^ stamp.charCodeAt(i);
    return different === 0 ? session : '';
  }
}
