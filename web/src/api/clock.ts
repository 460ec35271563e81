// What time the server thinks it is, so that countdowns do not trust the visitor's clock.
// A Date header has whole seconds, so each answer gives an interval for the offset; answers are
// intersected, which soon leaves an error well under a second.
let low = -Infinity;
let high = Infinity;

export function observeServerDate(header: string | null, sentAt: number, receivedAt: number) {
  const date = header ? Date.parse(header) : Number.NaN;
  if (Number.isNaN(date)) return;
  const nextLow = date - receivedAt;
  const nextHigh = date + 1000 - sentAt;
  const bothLow = Math.max(low, nextLow);
  const bothHigh = Math.min(high, nextHigh);
  if (bothLow <= bothHigh) {
    low = bothLow;
    high = bothHigh;
  } else {
    low = nextLow; // somebody set a clock: start again
    high = nextHigh;
  }
}

export function serverNow(): number {
  return low === -Infinity ? Date.now() : Date.now() + (low + high) / 2;
}

export function forgetServerClock() {
  low = -Infinity;
  high = Infinity;
}
