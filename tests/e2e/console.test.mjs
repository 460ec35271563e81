// The operator's console against the real server: what an operator does there takes effect, is seen,
// and is on record; every part of it in both sizes, languages and themes.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import test, { after, before } from 'node:test';
import { Client, films } from './lib/api.mjs';
import { Visitor, end, launch, until } from './lib/browser.mjs';
import { admin, onsale, started } from './lib/server.mjs';

const second = { email: 'second@onsale.test', password: 'a-second-password-1!' };
const stage = {};

before(async () => {
  // The demo's own operator is made at the first start; another one while no server runs.
  stage.server = await started();
  await stage.server.kill('SIGTERM');
  const made = onsale(['admin', 'create', second.email, '--data', stage.server.data], { input: `${second.password}\n` });
  assert.equal(made.status, 0, made.err);
  [, stage.browser] = await Promise.all([stage.server.start(), launch()]);
  stage.boss = await new Client(stage.server).login(admin);
  stage.rooms = (await films(stage.boss)).map((show) => show.room_id);
});
after(async () => {
  await stage.browser?.close();
  if (stage.server) await end(stage.server);
});

const configured = async (room, change) => {
  const answer = await stage.boss.patch(`/admin/rooms/${room}`, change);
  assert.equal(answer.status, 200, answer.text);
};
const roomNow = async (room) => (await stage.boss.get(`/admin/rooms/${room}`)).json;
const lotteryNow = async (room) => (await stage.boss.get(`/rooms/${room}/lottery`)).json;

async function joined(room, count) {
  const people = [];
  for (let i = 0; i < count; ++i) {
    const answer = await new Client(stage.server).post(`/rooms/${room}/places`);
    assert.ok(answer.status < 300, answer.text);
    people.push(answer.json.place);
  }
  return people;
}

async function operator(options, room, part, account = admin) {
  const visitor = await Visitor.come(stage.browser, stage.server, options);
  await visitor.login(account, `/admin/rooms/${room}${part ? `?part=${part}` : ''}`);
  return visitor;
}

async function apply(visitor, label, value) {
  await visitor.page.getByLabel(label, { exact: true }).fill(String(value));
  await visitor.button('rooms.apply_what', { what: label }).click();
}

const chooseMode = (visitor, mode) =>
  visitor.page.getByRole('radio', { name: visitor.t(`room.mode_${mode}`), exact: true }).check();
const figure = (visitor, key) =>
  visitor.page.locator('dl > div', { has: visitor.page.getByText(visitor.t(key), { exact: true }) }).locator('dd');

// The text of the file that a click saves.
async function saved(visitor, key) {
  const [download] = await Promise.all([visitor.page.waitForEvent('download'), visitor.button(key).click()]);
  return { name: download.suggestedFilename(), text: readFileSync(await download.path(), 'utf8') };
}

test('a change of the rate takes effect, is seen, and is on record', async () => {
  const room = stage.rooms[0];
  await configured(room, { capacity: 0 });
  await joined(room, 3);
  const visitor = await operator({ look: 'phone', language: 'ko' }, room);
  const { t } = visitor;
  await until('three wait', async () => (await figure(visitor, 'rooms.waiting').first().textContent()) === '3');

  await apply(visitor, t('rooms.rate'), 37);
  await until('rate 37', async () => (await roomNow(room)).admit_per_minute === 37, 1_000);
  await until('rate 37 on the page', async () => (await figure(visitor, 'rooms.rate').first().textContent()) === '37');

  // What is out of range never leaves the page, and the control says so.
  await visitor.page.getByLabel(t('rooms.rate'), { exact: true }).fill('99999999');
  await visitor.page.getByText(t('console.number_from_to', { min: 0, max: 10_000_000 })).waitFor();
  assert.ok(await visitor.button('rooms.apply_what', { what: t('rooms.rate') }).isDisabled());
  assert.equal((await roomNow(room)).admit_per_minute, 37);

  // The line moves as soon as there is room; the charts show it, also as a table.
  await apply(visitor, t('rooms.capacity'), 2);
  await until('two inside', async () => (await roomNow(room)).active === 2);
  await visitor.page.getByRole('img', { name: t('console.chart_line_text', { waiting: 1, active: 2 }) }).waitFor();
  await visitor.page.getByText(t('console.as_table')).first().click();
  await visitor.page.locator('figure table').first().getByRole('rowheader').first().waitFor();

  await visitor.link('console.part_log').click();
  const entry = visitor.page.locator('ol > li', { hasText: t('console.field_admit_per_minute') }).first();
  await entry.getByText('37').waitFor();
  assert.match(await entry.textContent(), new RegExp(`600.*37`));
  assert.match(await entry.textContent(), new RegExp(t('console.you')));
  await visitor.leave();
});

