// The worker: looks at every `stride`-th number from `first` on and says which solve the challenge.
import { Prefixed } from "./sha256";

export type Task = { token: string; bits: number; first: number; stride: number };
export type Finding = { found?: number; tried: number };

const BATCH = 8_192; // numbers between two words of progress

onmessage = ({ data }: MessageEvent<Task>) => {
  const hasher = new Prefixed(`${data.token}.`);
  for (let n = data.first; ; ) {
    for (let i = 0; i < BATCH; i += 1, n += data.stride) {
      if (hasher.zeros(n) >= data.bits) postMessage({ found: n, tried: 0 } satisfies Finding);
    }
    postMessage({ tried: BATCH } satisfies Finding);
  }
};
