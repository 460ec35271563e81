// Everything that some served browser lacks (web/dev/too_new.js) is deleted before a page's first line
// runs; then somebody goes from the shop through the line to the seats.
import assert from 'node:assert/strict';
import test from 'node:test';
import { tooNew } from '../../web/dev/too_new.js';
import { Client, films, openPerformance } from './lib/api.mjs';
import { end, launch, Visitor } from './lib/browser.mjs';
import { admin, started } from './lib/server.mjs';

function forget(list) {
  for (const { object, member, isStatic, builtin } of list) {
    const known = window[object];
    try {
      if (!member) delete window[object];
      if (member && isStatic) delete known?.[member];
      if (member && (builtin || !isStatic)) delete known?.prototype?.[member];
    } catch { /* it can't be deleted */ }
  }
}

test('a browser of the oldest that we serve', { timeout: 120_000 }, async (t) => {
  const [server, browser] = await Promise.all([started(), launch()]);
  t.after(async () => {
    await browser.close();
    await end(server);
  });
  const boss = await new Client(server).login(admin);
  const show = (await films(boss))[0];
  const performance = await openPerformance(boss, show);
  const visitor = await Visitor.come(browser, server, { look: 'phone' });
  await visitor.context.addInitScript(`(${forget})(${JSON.stringify(tooNew())})`);
  await visitor.open('/');
  assert.equal(await visitor.page.evaluate(() => typeof AbortSignal.any), 'undefined');
  await visitor.page.getByRole('link', { name: show.title }).first().click();
  await visitor.reach('/shows/');
  await visitor.heading('performance.title').waitFor();
  await visitor.open(`/wait/${show.room_id}?performance=${performance.id}`);
  await visitor.reach('/performances/');
  const seat = visitor.page.locator('.seat[data-state="free"]').first();
  await seat.waitFor();
  await seat.click();
  await visitor.button('selection.login_and_hold').waitFor();
  await visitor.leave();
});

// As a browser whose owner blocks cookies and storage: asking for either is an error, or finds nothing.
function keepNothing() {
  Object.defineProperty(Document.prototype, 'cookie', { get: () => '', set: () => {} });
  for (const name of ['localStorage', 'sessionStorage']) {
    Object.defineProperty(window, name, { get: () => { throw new DOMException('blocked', 'SecurityError'); } });
  }
}

test('a browser that may keep nothing', { timeout: 120_000 }, async (t) => {
  const [server, browser] = await Promise.all([started(), launch()]);
  t.after(async () => {
    await browser.close();
    await end(server);
  });
  const boss = await new Client(server).login(admin);
  const show = (await films(boss))[0];
  assert.equal((await boss.patch(`/admin/rooms/${show.room_id}`, { mode: 'queue', capacity: 0 })).status, 200);
  const visitor = await Visitor.come(browser, server, { look: 'phone' });
  await visitor.context.addInitScript(`(${keepNothing})()`);
  await visitor.open('/');
  await visitor.page.getByRole('link', { name: show.title }).first().click();
  await visitor.reach('/shows/');
  await visitor.heading('performance.title').waitFor();
  // No place is made that nothing here would remember, however often the page is opened.
  for (let i = 0; i < 2; ++i) {
    await visitor.open(`/wait/${show.room_id}`);
    await visitor.page.locator('[data-for="cookies"]:visible').waitFor();
  }
  assert.equal((await boss.get(`/admin/rooms/${show.room_id}`)).json.waiting, 0);
  await visitor.leave();
});
