// The verifier over the vectors that all of them share, and over tampered passes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { readPath } from '../path.js';
import { Gate, fromBase64url, refusals, toBase64url } from '../index.js';

const vectors = JSON.parse(readFileSync(new URL('../../vectors.json', import.meta.url), 'utf8'));

async function gate({ keys = true, usesMax = 1000 } = {}) {
  const made = new Gate({ room: vectors.room, issuer: vectors.issuer, skewSeconds: vectors.skew_seconds, usesMax });
  if (keys) await made.setKeys(vectors.jwks);
  made.setEpoch(vectors.epoch);
  return made;
}

const pass = (name, step = 0) => vectors.cases.find((one) => one.name === name).steps[step].pass;

test('each step of the vectors is answered as it says', async () => {
  let steps = 0;
  for (const one of vectors.cases) {
    const made = await gate({ keys: !one.no_keys });
    for (const step of one.steps) {
      if (step.keys) await made.setKeys(vectors.jwks_active);
      if (step.epoch !== undefined) made.setEpoch(step.epoch);
      const verdict = await made.use(step.pass, step.session, step.at);
      const said = verdict.ok ? 'accepted' : verdict.refusal;
      if (step.expect === 'refused') assert.ok(!verdict.ok, one.name);
      else assert.equal(said, step.expect, one.name);
      assert.ok(verdict.ok || refusals.includes(said), said);
      ++steps;
    }
  }
  assert.ok(steps >= 90, String(steps));
});

test('a pass says what it says', async () => {
  const { pass: said } = await (await gate()).check(pass('valid'), vectors.now);
  assert.deepEqual(said, {
    room: 'film-1', place: 'plc_0000000000000000000000000A', id: 'pas_1', issuedAt: vectors.now,
    notBefore: vectors.now, expiresAt: vectors.now + 120, epoch: 3,
  });
});

test('looking does not use up; using does, and twenty at once have one winner', async () => {
  const made = await gate();
  for (let i = 0; i < 3; ++i) assert.ok((await made.check(pass('valid'), vectors.now)).ok);
  assert.equal(made.uses, 0);
  const all = await Promise.all(Array.from({ length: 20 }, (_, i) => made.use(pass('valid'), `s${i}`, vectors.now)));
  assert.equal(all.filter((verdict) => verdict.ok).length, 1);
});

test('what is remembered is bounded and goes with the pass', async () => {
  const made = await gate({ usesMax: 1 });
  const second = pass('two passes of two people', 1);
  assert.ok((await made.use(pass('valid'), 'one', vectors.now)).ok);
  assert.equal((await made.use(second, 'two', vectors.now)).refusal, 'full');
  assert.ok((await made.use(pass('valid'), 'one', vectors.now)).ok);
  assert.equal(made.uses, 1);
});

test('key sets are read strictly, and a broken one changes nothing', async () => {
  const made = await gate();
  const [good] = vectors.jwks.keys;
  for (const broken of [undefined, null, {}, { keys: [] }, { keys: [{ ...good, x: 'AAAA' }] }, { keys: [{ ...good, kid: '' }] },
    { keys: [{ kty: 'RSA', kid: '1' }] }]) {
    await assert.rejects(made.setKeys(broken), TypeError);
  }
  assert.ok((await made.check(pass('valid'), vectors.now)).ok);
});

test('20,000 tampered passes, none let in', async () => {
  const made = await gate();
  const good = pass('valid');
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  let state = 20261121;
  const random = (n) => { state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff; return (state >> 8) % n; };
  let accepted = 0;
  for (let i = 0; i < 20_000; ++i) {
    const at = random(good.length);
    const mutant = [
      () => good.slice(0, at) + alphabet[random(64)] + good.slice(at + 1),
      () => good.slice(0, at) + good.slice(at + 1 + random(4)),
      () => good.slice(0, at) + alphabet[random(64)] + good.slice(at),
      () => good.slice(0, at) + String.fromCharCode(random(256)) + good.slice(at + 1),
    ][random(4)]();
    if (mutant !== good && (await made.use(mutant, 's', vectors.now)).ok) ++accepted;
  }
  assert.equal(accepted, 0);
  assert.equal(made.uses, 0);
  for (const strange of [undefined, null, 7, {}, [], ['a.b.c']]) {
    assert.equal((await made.check(strange, vectors.now)).refusal, 'malformed');
  }
});

test('base64url has one spelling', () => {
  for (let n = 0; n < 70; ++n) {
    const raw = crypto.getRandomValues(new Uint8Array(n));
    assert.deepEqual(fromBase64url(toBase64url(raw)), raw);
  }
  for (const wrong of ['A', 'AA==', 'AA=', 'A A', '+/+/', 'AB', 'AAB', 'AAA\n', '한글']) {
    assert.equal(fromBase64url(wrong), undefined, wrong);
  }
});

test('each path of the vectors is read as it says', () => {
  for (const { path, expect } of vectors.paths) assert.equal(readPath(path, vectors.prefixes), expect, path);
  assert.ok(vectors.paths.length >= 50);
  assert.equal('/%62uy'.startsWith('/buy'), false, 'the control: a comparison of beginnings is fooled');
});
