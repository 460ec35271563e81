import { createHash, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Prefixed } from "./sha256";

const hex = (state: Int32Array) => [...state].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
const real = (text: string) => createHash("sha256").update(text).digest();

describe("the page's SHA-256", () => {
  it("agrees with node:crypto for prefixes of every length around the block borders", () => {
    for (let size = 0; size <= 260; size += 1) {
      const prefix = randomBytes(size).toString("base64url").slice(0, size);
      const hasher = new Prefixed(prefix);
      for (const n of [0, 7, 10, 999, 123_456, 2 ** 32, Number.MAX_SAFE_INTEGER, 1]) {
        expect(hex(hasher.hash(n)), `${size} ${n}`).toBe(real(prefix + n).toString("hex"));
      }
    }
  });
  it("agrees where the prefix is more than bytes of ASCII", () => {
    expect(hex(new Prefixed("대기실.").hash(42))).toBe(real("대기실.42").toString("hex"));
  });
  it("counts leading zero bits as the server does", () => {
    const hasher = new Prefixed("token.");
    for (let n = 0; n < 20_000; n += 1) {
      const hash = real(`token.${n}`);
      const word = hash.readUInt32BE(0);
      const bits = word === 0 ? 32 + Math.clz32(hash.readUInt32BE(4)) : Math.clz32(word);
      if (hasher.zeros(n) !== bits) expect(hasher.zeros(n), String(n)).toBe(bits);
    }
  });
  it("finds what the format asks for: rising numbers whose hashes begin with enough zero bits", () => {
    const hasher = new Prefixed("abc.def.");
    const found: number[] = [];
    for (let n = 0; found.length < 4; n += 1) if (hasher.zeros(n) >= 10) found.push(n);
    for (const n of found) expect(real(`abc.def.${n}`).readUInt32BE(0) >>> 22).toBe(0);
  });
});
