import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Decision, Entrance } from './entrance.js';
import type { Gate, GateOptions } from './index.js';
import type { FollowOptions } from './keys.js';

export interface GuardOptions extends Partial<Omit<GateOptions, 'room'>>, Omit<FollowOptions, 'entrance'> {
  room: string;
  /** Where browsers reach this site; by default as the request says, over http. */
  publicUrl?: string;
  /** What is guarded, whatever way it is written; by default all that comes. */
  prefixes?: string[];
}

export type GuardedBy = GuardOptions | { entrance: Entrance; publicUrl?: string; prefixes?: string[] };

export interface Middleware {
  (request: IncomingMessage & { onsalePlace?: string }, response: ServerResponse, next: (error?: unknown) => void): Promise<void>;
  stop(): void;
}

export interface Handler<More extends unknown[]> {
  (request: Request, ...more: More): Promise<Response>;
  stop(): void;
}

export function makeEntrance(options: GuardOptions): { gate: Gate; entrance: Entrance; stop: () => void };
export function expressGate(options: GuardedBy): Middleware;
export function fetchGate<More extends unknown[]>(
  options: GuardedBy, handler: (request: Request, place: string | undefined, ...more: More) => Response | Promise<Response>,
): Handler<More>;
export function answerOf(decision: Exclude<Decision, { step: 'forward' }>, html: boolean):
  { status: number; headers: Record<string, string>; body: string };