test('a mode that people notice is asked about first', async () => {
  const room = stage.rooms[1];
  await configured(room, { mode: 'queue', capacity: 0 });
  await joined(room, 2);
  const visitor = await operator({}, room);
  await until('two wait', async () => (await figure(visitor, 'rooms.waiting').first().textContent()) === '2');
  await chooseMode(visitor, 'open');
  await visitor.button('console.mode_do', { mode: visitor.t('room.mode_open') }).click();
  const dialog = visitor.page.getByRole('dialog');
  await dialog.getByText(visitor.t('console.mode_people', { waiting: 2, active: 0 })).waitFor();
  await visitor.accessible('the question');
  await visitor.shot('console-question-desktop');
  await dialog.getByRole('button', { name: visitor.t('console.keep') }).click();
  assert.equal((await roomNow(room)).mode, 'queue', 'nothing happened before the answer');
  await chooseMode(visitor, 'drain');
  await visitor.button('console.mode_do', { mode: visitor.t('room.mode_drain') }).click();
  await dialog.getByRole('button', { name: visitor.t('console.mode_do', { mode: visitor.t('room.mode_drain') }) }).click();
  await until('drain', async () => (await roomNow(room)).mode === 'drain', 1_000);
  const late = await new Client(stage.server).post(`/rooms/${room}/places`);
  assert.equal(late.json.code, 'room_closed', 'newcomers are refused');
  await configured(room, { mode: 'queue' });
  await visitor.leave();
});

test('in a room of two, a second operator says yes', async () => {
  const room = stage.rooms[2];
  const one = await operator({ language: 'en' }, room, 'rules');
  await one.page.getByRole('radio', { name: one.t('console.two_person_yes'), exact: true }).click({ force: true });
  await until('the rule', async () => (await roomNow(room)).two_person, 1_000);
  await one.link('console.part_live').click();
  await chooseMode(one, 'closed');
  await one.button('console.mode_do', { mode: one.t('room.mode_closed') }).click();
  await one.page.getByRole('dialog').getByRole('button', { name: one.t('console.mode_do', { mode: one.t('room.mode_closed') }) }).click();
  await until('closed by one alone', async () => (await roomNow(room)).mode === 'closed', 1_000);
  await chooseMode(one, 'queue');
  await one.button('console.mode_do', { mode: one.t('room.mode_queue') }).click();
  await one.heading('console.pending_title').waitFor();
  assert.equal((await roomNow(room)).mode, 'closed', 'a proposal changes nothing');
  assert.equal(await one.button('console.approve').count(), 0, 'nobody approves their own');

  const two = await operator({ look: 'phone', language: 'ko', theme: 'dark' }, room, '', second);
  await two.heading('console.pending_title').waitFor();
  await two.accessible('a proposal');
  await two.shot('console-pending-phone-ko-dark', { whole: true });
  await two.button('console.approve').click();
  await until('open', async () => (await roomNow(room)).mode === 'queue', 1_000);
  await one.heading('console.pending_title').waitFor({ state: 'detached' });

  // The other way round it is withdrawn.
  await chooseMode(two, 'open');
  await two.button('console.mode_do', { mode: two.t('room.mode_open') }).click();
  await two.button('console.withdraw').click();
  await two.heading('console.pending_title').waitFor({ state: 'detached' });
  assert.equal((await roomNow(room)).mode, 'queue');
  assert.equal((await roomNow(room)).pending, undefined);
  for (const visitor of [one, two]) await visitor.leave();
});

