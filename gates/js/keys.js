// Keeps keys, epoch and slots fresh. When the waiting room's server is away, what was learnt stays good.

const LEASES_AT_ONCE = 100;
const LEASES_MAX = 5000; // of one refresh

async function json(fetch, url, options) {
  const answer = await fetch(url, { signal: AbortSignal.timeout(3000), redirect: 'error', ...options });
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
  return answer.json();
}

// Asks once. Throws when the server cannot be reached or says something else than expected.
export async function refresh(gate, { url, entrance, fetch = globalThis.fetch }) {
  const site = url.replace(/\/+$/, '');
  const room = `${site}/api/v1/rooms/${gate.room}`;
  const facts = await json(fetch, `${room}/gate`);
  if (facts.room !== gate.room || !Number.isSafeInteger(facts.epoch)) throw new Error(`${room}/gate speaks of something else`);
  gate.setEpoch(facts.epoch);
  entrance?.setRoom({
    enterUrl: new URL(facts.enter_url, `${site}/`).href,
    sessionSeconds: facts.session_seconds > 0 ? facts.session_seconds : 600,
  });
  await gate.setKeys(await json(fetch, `${site}/.well-known/jwks.json`));
  const due = entrance?.dueLeases(LEASES_MAX) ?? [];
  while (due.length > 0) {
    const { ended } = await json(fetch, `${room}/gate/leases`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ passes: due.splice(0, LEASES_AT_ONCE) }),
    });
    entrance.ended(ended);
  }
}

// Asks now and then every `everyMs`; `onError` hears of each failure. Returns stop().
export function follow(gate, { everyMs = 2000, onError = () => {}, ...options }) {
  let stopped = false;
  let timer;
  const turn = async () => {
    try {
      await refresh(gate, options);
    } catch (error) {
      onError(error);
    }
    if (stopped) return;
    timer = setTimeout(turn, everyMs);
    timer.unref?.();
  };
  turn();
  return () => { stopped = true; clearTimeout(timer); };
}
