// Made-up data in the shapes of the contract, for working on the web app without the server.
const DAY = 86_400_000;
const now = Date.now();
const midnight = new Date(now - ((now + 9 * 3_600_000) % DAY)).getTime(); // in Seoul

const colours = ["#233d4d", "#7a2e39", "#1f5c4a", "#4a3d73", "#8a5a1f", "#2b4c7e", "#5b2a4f", "#33514d", "#70402c", "#1e3a5f"];
export function poster(index, title) {
  const colour = colours[index % colours.length];
  const words = title.split(/[:\s]+/).slice(0, 3);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 600"><defs><radialGradient id="g" cx="50%" cy="${20 + index * 5}%" r="90%"><stop offset="0" stop-color="#fff" stop-opacity=".35"/><stop offset="1" stop-color="#000" stop-opacity=".35"/></radialGradient></defs><rect width="400" height="600" fill="${colour}"/><rect width="400" height="600" fill="url(#g)"/><circle cx="${120 + index * 17}" cy="210" r="${90 + index * 6}" fill="none" stroke="#fff" stroke-opacity=".5" stroke-width="2"/><circle cx="${280 - index * 11}" cy="250" r="${60 + index * 5}" fill="#fff" fill-opacity=".12"/>${words.map((word, line) => `<text x="32" y="${450 + line * 48}" font-family="sans-serif" font-weight="700" font-size="40" fill="#fff">${word}</text>`).join("")}</svg>`;
}

const raw = [
  ["film", "탑건: 매버릭", 130, 12, 0.55, "room-film-1"],
  ["film", "듄: 파트 2", 166, 12, 0.9, "room-film-2"],
  ["film", "기생충", 131, 15, 0.2, "room-film-3"],
  ["film", "인터스텔라", 169, 12, 0.35, "room-film-4"],
  ["musical", "오페라의 유령", 150, 8, 0.7, "room-musical"],
  ["musical", "레미제라블", 170, 8, 1, null],
  ["musical", "위키드", 165, 8, 0.4, null],
  ["musical", "시카고", 145, 14, 0.6, "room-paused"],
  ["musical", "맨 오브 라만차", 155, 14, 0.1, "room-prequeue"],
  ["concert", "한강의 여름밤: 그랜드 스타디움 콘서트", 120, 0, 0.5, "room-closed"],
];

function cinema() {
  const rows = [];
  for (let r = 0; r < 15; r += 1) {
    const label = String.fromCharCode(65 + r);
    const seats = [];
    for (let s = 0; s < 20; s += 1) {
      const aisle = s >= 15 ? 1 : s >= 5 ? 0.5 : 0;
      seats.push({ id: `${label}-${s + 1}`, label: String(s + 1), x: (s + aisle) * 10, y: r * 11 + (r > 9 ? 6 : 0), grade: r < 3 ? "A" : r > 9 ? "R" : "S", accessible: r === 14 && s < 2, adjacency: s + (s < 5 ? 0 : s < 15 ? 1 : 2) });
    }
    rows.push({ label, seats });
  }
  return { version: 1, sections: [{ id: "main", name: "1관", rows }], stage: { label: "SCREEN" } };
}
function theatre() {
  const rows = [];
  for (let r = 0; r < 10; r += 1) {
    const label = String.fromCharCode(65 + r);
    const seats = [];
    for (let s = 0; s < 14; s += 1) {
      const angle = (s - 6.5) * 0.055;
      const radius = 150 + r * 12;
      seats.push({ id: `${label}-${s + 1}`, label: `${label}-${s + 1}`, x: Math.sin(angle) * radius, y: Math.cos(angle) * radius * 0.9, grade: r < 3 ? "VIP" : r < 6 ? "R" : r < 8 ? "S" : "A", accessible: false, adjacency: s + (s < 7 ? 0 : 1) });
    }
    rows.push({ label, seats });
  }
  return { version: 1, sections: [{ id: "main", name: "1층", rows }], stage: { label: "STAGE" } };
}
function stadium() {
  const sections = [];
  for (let b = 0; b < 60; b += 1) {
    const ring = b < 24 ? 0 : 1;
    const count = ring === 0 ? 24 : 36;
    const index = ring === 0 ? b : b - 24;
    const span = (Math.PI * 2) / count;
    const rows = [];
    for (let r = 0; r < 25; r += 1) {
      const radius = (ring === 0 ? 220 : 500) + r * 9.5;
      const seats = [];
      for (let s = 0; s < 40; s += 1) {
        const angle = index * span + span * (0.06 + (0.88 * s) / 39) + Math.PI / 2;
        seats.push({ id: `S${b + 101}-${r + 1}-${s + 1}`, label: String(s + 1), x: Math.round(Math.cos(angle) * radius * 1.45 * 10) / 10, y: Math.round(Math.sin(angle) * radius * 10) / 10, grade: ring === 0 ? (index % 24 < 8 ? "VIP" : "R") : "S" });
      }
      rows.push({ label: String(r + 1), seats });
    }
    sections.push({ id: `s${b + 1}`, name: `${ring === 0 ? "1" : "2"}${String(index + 1).padStart(2, "0")}`, rows });
  }
  return { version: 1, sections, stage: { label: "STAGE" } };
}
export const seatmaps = { cinema: cinema(), theatre: theatre(), stadium: stadium() };
const prices = {
  cinema: [["R", 18000], ["S", 15000], ["A", 12000]],
  theatre: [["VIP", 190000], ["R", 160000], ["S", 130000], ["A", 90000]],
  stadium: [["VIP", 220000], ["R", 165000], ["S", 121000]],
};

