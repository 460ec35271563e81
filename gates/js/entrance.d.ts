import type { Gate, Refusal } from './index.js';

export interface Visit {
  /** Absolute, as the browser sees it. */
  url: string;
  method?: string;
  /** The Cookie header. */
  cookies?: string;
  /** The header Onsale-Pass. */
  pass?: string;
  /** A person in a browser asks: lead them to the wait page. */
  html?: boolean;
}

export type Decision =
  | { step: 'forward'; place: string; clean: string; setCookie?: string }
  | { step: 'redirect'; location: string; setCookie?: string }
  | { step: 'refuse'; status: number; refusal: Refusal | 'pass_required'; enterUrl: string; setCookie?: string };

export interface EntranceOptions {
  enterUrl?: string;
  sessionSeconds?: number;
  insideMax?: number;
  /** Mark the cookie Secure. */
  secure?: boolean;
}

export class Entrance {
  constructor(gate: Gate, options?: EntranceOptions);
  readonly gate: Gate;
  readonly inside: number;
  readonly cookieName: string;
  setRoom(facts: { enterUrl: string; sessionSeconds: number }): void;
  decide(visit: Visit, now?: number): Promise<Decision>;
  dueLeases(max: number, now?: number): string[];
  ended(passIds: string[]): void;
}

export function withoutPass(url: string): { clean: string; pass: string };