test('a plan, lanes and invites', async () => {
  const room = stage.rooms[3];
  await configured(room, { mode: 'closed' });
  const visitor = await operator({ language: 'en' }, room, 'rules');
  const { page, t } = visitor;
  await visitor.button('console.lane_add').click();
  await visitor.field('console.lane_name').fill('Members');
  await visitor.button('console.lanes_save').click();
  await until('the lane', async () => (await roomNow(room)).lanes[0]?.name === 'Members', 1_000);

  await visitor.link('console.part_invites').click();
  await visitor.field('console.invite_count').fill('3');
  await visitor.button('console.invite_make').click();
  await page.getByText(t('console.batch', { lane: 'Members', used: 0, count: 3 })).waitFor();
  const invites = await saved(visitor, 'console.invites_csv');
  assert.equal(invites.text.trim().split('\r\n').length, 4);
  const link = new URL(invites.text.trim().split('\r\n')[1].split(',')[2]);
  const guest = await Visitor.come(stage.browser, stage.server, { language: 'en' });
  await configured(room, { mode: 'prequeue' });
  await guest.open(link.pathname + link.search);
  await until('the invite is used', async () => (await stage.boss.get(`/admin/rooms/${room}/invites/batches`)).json.items[0].used === 1);
  await guest.leave();

  await visitor.open(`/admin/rooms/${room}?part=plan`); // the room as it is since then
  await visitor.button('console.plan_add').click();
  await visitor.button('console.plan_save').click();
  await visitor.text('console.plan_no_time').waitFor();
  await visitor.field('console.plan_at').fill('2099-01-02T20:00');
  await visitor.text('console.plan_empty').waitFor();
  await visitor.field('rooms.capacity').fill('7');
  await visitor.button('console.plan_save').click();
  await until('the plan', async () => (await roomNow(room)).schedule.length === 1, 1_000);
  const [planned] = (await roomNow(room)).schedule;
  assert.deepEqual(planned, { at: '2099-01-02T11:00:00.000Z', capacity: 7 });
  await visitor.leave();
});

test('a lottery, step by step', async () => {
  const room = stage.rooms[0];
  await configured(room, { mode: 'open' });
  await until('nobody waits', async () => (await roomNow(room)).waiting === 0);
  await configured(room, { mode: 'queue', capacity: 50, admit_per_minute: 600 });
  const visitor = await operator({ look: 'desktop', language: 'en' }, room, 'lottery');
  const { page, t } = visitor;
  const step = (name) => page.locator(`li[data-step="${name}"]`);
  const act = async (name) => {
    await step(name).and(page.locator('[data-state="now"]')).waitFor();
    await step(name).getByRole('button', { name: t(`console.step_${name}_do`), exact: true }).click();
    if (name === 'close') await page.getByRole('dialog').getByRole('button', { name: t('console.mode_do', { mode: t('room.mode_closed') }), exact: true }).click();
    await step(name).and(page.locator('[data-state="done"]')).waitFor();
  };
  for (const name of ['close', 'enable', 'commit']) await act(name);
  const { commitment } = await lotteryNow(room);
  await page.getByText(commitment).waitFor();

  // Out of turn the server refuses, at the control: the draw comes before the doors open.
  await visitor.link('console.part_live').click();
  await chooseMode(visitor, 'queue');
  await visitor.button('console.mode_do', { mode: t('room.mode_queue') }).click();
  await page.getByRole('alert').filter({ hasText: t('errors.field_not_drawn') }).waitFor();
  assert.equal((await roomNow(room)).mode, 'closed');
  await visitor.link('console.part_lottery').click();

  await act('gather');
  const people = await joined(room, 5);
  await page.getByText(t('console.lottery_joined', { n: 5 })).waitFor();
  await visitor.shot('console-lottery-gather-desktop', { whole: true });
  const value = createHash('sha256').update('a secret of the party').digest();
  const promise = createHash('sha256').update(value).digest('hex');
  await step('fix').getByRole('radio', { name: t('console.beacon_parties') }).check({ force: true });
  await visitor.field('console.beacon_commitments').fill('not a hash');
  await step('fix').getByText(t('console.hex_wrong')).waitFor();
  await visitor.field('console.beacon_commitments').fill(promise);
  await act('fix');
  const closed = await lotteryNow(room);
  assert.equal(closed.count, 5);
  await page.getByText(closed.root).waitFor();

  // A value that was not committed to draws nothing.
  await visitor.field('console.draw_reveals').fill('ab'.repeat(32));
  await step('draw').getByRole('button', { name: t('console.step_draw_do'), exact: true }).click();
  await step('draw').getByRole('alert').filter({ hasText: t('errors.lottery_reveal_mismatch') }).waitFor();
  await visitor.field('console.draw_reveals').fill(value.toString('hex'));
  await act('draw');
  const drawn = await lotteryNow(room);
  assert.equal(createHash('sha256').update(Buffer.from(drawn.seed, 'hex')).digest('hex'), commitment);
  await page.getByText(drawn.seed).waitFor();
  await act('serve');
  await until('all are called', async () => (await roomNow(room)).waiting === 0);
  const first = people[0];
  const mine = (await new Client(stage.server).get(`/rooms/${room}/places/me/lottery`, { 'onsale-place': first })).json;
  assert.ok(mine.rank >= 1 && mine.rank <= 5);
  const proof = await page.getByRole('link', { name: t('console.lottery_proof') }).getAttribute('href');
  assert.equal((await stage.boss.get(proof.replace('/api/v1', ''))).json.root, closed.root);
  await visitor.shot('console-lottery-desktop', { whole: true });
  await visitor.leave();
});

