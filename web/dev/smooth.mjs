// How smooth the 300-seat map is: frame times while zooming, panning and receiving live changes.
import { BASE, launch, LOOKS } from "./browser.mjs";

const browser = await launch();
const page = await (await browser.newContext(LOOKS.desktop)).newPage();
await page.goto(`${BASE}/wait/room-film-3?performance=perf-3-0-10`);
await page.waitForSelector(".seat[data-state]", { timeout: 20_000 });
const session = await page.context().newCDPSession(page);
for (const slow of [1, 4]) {
  await session.send("Emulation.setCPUThrottlingRate", { rate: slow });
  const times = await page.evaluate(async () => {
    const svg = document.querySelector(".seatmap");
    const box = svg.getBoundingClientRect();
    const gaps = [];
    let last = performance.now();
    for (let frame = 0; frame < 120; frame += 1) {
      svg.dispatchEvent(new WheelEvent("wheel", { deltaY: frame % 60 < 30 ? -40 : 40, clientX: box.x + box.width / 3, clientY: box.y + box.height / 2, bubbles: true, cancelable: true }));
      await new Promise((resolve) => requestAnimationFrame(resolve));
      const now = performance.now();
      gaps.push(now - last);
      last = now;
    }
    return gaps.sort((a, b) => a - b);
  });
  const at = (share) => times[Math.floor(times.length * share)].toFixed(1);
  console.log(`CPU ÷${slow}: frame median ${at(0.5)} ms, p95 ${at(0.95)} ms, worst ${times.at(-1).toFixed(1)} ms`);
}
await browser.close();
