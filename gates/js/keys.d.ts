import type { Entrance } from './entrance.js';
import type { Gate } from './index.js';

export interface RefreshOptions {
  /** Where the waiting room's server is. */
  url: string;
  entrance?: Entrance;
  fetch?: typeof globalThis.fetch;
}

export interface FollowOptions extends RefreshOptions {
  /** 2000 by default. */
  everyMs?: number;
  onError?: (error: unknown) => void;
}

/** Asks once; throws when the server is away. */
export function refresh(gate: Gate, options: RefreshOptions): Promise<void>;
/** Asks now and again; returns stop(). */
export function follow(gate: Gate, options: FollowOptions): () => void;
