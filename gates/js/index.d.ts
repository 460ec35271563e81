/** Why somebody stays outside, in the order in which it is checked. */
export type Refusal =
  | 'no_keys' | 'malformed' | 'bad_algorithm' | 'unknown_key' | 'bad_signature' | 'wrong_type'
  | 'wrong_issuer' | 'wrong_room' | 'expired' | 'not_yet_valid' | 'revoked' | 'used' | 'full';

export const refusals: readonly Refusal[];

/** Times are Unix seconds. */
export interface Pass {
  room: string;
  place: string;
  id: string;
  issuedAt: number;
  notBefore: number;
  expiresAt: number;
  epoch: number;
}

export type Verdict = { ok: true; pass: Pass } | { ok: false; refusal: Refusal };

export interface GateOptions {
  room: string;
  issuer: string;
  /** For clocks that differ; 5 by default. */
  skewSeconds?: number;
  /** Passes remembered at once; 1,000,000 by default. */
  usesMax?: number;
}

export interface Jwks {
  keys: Array<{ kty: string; crv?: string; kid?: string; x?: string; alg?: string; [member: string]: unknown }>;
}

export class Gate {
  constructor(options: GateOptions);
  readonly room: string;
  readonly epoch: number;
  readonly hasKeys: boolean;
  readonly uses: number;
  /** Replaces every key. Throws, and keeps the old ones, when the set holds none of ours. */
  setKeys(jwks: Jwks): Promise<void>;
  /** Passes of an earlier epoch are refused from now on. Never goes back. */
  setEpoch(epoch: number): void;
  /** What the pass says, without using it up. */
  check(jwt: string, now?: number): Promise<Verdict>;
  /** check(), and the pass belongs to `session` from now on. Without one it is good for one call. */
  use(jwt: string, session?: string, now?: number): Promise<Verdict>;
}

export function unixSeconds(): number;
/** Strict; undefined for anything that toBase64url could not have written. */
export function fromBase64url(encoded: string): Uint8Array | undefined;
export function toBase64url(raw: Uint8Array): string;
