// Checks onsale's passes offline. Runs wherever there is WebCrypto: Node 20, Deno, Bun, workers.
// One algorithm, EdDSA over Ed25519: nothing in a pass can choose another.

const PASS_BYTES_MAX = 2048;
const ID_BYTES_MAX = 128;
const END_OF_YEAR_9999 = 253_402_300_799;
const BASE64URL = /^[A-Za-z0-9_-]*$/;
const text = new TextDecoder('utf-8', { fatal: true });
const bytes = new TextEncoder();

export const refusals = Object.freeze([
  'no_keys', 'malformed', 'bad_algorithm', 'unknown_key', 'bad_signature', 'wrong_type',
  'wrong_issuer', 'wrong_room', 'expired', 'not_yet_valid', 'revoked', 'used', 'full',
]);

const refuse = (refusal) => ({ ok: false, refusal });

// Strict: no padding, no other alphabet, no stray bits, so that every pass has one spelling.
export function fromBase64url(encoded) {
  if (!BASE64URL.test(encoded) || encoded.length % 4 === 1) return undefined;
  const binary = atob(encoded.replaceAll('-', '+').replaceAll('_', '/'));
  const out = Uint8Array.from(binary, (c) => c.charCodeAt(0));
  return toBase64url(out) === encoded ? out : undefined;
}

export function toBase64url(raw) {
  return btoa(String.fromCharCode(...raw)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

// A JSON object whose members are plain: nothing of a pass is nested.
function flatObject(encoded) {
  const raw = fromBase64url(encoded);
  if (!raw) return undefined;
  try {
    const value = JSON.parse(text.decode(raw));
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
    const nested = Object.values(value).some((member) => member !== null && typeof member === 'object');
    return nested ? undefined : value;
  } catch {
    return undefined;
  }
}

const isId = (value) => typeof value === 'string' && value !== '' && bytes.encode(value).length <= ID_BYTES_MAX;
const isTime = (value) => Number.isInteger(value) && value >= 0 && value <= END_OF_YEAR_9999;

function passOf(claims, room, issuer) {
  const { iss, aud, sub, jti, iat, nbf, exp, epoch = 0 } = claims;
  if (typeof iss !== 'string' || typeof aud !== 'string' || !isId(sub) || !isId(jti)) return refuse('malformed');
  if (!isTime(iat) || !isTime(nbf) || !isTime(exp) || !Number.isSafeInteger(epoch)) return refuse('malformed');
  if (iss !== issuer) return refuse('wrong_issuer');
  if (aud !== room) return refuse('wrong_room');
  return { ok: true, pass: { room: aud, place: sub, id: jti, issuedAt: iat, notBefore: nbf, expiresAt: exp, epoch } };
}

export const unixSeconds = () => Math.floor(Date.now() / 1000);

export class Gate {
  #room; #issuer; #skew; #usesMax;
  #keys = new Map();
  #epoch = 0;
  #uses = new Map(); // jti -> session
  #byExpiry = new Map(); // unix second -> jtis
  #forgottenTo = 0;

  constructor({ room, issuer, skewSeconds = 5, usesMax = 1_000_000 }) {
    if (!room || !issuer) throw new TypeError('a gate needs a room and an issuer');
    this.#room = room;
    this.#issuer = issuer;
    this.#skew = skewSeconds;
    this.#usesMax = usesMax;
  }

  get room() { return this.#room; }
  get epoch() { return this.#epoch; }
  get hasKeys() { return this.#keys.size > 0; }
  get uses() { return this.#uses.size; }

  // Replaces every key by those of a JWK set; throws, and keeps the old ones, when it holds none of ours.
  async setKeys(jwks) {
    const fresh = new Map();
    for (const { kty, crv, kid, x, alg = 'EdDSA' } of jwks?.keys ?? []) {
      if (kty !== 'OKP' || crv !== 'Ed25519' || alg !== 'EdDSA') continue;
      if (typeof kid !== 'string' || kid === '' || fromBase64url(String(x))?.length !== 32) {
        throw new TypeError('a key of the set is broken');
      }
      const key = await crypto.subtle.importKey('jwk', { kty, crv, x }, 'Ed25519', false, ['verify']);
      fresh.set(kid, key);
    }
    if (fresh.size === 0 || fresh.size > 16) throw new TypeError('the set holds no Ed25519 key, or too many');
    this.#keys = fresh;
  }

  // Passes of an earlier epoch are refused from now on. Never goes back: a stale copy of the setting
  // must not bring revoked passes to life.
  setEpoch(epoch) {
    if (!Number.isSafeInteger(epoch)) throw new TypeError('an epoch is an integer');
    this.#epoch = Math.max(this.#epoch, epoch);
  }

  // What the pass says, without using it up: {ok: true, pass} or {ok: false, refusal}.
  async check(jwt, now = unixSeconds()) {
    const verdict = await this.#authentic(jwt);
    if (!verdict.ok) return verdict;
    const { pass } = verdict;
    if (now >= pass.expiresAt + this.#skew) return refuse('expired');
    if (now + this.#skew < pass.notBefore) return refuse('not_yet_valid');
    if (pass.epoch < this.#epoch) return refuse('revoked');
    return verdict;
  }

  // check(), and the pass belongs to `session` from now on: a secret that you gave this visitor, such
  // as a random cookie. Without a session a pass is good for one call.
  async use(jwt, session = '', now = unixSeconds()) {
    const verdict = await this.check(jwt, now);
    if (!verdict.ok) return verdict;
    // Nothing is awaited from here on: two requests with one pass cannot both be the first.
    const { id, expiresAt } = verdict.pass;
    this.#forgetExpired(now);
    if (this.#uses.has(id)) return session !== '' && this.#uses.get(id) === session ? verdict : refuse('used');
    if (this.#uses.size >= this.#usesMax) return refuse('full');
    this.#uses.set(id, session);
    const until = expiresAt + this.#skew;
    if (!this.#byExpiry.has(until)) this.#byExpiry.set(until, []);
    this.#byExpiry.get(until).push(id);
    return verdict;
  }

  #forgetExpired(now) {
    if (now === this.#forgottenTo) return;
    this.#forgottenTo = now;
    for (const [until, ids] of this.#byExpiry) {
      if (until > now) continue;
      for (const id of ids) this.#uses.delete(id);
      this.#byExpiry.delete(until);
    }
  }

  // Nothing of what a pass says is looked at before its signature has been found good.
  async #authentic(jwt) {
    if (this.#keys.size === 0) return refuse('no_keys');
    if (typeof jwt !== 'string' || jwt.length > PASS_BYTES_MAX) return refuse('malformed');
    const parts = jwt.split('.');
    if (parts.length !== 3) return refuse('malformed');
    const header = flatObject(parts[0]);
    const signature = fromBase64url(parts[2]);
    if (!header || !signature || 'crit' in header) return refuse('malformed');
    if (header.alg !== 'EdDSA') return refuse('bad_algorithm');
    const key = this.#keys.get(header.kid);
    if (!key) return refuse('unknown_key');
    const message = bytes.encode(`${parts[0]}.${parts[1]}`);
    const good = signature.length === 64 && await crypto.subtle.verify('Ed25519', key, signature, message);
    if (!good) return refuse('bad_signature');
    if (header.typ !== 'pass+jwt') return refuse('wrong_type');
    const claims = flatObject(parts[1]);
    return claims ? passOf(claims, this.#room, this.#issuer) : refuse('malformed');
  }
}