test('the numbers, the changes and the log are saved as CSV', async () => {
  const room = stage.rooms[0];
  const before = (await roomNow(room)).admit_per_minute;
  await configured(room, { admit_per_minute: 38 });
  await joined(room, 1);
  const visitor = await operator({ language: 'en' }, room);
  const rows = (text) => text.replace('\ufeff', '').trim().split(/\r?\n/);
  await visitor.page.locator('figure').first().waitFor();
  const numbers = await saved(visitor, 'console.numbers_csv');
  assert.match(numbers.name, new RegExp(`^${room}-numbers-.*\\.csv$`));
  assert.match(rows(numbers.text)[0], /^at,waiting,active,capacity,/);
  assert.ok(rows(numbers.text).length >= 2);
  await visitor.link('console.part_log').click();
  const changes = await saved(visitor, 'console.log_csv');
  assert.match(rows(changes.text)[0], /^at,who,name,email,action,subject,field,before,after$/);
  assert.ok(rows(changes.text).slice(1).every((row) => row.includes(`,${room},`)), 'of this room alone');
  assert.ok(rows(changes.text).some((row) => row.endsWith(`admit_per_minute,${before},38`)));
  const log = await saved(visitor, 'console.line_csv');
  assert.match(rows(log.text)[0], /^batch,at,what,place/);
  assert.ok(rows(log.text).some((row) => row.includes(',joined,')));
  await visitor.leave();
});

test('the charts begin with what the server remembers', async () => {
  const room = stage.rooms[1];
  const history = async () => (await stage.boss.get(`/admin/rooms/${room}/history`)).json;
  await configured(room, { mode: 'queue', capacity: 0 });
  await joined(room, 2);
  const then = await until('somebody is seen to wait', async () => (await history()).items.find((each) => each.waiting >= 2), 30_000);
  const visitor = await operator({ language: 'en' }, room);
  const { page, t } = visitor;
  await page.getByRole('heading', { name: t('console.chart_waits'), exact: true }).waitFor();
  await page.getByText(t('console.numbers_since', { time: '' }).split(',')[0]).waitFor();
  await page.getByText(t('console.as_table')).first().click();
  const oldest = page.locator('figure table').first().getByRole('rowheader').last();
  const clock = (iso) => new Date(Date.parse(iso) + 9 * 3_600_000).toISOString().slice(11, 19);
  const { items } = await history();
  assert.ok(items.some(({ at }) => at === then.at));
  await until('a row of before the page was opened', async () => (await oldest.textContent()) <= clock(then.at), 45_000);
  await page.getByText(t('console.chart_waits_no_eta')).waitFor();
  await configured(room, { capacity: 1, admit_per_minute: 60 });
  await page.getByText(t('console.chart_waits_no_eta')).waitFor({ state: 'detached' });
  await until('the estimate', async () => /^\d\d:\d\d$/.test(await figure(visitor, 'console.newcomer_waits').textContent()));
  await visitor.shot('console-history-desktop', { whole: true });
  await visitor.leave();
});

