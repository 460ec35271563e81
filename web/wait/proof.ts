// Proof of work before a place: solved in workers, so that the page stays alive; ended by
// terminating them.
import type { Finding, Task } from "./solver";
import Solver from "./solver?worker";

export type Challenge = { token: string; bits: number; count: number; expires_at: string; external_url?: string };

export type Search = { solutions: Promise<number[]>; cancel: () => void };

const WORKERS_MAX = 4;

// `onProgress` hears 0 to 1, never less than before.
export function search(challenge: Challenge, onProgress: (done: number) => void): Search {
  const hands = Math.max(1, Math.min(WORKERS_MAX, (navigator.hardwareConcurrency || 2) - 1));
  const expected = challenge.count * 2 ** challenge.bits;
  const found = new Set<number>();
  const workers: Worker[] = [];
  const cancel = () => workers.forEach((worker) => worker.terminate());
  const solutions = new Promise<number[]>((resolve) => {
    let tried = 0;
    for (let first = 0; first < hands; first += 1) {
      const worker = new Solver();
      workers.push(worker);
      worker.onmessage = ({ data }: MessageEvent<Finding>) => {
        tried += data.tried;
        if (data.found !== undefined) found.add(data.found);
        // Luck runs both ways: half by what was found, half by what was to be expected.
        onProgress(found.size / challenge.count / 2 + (1 - 2 ** (-1.5 * (tried / expected))) / 2);
        if (found.size < challenge.count) return;
        cancel();
        resolve([...found].sort((a, b) => a - b).slice(0, challenge.count));
      };
      worker.postMessage({ token: challenge.token, bits: challenge.bits, first, stride: hands } satisfies Task);
    }
  });
  return { solutions, cancel };
}
