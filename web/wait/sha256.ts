// SHA-256, synchronous, for many short messages that share a prefix: crypto.subtle answers one
// promise per hash, which is far slower than the hash. Vectors: sha256.test.ts.

const K = new Int32Array(64);
const START = new Int32Array(8);
{
  const fraction = (x: number) => ((x - Math.floor(x)) * 2 ** 32) | 0;
  const isPrime = (n: number) => {
    for (let d = 2; d * d <= n; d += 1) if (n % d === 0) return false;
    return true;
  };
  for (let n = 2, found = 0; found < 64; n += 1) {
    if (!isPrime(n)) continue;
    if (found < 8) START[found] = fraction(Math.sqrt(n));
    K[found] = fraction(Math.cbrt(n));
    found += 1;
  }
}

const W = new Int32Array(64);

function compress(state: Int32Array, block: Uint8Array, at: number) {
  for (let i = 0; i < 16; i += 1, at += 4) {
    W[i] = (block[at]! << 24) | (block[at + 1]! << 16) | (block[at + 2]! << 8) | block[at + 3]!;
  }
  for (let i = 16; i < 64; i += 1) {
    const x = W[i - 15]!;
    const y = W[i - 2]!;
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    W[i] = (W[i - 16]! + s0 + W[i - 7]! + s1) | 0;
  }
  let a = state[0]!, b = state[1]!, c = state[2]!, d = state[3]!;
  let e = state[4]!, f = state[5]!, g = state[6]!, h = state[7]!;
  for (let i = 0; i < 64; i += 1) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i]! + W[i]!) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + t1) | 0;
    d = c; c = b; b = a; a = (t1 + t2) | 0;
  }
  state[0]! += a; state[1]! += b; state[2]! += c; state[3]! += d;
  state[4]! += e; state[5]! += f; state[6]! += g; state[7]! += h;
}

// A hasher of prefix + decimal(n). The blocks that are all prefix are compressed once.
export class Prefixed {
  private readonly middle = START.slice();
  private readonly state = new Int32Array(8);
  private readonly tail = new Uint8Array(128);
  private readonly size: number; // of the prefix
  private readonly rest: number; // bytes of it in the tail

  constructor(prefix: string) {
    const bytes = new TextEncoder().encode(prefix);
    this.size = bytes.length;
    const whole = this.size - (this.size % 64);
    for (let at = 0; at < whole; at += 64) compress(this.middle, bytes, at);
    this.rest = this.size - whole;
    this.tail.set(bytes.subarray(whole));
  }

  // The state is valid until the next call.
  hash(n: number): Int32Array {
    const text = String(n);
    const { tail, rest } = this;
    for (let i = 0; i < text.length; i += 1) tail[rest + i] = text.charCodeAt(i);
    let end = rest + text.length;
    const total = end > 55 ? 128 : 64;
    tail[end] = 0x80;
    for (end += 1; end < total - 4; end += 1) tail[end] = 0;
    const bits = (this.size + text.length) * 8;
    for (let i = 1; i <= 4; i += 1) tail[total - i] = bits >>> (8 * (i - 1));
    this.state.set(this.middle);
    compress(this.state, tail, 0);
    if (total === 128) compress(this.state, tail, 64);
    return this.state;
  }

  // Leading zero bits of the hash.
  zeros(n: number): number {
    const state = this.hash(n);
    let bits = 0;
    for (let i = 0; i < 8; i += 1) {
      bits += Math.clz32(state[i]!);
      if (state[i] !== 0) break;
    }
    return bits;
  }
}