test('what the line sees of prices and stock', async () => {
  const room = stage.rooms[3];
  await configured(room, { mode: 'queue', capacity: 0 });
  const guest = await Visitor.come(stage.browser, stage.server, { language: 'en' });
  const plain = await Visitor.come(stage.browser, stage.server, { language: 'ko', look: 'phone', scripts: false });
  const seen = (who) => who.page.locator('#offers tr').first().locator('td:visible').count();
  await guest.open(`/wait/${room}`);
  await until('price and stock', async () => (await seen(guest)) === 2);
  const visitor = await operator({ look: 'phone', language: 'ko' }, room);
  const choose = (value) => visitor.page.getByRole('radio', { name: visitor.t(`console.offers_shown_${value}`), exact: true }).click({ force: true });
  for (const [value, columns] of [['prices', 1], ['none', 0], ['prices_and_stock', 2]]) {
    await choose(value);
    await until(value, async () => (await roomNow(room)).offers_shown === value, 1_000);
    await until(`${value} in the line`, async () => (await seen(guest)) === columns);
    await plain.open(`/wait/${room}`);
    await until(`${value} without scripts`, async () => { await plain.page.reload(); return (await seen(plain)) === columns; });
    assert.equal(await guest.page.locator('section:has(#offers)').isVisible(), value !== 'none');
    await plain.shot(`wait-offers-${value}-phone-ko`, { whole: true });
    await guest.shot(`wait-offers-${value}-desktop-en`, { whole: true });
  }
  const offers = visitor.page.getByRole('heading', { name: visitor.t('console.offers') });
  await offers.scrollIntoViewIfNeeded();
  await visitor.accessible('the control of what the line sees');
  for (const each of [guest, plain, visitor]) await each.leave();
});

test('changes are told by name, and can be asked for by operator', async () => {
  const room = stage.rooms[3];
  await configured(room, { admit_per_minute: 41 });
  const other = await new Client(stage.server).login(second);
  assert.equal((await other.patch(`/admin/rooms/${room}`, { admit_per_minute: 42 })).status, 200);
  const entry = (await stage.boss.get(`/admin/audit?subject=${room}&limit=1`)).json.items[0];
  assert.equal(entry.email, second.email);
  assert.ok(entry.name);
  const visitor = await operator({ look: 'phone', language: 'en' }, room, 'log');
  const entries = visitor.page.locator('ol[aria-labelledby="log"] > li');
  await entries.first().getByText(second.email).waitFor();
  await visitor.accessible('changes by name');
  await visitor.shot('console-log-names-phone-en');
  await visitor.field('console.log_by').selectOption({ label: entry.name });
  await until('of one operator alone', async () => (await entries.count()) >= 1 && (await entries.filter({ hasNotText: second.email }).count()) === 0);
  const changes = await saved(visitor, 'console.log_csv');
  const rows = changes.text.trim().split(/\r?\n/).slice(1);
  assert.ok(rows.length >= 1 && rows.every((row) => row.includes(`,${second.email},`) && row.includes(`,${room},`)));
  await visitor.leave();
});

test('what is not there, and who may not see it', async () => {
  const visitor = await operator({ language: 'en' }, 'no-such-room');
  await visitor.page.getByRole('alert').filter({ hasText: visitor.t('errors.room_not_found') }).waitFor();
  await visitor.accessible('no such room');
  await visitor.leave();
  const buyer = { email: 'curious@buyers.test', password: 'a-long-password-1!' };
  assert.equal((await new Client(stage.server).post('/auth/signup', { ...buyer, name: '구경꾼' })).status, 201);
  const curious = await operator({ language: 'ko' }, stage.rooms[0], '', buyer);
  await curious.heading('forbidden.title').waitFor();
  await curious.leave();
});

