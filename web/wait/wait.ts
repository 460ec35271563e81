// The wait page's script: joins by itself, keeps the position live, and goes on when it is one's
// turn. Without it the page works by its buttons and by reloading itself.
import { writePlace } from "../src/waitroom/placeStore";
import { api, serverNow } from "./api";
import { follow } from "./follow";
import { boot, byId, type Place, type Room } from "./page";
import { search, type Challenge, type Search } from "./proof";
import { draw, stepOf, type Known } from "./view";
import "./wait.css";

const GO_AFTER_MS = 1_200;
const RETRY_MIN_MS = 1_000;
const RETRY_MAX_MS = 20_000;
const HISTORY = 60;
const SCRIPT_COOKIE = "onsale_js=1; Max-Age=300; Path=/wait; SameSite=Lax";
const SCRIPT_COOKIE_EVERY_MS = 120_000;

type Refusal = { code?: string; challenge?: Challenge };
type Proof = { token: string; solutions: number[] };

function start(room: string, wanted: string | null) {
  const known: Known = { room: boot!.room, first: 0, history: [], joining: "idle" };
  let feed: ReturnType<typeof follow> | undefined;
  let solving: Search | undefined;
  let retries = 0;
  let external: string | undefined; // what the external challenge gave
  let inviteGone = false;
  let tokenKey = `onsale.place.${room}`; // as the app keeps it
  let going = 0;
  let gone = false;

  const stored = () => {
    try {
      return localStorage.getItem(tokenKey) ?? undefined;
    } catch {
      return (tokenKey = ""), undefined;
    }
  };
  const keep = (place: Place) => {
    try {
      writePlace({
        room,
        ...(wanted && { performance: wanted }),
        state: place.state,
        place: place.place,
        ...(place.pass && { pass: place.pass }),
        ...(place.pass_expires_at && { passExpiresAt: place.pass_expires_at }),
      });
    } catch {
      // No storage: the device's cookie finds the place.
    }
  };
  const forget = () => {
    try {
      localStorage.removeItem(tokenKey);
      sessionStorage.removeItem(tokenKey);
    } catch {
      // nothing was kept
    }
  };

  const go = () => {
    const place = known.place;
    if (!boot!.go || place?.state !== "admitted") return;
    gone = true;
    const to = new URL(boot!.go, location.href);
    if (boot!.hand_pass) to.searchParams.set("onsale_pass", place.pass ?? "");
    location.replace(to);
  };

  const take = (next: Place) => {
    const before = known.place;
    // A position never rises; what says so is a late message.
    const same = before?.number === next.number && before?.lane === next.lane;
    if (same && before?.position && next.position) next.position = Math.min(next.position, before.position);
    if (!same) [known.first, known.history] = [0, []];
    if (next.position) {
      known.first = Math.max(known.first, next.position);
      known.history = [...known.history, next.position].slice(-HISTORY);
    }
    known.place = next;
    known.joining = undefined;
    const live = next.state === "waiting" || next.state === "prequeue";
    if (live || next.state === "admitted") keep(next);
    else forget();
    if (!live && next.state !== "admitted") {
      feed?.stop();
      known.link = undefined;
    }
    draw(known);
    if (next.state !== "admitted") return clearTimeout(going), void (going = 0);
    byId<HTMLAnchorElement>("go")?.addEventListener("click", (event) => (event.preventDefault(), go()), { once: true });
    going ||= window.setTimeout(go, GO_AFTER_MS);
  };

  const watch = () => {
    feed?.stop();
    feed = follow({
      room,
      token: () => known.place?.place ?? "",
      onPlace: take,
      onRoom: (next: Room) => {
        known.room = next;
        draw(known);
      },
      onLink: (link) => {
        if (known.link === link) return;
        known.link = link;
        draw(known);
      },
      onGone: () => {
        forget();
        known.place = known.link = undefined;
        rest("lost");
      },
    });
  };

  const rest = (at: Known["joining"]) => {
    known.joining = at;
    draw(known);
  };

  const again = (ms?: number) => {
    known.busy = true;
    draw(known);
    const backoff = Math.min(RETRY_MIN_MS * 2 ** retries, RETRY_MAX_MS) * (0.5 + Math.random());
    retries += 1;
    setTimeout(() => void join(), ms ?? backoff);
  };

  const join = async (proof?: Proof) => {
    // A place that nothing here remembers would be another one at each reload.
    if (!remembers()) return rest("cookies");
    if (known.joining !== "solving") known.joining = "asking";
    draw(known);
    const invite = inviteGone ? "" : boot!.invite;
    const body = { ...(proof && { proof }), ...(invite && { invite }), ...(external && { external }) };
    const answer = await api<Place & Refusal>("POST", `${room}/places`, stored(), body);
    known.busy = false;
    if (answer.status === 200 || answer.status === 202) {
      retries = 0;
      take(answer.body as Place);
      if (["waiting", "prequeue", "admitted"].includes(known.place?.state ?? "")) watch();
    } else if (answer.status === 428 && answer.body?.challenge) {
      await prove(answer.body.challenge);
    } else if (answer.body?.code === "room_closed") {
      rest("closed");
    } else if (answer.body?.code === "unauthenticated") {
      const back = encodeURIComponent(location.pathname + location.search);
      byId<HTMLAnchorElement>("login")?.setAttribute("href", `/login?next=${back}`);
      rest("login");
    } else if (/^(invite_|lanes_fixed)/.test(answer.body?.code ?? "")) {
      inviteGone = true;
      await join(proof);
    } else if (answer.status >= 400 && answer.status < 500 && answer.status !== 429 && answer.status !== 409) {
      forget();
      known.joining = retries++ > 2 ? "lost" : known.joining;
      if (known.joining === "lost") draw(known);
      else again();
    } else {
      again(answer.retryMs);
    }
  };

  const prove = async (challenge: Challenge) => {
    known.joining = "solving";
    known.proof = { done: 0, sinceMs: Date.now(), externalUrl: challenge.external_url };
    draw(known);
    const mine = (solving = search(challenge, (done) => {
      if (!known.proof) return;
      known.proof.done = done;
      draw(known);
    }));
    const solutions = await mine.solutions;
    if (solving !== mine) return;
    // Too old by now: the next challenge comes with the next question.
    const late = Date.parse(challenge.expires_at) < serverNow();
    await join(late ? undefined : { token: challenge.token, solutions });
  };

  const stop = () => {
    solving?.cancel();
    solving = known.proof = undefined;
  };
  byId("stop")?.addEventListener("click", () => {
    stop();
    rest("stopped");
    byId("again")?.focus();
  });
  byId("again")?.addEventListener("click", () => void join());
  // The challenge of somebody else's service opens beside this page and tells its answer.
  byId("external")?.addEventListener("click", (event) => {
    event.preventDefault();
    if (known.proof?.externalUrl) open(known.proof.externalUrl, "onsale_external");
  });
  addEventListener("message", ({ origin, data }: MessageEvent<{ onsale_external?: unknown }>) => {
    const url = known.proof?.externalUrl;
    if (!url || new URL(url, location.href).origin !== origin || typeof data?.onsale_external !== "string") return;
    external = data.onsale_external;
    stop();
    void join();
  });

  // Closed when it was one's turn, without going on: the next person need not wait for it.
  addEventListener("pagehide", () => {
    if (gone || known.place?.state !== "admitted") return;
    navigator.sendBeacon(`/api/v1/rooms/${room}/places/me/closed`, known.place.place);
  });

  const wake = () => {
    draw(known);
    feed?.wake();
  };
  for (const event of ["online", "offline", "focus", "pageshow"]) addEventListener(event, wake);
  document.addEventListener("visibilitychange", wake);
  setInterval(() => {
    if (stepOf(known) === "prequeue") draw(known);
  }, 1_000);

  if (boot!.place) {
    known.place = boot!.place;
    const over = ["expired", "left", "completed"].includes(boot!.place.state);
    if (!over) {
      take(boot!.place);
      watch();
      return;
    }
    known.place = undefined;
  }
  if (boot!.stay) {
    forget();
    return rest("left");
  }
  if (stepOf(known) === "closed" && !stored()) {
    draw(known);
    return;
  }
  if (boot!.login) return rest("login");
  void join();
}

// A cookie finds the place again, or this page's own storage does.
function remembers(): boolean {
  if (document.cookie.includes("onsale_js=1")) return true;
  try {
    localStorage.setItem("onsale.kept", "1");
    return localStorage.getItem("onsale.kept") === "1";
  } catch {
    return false;
  }
}

// Tells the server that the page needs no meta refresh from now on, and calls off the one it has.
const remember = () => void (document.cookie = SCRIPT_COOKIE);
remember();
setInterval(remember, SCRIPT_COOKIE_EVERY_MS);
if (document.querySelector("meta[http-equiv=refresh]")) window.stop();
const begin = () => {
  if (boot) start(boot.room.id, new URLSearchParams(location.search).get("performance"));
};
// A page that the browser only prepares, in case somebody goes there, takes no place.
if ((document as { prerendering?: boolean }).prerendering) {
  document.addEventListener("prerenderingchange", begin, { once: true });
} else {
  begin();
}
