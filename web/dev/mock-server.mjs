// A stand-in for the server while the web app is made. Never shipped. `npm run mock` serves the API,
// STOMP and dist/ on 127.0.0.1:8787. It keeps no promise of the product: do not learn from it.
import { createHash, randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { WebSocketServer } from "ws";
import { performances, poster, random, seatmaps, shows } from "./mock-data.mjs";

const PORT = Number(process.env.PORT ?? 8787);
const DIST = join(fileURLToPath(import.meta.url), "../../dist");
const HOLD_S = Number(process.env.HOLD_S ?? 300);
const START_POSITION = Number(process.env.START_POSITION ?? 137);
const NO_WS = process.env.NO_WS === "1";
const NO_SSE = process.env.NO_SSE === "1";

const accounts = new Map();
const sessions = new Map();
const holds = new Map();
const reservations = new Map();
const payments = new Map();
const places = new Map();
const addAccount = (email, password, name, role) => {
  const account = { id: randomUUID().slice(0, 8), email, name, role };
  accounts.set(email, { account, password });
  return account;
};
addAccount("admin@onsale.test", "onsale-demo-1!", "관리자", "admin");
addAccount("buyer@onsale.test", "onsale-demo-1!", "김온세", "buyer");

const room = (id, name, mode, waiting, active, extra = {}) => ({ id, name, mode, waiting, active, capacity: 300, admit_per_minute: 240, per_node_capacity: 300, pass_seconds: 300, idle_seconds: 60, session_seconds: 600, grace_seconds: 30, ...extra });
const rooms = new Map(
  [
    room("room-film-1", "탑건: 매버릭", "queue", 1240, 300),
    room("room-film-2", "듄: 파트 2", "queue", 0, 41),
    room("room-film-3", "기생충", "open", 0, 0),
    room("room-film-4", "인터스텔라", "queue", 312, 300, { message: "예매가 몰려 입장이 조금 느려요. 순서는 그대로 유지돼요." }),
    room("room-musical", "오페라의 유령", "open", 0, 3),
    room("room-paused", "시카고", "paused", 88, 120, { message: "결제사 점검으로 10분쯤 멈춰요." }),
    room("room-prequeue", "맨 오브 라만차", "prequeue", 431, 0, { opens_at: new Date(Date.now() + 150_000).toISOString() }),
    room("room-closed", "그랜드 스타디움", process.env.STADIUM_OPEN ? "open" : "closed", 0, 0),
  ].map((each) => [each.id, each]),
);

const subscribers = new Set(); // {socket, id, destination, place}
const publish = (destination, body, where = () => true) => {
  for (const each of subscribers) if (each.destination === destination && where(each)) each.send(body);
};
const publicRoom = ({ id, name, mode, waiting, active, capacity, admit_per_minute, opens_at, message }) => ({ id, name, mode, waiting, active, capacity, admit_per_minute, opens_at, message });

const freeOf = (performance) => performance.seats_total - Object.keys(performance.taken).length;
function change(performance, changes) {
  for (const [seat, state] of Object.entries(changes)) {
    if (state === "free") delete performance.taken[seat];
    else performance.taken[seat] = state;
  }
  performance.version += 1;
  publish(`/topic/performances/${performance.id}/seats`, { version: performance.version, changes });
}
const seatsOf = (performance) => seatmaps[performance.map].sections.flatMap((s) => s.rows.flatMap((r) => r.seats));
const seatIndex = new Map(Object.keys(seatmaps).map((map) => [map, new Map(seatsOf({ map }).map((s) => [s.id, s]))]));

function viewOf(place) {
  if (place.state === "waiting" || place.state === "prequeue") {
    const r = rooms.get(place.room);
    const seconds = Math.round((place.position / Math.max(1, r.admit_per_minute)) * 60);
    return { state: place.state, place: place.token, ...(place.state === "waiting" ? { position: place.position, eta: r.mode === "paused" ? null : { p50_seconds: seconds + 20, p80_seconds: seconds + 65, p90_seconds: seconds + 120 } } : {}), waiting: r.waiting, poll_after_ms: 2000, opens_at: r.opens_at };
  }
  if (place.state === "admitted") return { state: "admitted", place: place.token, pass: `pass-${place.token}`, pass_expires_at: new Date(Date.now() + 300_000).toISOString() };
  return { state: place.state, place: place.token };
}
const tellPlace = (place) => {
  publish("/user/queue/place", viewOf(place), (each) => each.place === place.token);
  for (const stream of place.streams) stream.write(`event: place\ndata: ${JSON.stringify(viewOf(place))}\n\n`);
};
setInterval(() => {
  for (const r of rooms.values()) {
    if (r.mode === "queue") {
      const step = Math.min(r.waiting, Math.round(r.admit_per_minute / 30));
      r.waiting = Math.max(0, r.waiting - step + Math.floor(random() * (r.waiting > 0 ? step * 1.1 : 1)));
      r.active = Math.min(r.capacity, Math.max(0, r.active + Math.round((random() - 0.5) * 12)));
    }
    publish(`/topic/rooms/${r.id}`, publicRoom(r));
  }
  for (const place of places.values()) {
    const r = rooms.get(place.room);
    if (place.state !== "waiting" || r.mode === "paused") continue;
    place.position -= Math.max(1, Math.round(r.admit_per_minute / 30));
    if (place.position <= 0) place.state = "admitted";
    tellPlace(place);
  }
}, 2000).unref();
setInterval(() => {
  for (const performance of performances) {
    if (performance.sale_state !== "on_sale" || random() < 0.5) continue;
    const seats = seatsOf(performance);
    const seat = seats[Math.floor(random() * seats.length)].id;
    if (Object.values(performance.taken).length > seats.length * 0.95) continue;
    if (!performance.taken[seat]) change(performance, { [seat]: "held" });
    else if (performance.taken[seat] === "held" && !performance.mine?.has(seat)) change(performance, { [seat]: random() < 0.5 ? "free" : "sold" });
  }
}, 700).unref();

class Refused extends Error {
  constructor(status, code, extra = {}) {
    super(code);
    this.answer = { type: "about:blank", title: code, status, code, trace_id: randomUUID().slice(0, 16), ...extra };
  }
}
const cookiesOf = (request) => Object.fromEntries((request.headers.cookie ?? "").split(/;\s*/).filter(Boolean).map((pair) => pair.split("=")));
const accountOf = (request) => sessions.get(cookiesOf(request).onsale_session);
const signedIn = (request) => {
  const account = accountOf(request);
  if (!account) throw new Refused(401, "unauthenticated");
  return account;
};
const startSession = (response, account) => {
  const token = randomUUID();
  sessions.set(token, account);
  response.setHeader("Set-Cookie", `onsale_session=${token}; Path=/; HttpOnly; SameSite=Lax`);
  return { account, access_token: "a", refresh_token: "r", expires_in: 900 };
};
const placeOf = (request, id) => {
  const token = request.headers["onsale-place"] ?? cookiesOf(request)[`place_${id}`];
  const place = places.get(token);
  if (!place || place.room !== id) throw new Refused(401, "place_invalid");
  return place;
};
const showView = ({ description, performers, venue, ...show }, whole) => ({ ...show, ...(whole ? { description, performers, venue } : {}) });
const performanceView = ({ taken, version, map, mine, ...rest }) => rest;
const performanceOf = (id) => performances.find((each) => each.id === id) ?? (() => { throw new Refused(404, "not_found"); })();
const reservationOf = (request, id) => {
  const account = signedIn(request);
  const found = reservations.get(id);
  if (!found || found.account !== account.id) throw new Refused(404, "not_found");
  if (found.state === "pending" && Date.parse(found.pay_by) < Date.now()) found.state = "expired";
  return found;
};
const reservationView = ({ account, ...rest }) => rest;
const free = (performance, ids) => {
  for (const id of ids) performance.mine?.delete(id);
  change(performance, Object.fromEntries(ids.map((id) => [id, "free"])));
};

function qr(text) {
  const bits = createHash("sha512").update(text).digest();
  let cells = "";
  const finder = (x, y) => `<path d="M${x} ${y}h7v7h-7zM${x + 1} ${y + 1}v5h5v-5z" fill-rule="evenodd"/><rect x="${x + 2}" y="${y + 2}" width="3" height="3"/>`;
  for (let y = 0; y < 25; y += 1) for (let x = 0; x < 25; x += 1) {
    if ((x < 8 && y < 8) || (x > 16 && y < 8) || (x < 8 && y > 16)) continue;
    if ((bits[(x * 25 + y) % 64] >> ((x + y) % 8)) & 1) cells += `M${x} ${y}h1v1h-1z`;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-2 -2 29 29"><rect x="-2" y="-2" width="29" height="29" fill="#fff"/><path d="${cells}"/>${finder(0, 0)}${finder(18, 0)}${finder(0, 18)}</svg>`;
}

const routes = [
  ["POST", "/auth/signup", (c) => {
    const { email = "", password = "", name = "" } = c.body;
    if (!/^\S+@\S+$/.test(email)) throw new Refused(422, "invalid_fields", { errors: [{ field: "email", code: "invalid", message: "not an e-mail address" }] });
    if (accounts.has(email)) throw new Refused(409, "email_taken");
    if (password.length < 8) throw new Refused(422, "weak_password");
    return [201, startSession(c.response, addAccount(email, password, name, "buyer"))];
  }],
  ["POST", "/auth/login", (c) => {
    const found = accounts.get(c.body.email);
    if (!found || found.password !== c.body.password) throw new Refused(401, "bad_credentials");
    return [200, startSession(c.response, found.account)];
  }],
  ["POST", "/auth/refresh", () => { throw new Refused(401, "unauthenticated"); }],
  ["POST", "/auth/logout", (c) => { sessions.delete(cookiesOf(c.request).onsale_session); return [204]; }],
  ["GET", "/me", (c) => [200, signedIn(c.request)]],
  ["GET", "/shows", (c) => {
    const kind = c.query.get("kind");
    const items = shows.filter((s) => !kind || s.kind === kind).map((s) => showView(s, false));
    const sort = c.query.get("sort");
    const sold = (s) => 1 - s.seats_available / s.seats_total;
    items.sort((a, b) => (sort === "title" ? a.title.localeCompare(b.title, "ko") : sort === "newest" ? b.id.localeCompare(a.id) : sold(b) - sold(a)));
    return [200, { items }];
  }],
  ["GET", "/shows/:id", (c) => { const s = shows.find((each) => each.id === c.id); if (!s) throw new Refused(404, "not_found"); return [200, showView(s, true)]; }],
  ["GET", "/shows/:id/performances", (c) => [200, { items: performances.filter((p) => p.show_id === c.id).map(performanceView) }]],
  ["GET", "/performances/:id", (c) => [200, performanceView(performanceOf(c.id))]],
  ["GET", "/performances/:id/seatmap", (c) => [200, seatmaps[performanceOf(c.id).map]]],
  ["GET", "/performances/:id/availability", (c) => { const p = performanceOf(c.id); return [200, { version: p.version, seats_available: freeOf(p), unavailable: p.taken }]; }],
  ["GET", "/rooms/:id", (c) => { const r = rooms.get(c.id); if (!r) throw new Refused(404, "room_not_found"); return [200, publicRoom(r)]; }],
  ["POST", "/rooms/:id/places", (c) => {
    const r = rooms.get(c.id);
    if (!r) throw new Refused(404, "room_not_found");
    if (r.mode === "closed") throw new Refused(403, "room_closed");
    let place = places.get(c.request.headers["onsale-place"] ?? cookiesOf(c.request)[`place_${c.id}`]);
    if (!place || place.room !== c.id || ["left", "expired", "completed"].includes(place.state)) {
      const straight = r.mode === "open" || (r.mode === "queue" && r.waiting === 0);
      place = { token: randomUUID(), room: c.id, state: straight ? "admitted" : r.mode === "prequeue" ? "prequeue" : "waiting", position: START_POSITION, streams: new Set() };
      places.set(place.token, place);
    }
    c.response.setHeader("Set-Cookie", `place_${c.id}=${place.token}; Path=/; HttpOnly; SameSite=Lax`);
    return [place.state === "admitted" ? 200 : 202, viewOf(place)];
  }],
  ["GET", "/rooms/:id/places/me", (c) => [200, viewOf(placeOf(c.request, c.id))]],
  ["DELETE", "/rooms/:id/places/me", (c) => { placeOf(c.request, c.id).state = "left"; return [204]; }],
  ["POST", "/performances/:id/holds", (c) => {
    signedIn(c.request);
    const p = performanceOf(c.id);
    const s = shows.find((each) => each.id === p.show_id);
    if (s.room_id && !places.get((c.request.headers["onsale-pass"] ?? "").slice(5))) throw new Refused(403, "pass_required");
    let ids = c.body.seats;
    if (c.body.best) ids = seatsOf(p).filter((seat) => !p.taken[seat.id] && (!c.body.best.grade || seat.grade === c.body.best.grade)).slice(0, c.body.best.quantity).map((seat) => seat.id);
    if (process.env.STEAL && !p.stolen && c.body.seats?.length > 1) { p.stolen = true; change(p, { [ids[0]]: "sold" }); }
    const errors = ids.flatMap((id, index) => (p.taken[id] ? [{ field: `seats[${index}]`, code: "seat_unavailable", message: id }] : []));
    if (errors.length > 0) throw new Refused(409, "seat_unavailable", { errors });
    const index = seatIndex.get(p.map);
    const seats = ids.map((id) => { const seat = index.get(id); return { id, label: seat.label, grade: seat.grade, price: p.grades.find((g) => g.grade === seat.grade).price }; });
    const hold = { id: randomUUID().slice(0, 12), performance_id: p.id, seats, total: seats.reduce((sum, seat) => sum + seat.price, 0), currency: "KRW", expires_at: new Date(Date.now() + HOLD_S * 1000).toISOString() };
    holds.set(hold.id, hold);
    p.mine ??= new Set();
    for (const id of ids) p.mine.add(id);
    change(p, Object.fromEntries(ids.map((id) => [id, "held"])));
    return [201, hold];
  }],
  ["DELETE", "/holds/:id", (c) => { const h = holds.get(c.id); if (h) free(performanceOf(h.performance_id), h.seats.map((s) => s.id)); return [204]; }],
  ["POST", "/reservations", (c) => {
    const account = signedIn(c.request);
    const h = holds.get(c.body.hold_id);
    if (!h) throw new Refused(404, "hold_not_found");
    const r = { id: randomUUID().slice(0, 12), number: `R${Date.now().toString().slice(-8)}`, state: "pending", account: account.id, performance: performanceView(performanceOf(h.performance_id)), seats: h.seats, amount: { list: h.total, discount: 0, payable: h.total }, currency: "KRW", pay_by: h.expires_at, created_at: new Date().toISOString(), refunds: [] };
    reservations.set(r.id, r);
    return [201, reservationView(r)];
  }],
  ["GET", "/reservations", (c) => {
    const account = signedIn(c.request);
    const state = c.query.get("state");
    return [200, { items: [...reservations.values()].filter((r) => r.account === account.id).map((r) => reservationOf(c.request, r.id)).filter((r) => !state || r.state === state).reverse().map(reservationView) }];
  }],
  ["GET", "/reservations/:id", (c) => [200, reservationView(reservationOf(c.request, c.id))]],
  ["POST", "/reservations/:id/payments", (c) => {
    const r = reservationOf(c.request, c.id);
    const payment = { id: randomUUID().slice(0, 12), reservation: r.id, state: "ready", amount: r.amount.payable, provider: "sandbox", return_url: c.body.return_url };
    payments.set(payment.id, payment);
    return [201, { payment_id: payment.id, state: "ready", redirect_url: `/sandbox/pay/${payment.id}` }];
  }],
  ["GET", "/payments/:id", (c) => { const { return_url, ...view } = payments.get(c.id) ?? {}; if (!view.id) throw new Refused(404, "not_found"); return [200, view]; }],
  ["POST", "/reservations/:id/cancel", (c) => {
    const r = reservationOf(c.request, c.id);
    if (!["confirmed", "pending"].includes(r.state)) throw new Refused(409, "not_cancellable");
    const ids = c.body.seats ?? r.seats.map((s) => s.id);
    if (r.state === "confirmed") r.refunds.push({ id: randomUUID().slice(0, 8), amount: r.seats.filter((s) => ids.includes(s.id)).reduce((sum, s) => sum + s.price, 0), state: "done" });
    if (ids.length === r.seats.length) r.state = "cancelled";
    else r.seats = r.seats.filter((s) => !ids.includes(s.id));
    free(performanceOf(r.performance.id), ids);
    return [200, reservationView(r)];
  }],
  ["GET", "/reservations/:id/tickets", (c) => [200, reservationOf(c.request, c.id).seats.map((seat) => ({ id: `t-${c.id}-${seat.id}`, seat: { id: seat.id, label: seat.label, grade: seat.grade }, qr_svg_url: `/api/v1/tickets/t-${c.id}-${seat.id}/qr.svg`, token: "t" }))]],
  ["GET", "/admin/rooms", (c) => { if (signedIn(c.request).role !== "admin") throw new Refused(403, "forbidden"); return [200, { items: [...rooms.values()] }]; }],
  ["PATCH", "/admin/rooms/:id", (c) => {
    if (signedIn(c.request).role !== "admin") throw new Refused(403, "forbidden");
    const r = rooms.get(c.id);
    Object.assign(r, c.body);
    publish(`/topic/rooms/${r.id}`, publicRoom(r));
    return [200, r];
  }],
];

const types = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const sendText = (response, status, type, text) => { response.writeHead(status, { "Content-Type": type }); response.end(text); };

function payPage(response, id) {
  const payment = payments.get(id);
  const link = (act, label) => `<p><a id="${act}" href="/sandbox/pay/${id}/${act}">${label}</a></p>`;
  sendText(response, 200, types[".html"], `<!doctype html><title>Sandbox pay</title><meta name="viewport" content="width=device-width"><h1>Sandbox pay: ${payment.amount}</h1>${link("approve", "Approve")}${link("decline", "Decline")}${link("leave", "Walk away")}${link("slow", "Approve slowly")}`);
}
function settle(response, id, act) {
  const payment = payments.get(id);
  const r = reservations.get(payment.reservation);
  const finish = () => {
    payment.state = "paid";
    r.state = "confirmed";
    change(performanceOf(r.performance.id), Object.fromEntries(r.seats.map((seat) => [seat.id, "sold"])));
  };
  let state = "confirmed";
  if (act === "approve") finish();
  else if (act === "slow") { payment.state = "pending"; state = "pending"; setTimeout(finish, 6000); }
  else { payment.state = state = act === "decline" ? "failed" : "cancelled"; }
  response.writeHead(303, { Location: `${payment.return_url}?reservation=${r.id}&state=${state}` });
  response.end();
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, "http://x");
  const path = url.pathname;
  let match;
  if ((match = /^\/posters\/(\d+)\.svg$/.exec(path))) return sendText(response, 200, types[".svg"], poster(Number(match[1]), shows[match[1]].title));
  if ((match = /^\/api\/v1\/tickets\/(.+)\/qr\.svg$/.exec(path))) return sendText(response, 200, types[".svg"], qr(match[1]));
  if ((match = /^\/sandbox\/pay\/([^/]+)\/(\w+)$/.exec(path))) return settle(response, match[1], match[2]);
  if ((match = /^\/sandbox\/pay\/([^/]+)$/.exec(path))) return payPage(response, match[1]);
  if ((match = /^\/api\/v1\/rooms\/([^/]+)\/places\/me\/events$/.exec(path)) && !NO_SSE) {
    const place = places.get(cookiesOf(request)[`place_${match[1]}`]);
    if (!place) return sendText(response, 401, "application/json", "{}");
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.write(`event: place\ndata: ${JSON.stringify(viewOf(place))}\n\n`);
    place.streams.add(response);
    request.on("close", () => place.streams.delete(response));
    return;
  }
  if (path.startsWith("/api/v1/")) {
    let text = "";
    for await (const chunk of request) text += chunk;
    try {
      if (request.method !== "GET" && request.headers["x-onsale-csrf"] !== "1") throw new Refused(403, "csrf");
      const wanted = path.slice("/api/v1".length).split("/");
      for (const [method, pattern, handle] of routes) {
        const parts = pattern.split("/");
        if (method !== request.method || parts.length !== wanted.length || parts.some((part, i) => part !== ":id" && part !== wanted[i])) continue;
        const id = decodeURIComponent(wanted[parts.indexOf(":id")] ?? "");
        const [status, body] = handle({ request, response, id, query: url.searchParams, body: text ? JSON.parse(text) : {} });
        if (body === undefined) { response.writeHead(status); return response.end(); }
        return sendText(response, status, "application/json", JSON.stringify(body));
      }
      throw new Refused(404, "not_found");
    } catch (error) {
      const answer = error.answer ?? { status: 500, code: "internal", title: String(error) };
      return sendText(response, answer.status, "application/problem+json", JSON.stringify(answer));
    }
  }
  // The wait page is the real server's; here nobody waits.
  if ((match = /^\/wait\/([^/]+)$/.exec(path))) {
    const place = { token: randomUUID(), room: match[1], state: "admitted", position: 0, streams: new Set() };
    places.set(place.token, place);
    response.writeHead(303, { Location: `/performances/${url.searchParams.get("performance")}`, "Set-Cookie": `place_${match[1]}=${place.token}; Path=/; HttpOnly; SameSite=Lax` });
    return response.end();
  }
  const file = join(DIST, normalize(path));
  if (extname(file) && existsSync(file)) return sendText(response, 200, types[extname(file)] ?? "application/octet-stream", readFileSync(file));
  sendText(response, 200, types[".html"], readFileSync(join(DIST, "index.html")));
});