let seed = 7;
export const random = () => {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return seed / 2147483648;
};

export const performances = [];
export const shows = raw.map(([kind, title, minutes, age, sold, room], index) => {
  const hall = kind === "film" ? "cinema" : kind === "concert" ? "stadium" : "theatre";
  const seats = seatmaps[hall].sections.flatMap((s) => s.rows.flatMap((r) => r.seats));
  const id = `show-${index + 1}`;
  const grades = prices[hall].map(([grade, price]) => ({ grade, price }));
  const days = kind === "concert" ? 2 : 6;
  const list = [];
  for (let day = 0; day < days; day += 1) {
    for (const hour of kind === "film" ? [10.5, 14, 19.5] : [19.5]) {
      const taken = {};
      for (const seat of seats) if (random() < sold) taken[seat.id] = "sold";
      const upcoming = room === "room-prequeue";
      list.push({
        id: `perf-${index + 1}-${day}-${Math.floor(hour)}`,
        show_id: id,
        hall: { id: hall, name: kind === "film" ? "IMAX 1관" : kind === "concert" ? "주경기장" : "대극장", venue: { id: "v", name: kind === "film" ? "온세일 시네마 강남" : kind === "concert" ? "잠실 종합운동장" : "샤롯데 씨어터" } },
        starts_at: new Date(midnight + (day + 1) * DAY + hour * 3_600_000).toISOString(),
        sale_opens_at: new Date(upcoming ? now + 3 * 60_000 : now - DAY).toISOString(),
        sale_state: sold === 1 ? "sold_out" : upcoming ? "upcoming" : "on_sale",
        seats_total: seats.length,
        get seats_available() {
          return seats.length - Object.keys(taken).length;
        },
        currency: "KRW",
        grades,
        taken,
        version: 1,
        map: hall,
      });
    }
  }
  performances.push(...list);
  return {
    id, kind, title,
    summary: `${title}. 놓치면 다시 보기 어려운 무대를 가장 가까이에서 만나 보세요.`,
    description: `${title}. 놓치면 다시 보기 어려운 무대를 가장 가까이에서 만나 보세요.\n예매는 한 번에 네 석까지 할 수 있고, 공연 전날까지 취소하면 모두 돌려 드려요.`,
    poster_url: `/posters/${index}.svg`,
    age_rating: String(age), running_minutes: minutes,
    starts_on: new Date(midnight + DAY).toISOString().slice(0, 10),
    ends_on: new Date(midnight + days * DAY).toISOString().slice(0, 10),
    price_from: Math.min(...grades.map((g) => g.price)), currency: "KRW",
    room_id: room,
    performers: [{ name: "김하늘" }, { name: "이도윤" }, { name: "박서연" }],
    venue: list[0].hall.venue,
    seats_total: list.reduce((sum, p) => sum + p.seats_total, 0),
    get seats_available() {
      return list.reduce((sum, p) => sum + p.seats_available, 0);
    },
    sale_state: list[0].sale_state,
  };
});