test('the console is worked by keyboard alone', async () => {
  const room = stage.rooms[1];
  // Stopping a line is asked about when somebody stands in it: those of before may be gone by now.
  await configured(room, { mode: 'queue', capacity: 0 });
  await joined(room, 1);
  const visitor = await operator({ language: 'en' }, room);
  const field = visitor.page.getByLabel(visitor.t('rooms.rate'), { exact: true });
  await field.waitFor();
  await until('somebody waits', async () => Number(await figure(visitor, 'rooms.waiting').first().textContent()) > 0);
  await visitor.tabTo(field);
  await visitor.page.keyboard.press('ControlOrMeta+a');
  await visitor.page.keyboard.type('41');
  await visitor.page.keyboard.press('Enter');
  await until('rate 41', async () => (await roomNow(room)).admit_per_minute === 41, 1_000);
  await visitor.tabTo(visitor.page.getByRole('radio', { name: visitor.t('room.mode_queue'), exact: true }));
  await visitor.page.keyboard.press('ArrowDown');
  const pause = visitor.t('console.mode_do', { mode: visitor.t('room.mode_paused') });
  await visitor.tabTo(visitor.page.getByRole('button', { name: pause, exact: true }));
  await visitor.page.keyboard.press('Enter');
  await visitor.tabTo(visitor.page.getByRole('dialog').getByRole('button', { name: pause, exact: true }));
  await visitor.page.keyboard.press('Enter');
  await until('paused', async () => (await roomNow(room)).mode === 'paused', 1_000);
  await configured(room, { mode: 'queue' });
  await visitor.leave();
});

// Every part in both sizes, both languages and both themes; not in all eight combinations.
const tours = [
  { look: 'phone', language: 'ko', theme: 'light' },
  { look: 'phone', language: 'en', theme: 'dark' },
  { look: 'desktop', language: 'ko', theme: 'dark' },
  { look: 'desktop', language: 'en', theme: 'light' },
];
const shown = {
  live: (page) => page.locator('.uplot').nth(4),
  rules: (page) => page.locator('fieldset').first(),
  plan: (page) => page.locator('form fieldset').first(),
  lottery: (page) => page.locator('li[data-step]').first(),
  invites: (page) => page.locator('main ul li').first(),
  log: (page) => page.locator('ol > li').first(),
};

// A room with something to see in every part.
async function furnished(room) {
  const now = await roomNow(room);
  if (now.mode !== 'prequeue') await configured(room, { mode: 'prequeue' });
  if (now.lanes.length === 0) await configured(room, { lanes: [{ name: 'Members', share: 400 }] });
  await configured(room, { schedule: [{ at: '2099-01-02T11:00:00Z', mode: 'queue', capacity: 7 }] });
  const { items } = (await stage.boss.get(`/admin/rooms/${room}/invites/batches`)).json;
  if (items.length > 0) return;
  const made = await stage.boss.post(`/admin/rooms/${room}/invites`, { count: 3, lane: 'Members' });
  assert.equal(made.status, 201, made.text);
}

for (const options of tours) {
  const tag = Object.values(options).join('-');
  test(`every part, looked at: ${tag}`, async () => {
    const failures = [];
    const room = stage.rooms[3];
    await furnished(room);
    const visitor = await operator(options, room);
    for (const part of Object.keys(shown)) {
      const where = part === 'lottery' || part === 'live' ? stage.rooms[0] : room;
      await visitor.open(`/admin/rooms/${where}${part === 'live' ? '' : `?part=${part}`}`);
      await shown[part](visitor.page).waitFor();
      await visitor.shot(`console-${part}-${tag}`, { whole: true });
      await visitor.accessible(`${part} ${tag}`).catch((error) => failures.push(error.message));
    }
    await visitor.leave();
    assert.deepEqual(failures, []);
  });
}