const frame = (command, headers, body = "") => `${command}\n${Object.entries(headers).map(([k, v]) => `${k}:${v}`).join("\n")}\n\n${body}\0`;
const sockets = new WebSocketServer({ noServer: true });
server.on("upgrade", (request, socket, head) => {
  if (NO_WS || new URL(request.url, "http://x").pathname !== "/ws") return socket.destroy();
  sockets.handleUpgrade(request, socket, head, (ws) => {
    const mine = new Set();
    ws.on("close", () => { for (const each of mine) subscribers.delete(each); });
    ws.on("message", (data) => {
      for (const text of String(data).split("\0")) {
        const [head, ...lines] = text.replace(/^\n+/, "").split("\n");
        if (!head) continue;
        const headers = Object.fromEntries(lines.slice(0, lines.indexOf("")).map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)]));
        if (head === "CONNECT" || head === "STOMP") ws.send(frame("CONNECTED", { version: "1.2", "heart-beat": "0,0" }));
        else if (head === "SUBSCRIBE") {
          const entry = { ...headers, send: (body) => ws.send(frame("MESSAGE", { subscription: headers.id, "message-id": randomUUID(), destination: headers.destination, "content-type": "application/json" }, JSON.stringify(body))) };
          subscribers.add(entry);
          mine.add(entry);
          const place = places.get(headers.place);
          if (place) entry.send(viewOf(place));
        } else if (head === "UNSUBSCRIBE") for (const each of mine) if (each.id === headers.id) { subscribers.delete(each); mine.delete(each); }
      }
    });
  });
});
// For trying the client: expire every admitted place, or tell every socket to reconnect.
process.on("SIGUSR2", () => { for (const place of places.values()) { place.state = "expired"; tellPlace(place); } });
process.on("SIGHUP", () => { for (const each of subscribers) each.send({ type: "reconnect", after_ms: 1500 }); for (const ws of sockets.clients) ws.close(1012); });
server.listen(PORT, "127.0.0.1", () => process.stdout.write(`http://127.0.0.1:${PORT}\n`));
