// What /metrics says of a room, and its recent past as charts and CSV show it.

export type RoomFacts = {
  waiting: number;
  active: number;
  capacity: number;
  admitted: number; // in the last minute
  dropped: number; // the next two are counted since the server started
  noShows: number;
  slotUse: number; // 0 to 1, or more after a smaller capacity
  oldestWait: number; // seconds
  checked: number; // estimates that met a real wait
  p50: number | undefined; // the share that waited no longer than said; unknown before the first check
  p80: number | undefined;
  p90: number | undefined;
  band: number | undefined;
  error: number | undefined; // median of |real - estimated| / real
};

// Samples of one room: name, with the bare name first, to value.
function samplesOf(text: string, room: string): Map<string, number> {
  const found = new Map<string, number>();
  const label = `room="${room}"`;
  for (const line of text.split("\n")) {
    const match = /^waitroom_(\w+)\{([^}]*)\} (\S+)$/.exec(line);
    if (match?.[2] === label) found.set(match[1]!, Number(match[3]));
  }
  return found;
}

export function factsOf(text: string, room: string): RoomFacts | undefined {
  const found = samplesOf(text, room);
  if (!found.has("waiting")) return undefined;
  const value = (name: string) => found.get(name) ?? 0;
  return {
    waiting: value("waiting"),
    active: value("active"),
    capacity: value("capacity"),
    admitted: value("admitted_last_minute"),
    dropped: value("left_total") + value("ghosts_total"),
    noShows: value("no_shows_total") + value("missed_turns_total"),
    slotUse: value("slot_use"),
    oldestWait: value("oldest_wait_seconds"),
    checked: value("eta_checked"),
    p50: found.get("eta_p50_covered"),
    p80: found.get("eta_p80_covered"),
    p90: found.get("eta_p90_covered"),
    band: found.get("eta_band_covered"),
    error: found.get("eta_median_error"),
  };
}

export type Sample = RoomFacts & { at: number; rate: number }; // Unix seconds
export const KEEP = 450; // fifteen minutes of one sample every two seconds

export const remember = (past: Sample[], sample: Sample): Sample[] => [...past, sample].slice(-KEEP);

// How much a counter grew in the minute before each sample, as far back as there are samples. A
// counter that falls was started anew.
export function perMinute(samples: Sample[], counter: "dropped" | "noShows"): number[] {
  let first = 0;
  const grown = samples.map((sample, i) => {
    const before = i > 0 ? samples[i - 1]![counter] : sample[counter];
    return sample[counter] >= before ? sample[counter] - before : sample[counter];
  });
  let sum = 0;
  return samples.map((sample, i) => {
    sum += grown[i]!;
    while (samples[first]!.at < sample.at - 60) {
      first += 1;
      sum -= grown[first]!;
    }
    return sum;
  });
}

// A few samples for a table: the newest and those a while before it, the newest first.
export function everySeconds(at: number[], apart: number, most: number): number[] {
  const picked: number[] = [];
  for (let i = at.length - 1; i >= 0 && picked.length < most; i -= 1) {
    const last = picked.at(-1);
    if (last === undefined || at[last]! - at[i]! >= apart) picked.push(i);
  }
  return picked;
}

const COLUMNS = [
  "at", "waiting", "active", "capacity", "admit_per_minute", "admitted_last_minute",
  "dropped_out_last_minute", "no_shows_last_minute", "slot_use", "oldest_wait_seconds",
  "eta_checked", "eta_p50_covered", "eta_p80_covered", "eta_p90_covered", "eta_band_covered",
  "eta_median_error",
];

export function numberRows(samples: Sample[]): (string | number)[][] {
  const dropped = perMinute(samples, "dropped");
  const noShows = perMinute(samples, "noShows");
  const rows = samples.map((each, i) => [
    new Date(each.at * 1000).toISOString(), each.waiting, each.active, each.capacity, each.rate,
    each.admitted, dropped[i]!, noShows[i]!, each.slotUse, each.oldestWait, each.checked,
    each.p50 ?? "", each.p80 ?? "", each.p90 ?? "", each.band ?? "", each.error ?? "",
  ]);
  return [COLUMNS, ...rows];
}
