// Chromium for the journeys: visitors with a size, a language and a theme; the words of the web app's
// own catalogues; axe; screenshots in artifacts/e2e.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { root } from './server.mjs';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const shots = path.join(root, 'artifacts/e2e');
// Everybody's words, and the operators' beside them.
const wordsIn = (file) => JSON.parse(readFileSync(path.join(root, 'web/src', file), 'utf8'));
const catalogues = Object.fromEntries(['ko', 'en'].map((language) => {
  const [all, operators] = [wordsIn(`i18n/${language}.json`), wordsIn(`ops/words/${language}.json`)];
  return [language, { ...all, ...operators, errors: { ...all.errors, ...operators.errors } }];
}));

export const looks = {
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
  desktop: { viewport: { width: 1280, height: 860 } },
};

// `cached`: with the back/forward cache, which people's browsers have and the driver switches off.
export function launch({ cached = false } = {}) {
  return chromium.launch({
    executablePath: process.env.ONSALE_CHROMIUM ?? '/usr/bin/chromium',
    ignoreDefaultArgs: cached ? ['--disable-back-forward-cache'] : [],
    args: [...(cached ? ['--enable-features=BackForwardCache'] : []),
      '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}

// Stops a server as an operator would; it has to end by itself.
export async function end(server) {
  await server.kill('SIGTERM');
  rmSync(server.data, { recursive: true, force: true });
}

// words('en')('wait.people', {n: 3, count: 3}): what the app says, plurals as i18next picks them.
export function words(language) {
  const find = (key) => key.split('.').reduce((at, part) => at?.[part], catalogues[language]);
  return (key, values = {}) => {
    const plural = values.count === undefined ? undefined
      : find(`${key}_${new Intl.PluralRules(language).select(values.count)}`);
    const text = plural ?? find(key);
    if (typeof text !== 'string') throw new Error(`no text ${key} in ${language}`);
    return text.replace(/\{\{(\w+)\}\}/g, (_, name) => values[name] ?? '');
  };
}

export async function until(what, check, ms = 10_000) {
  const end = Date.now() + ms;
  for (;;) {
    const value = await check();
    if (value) return value;
    if (Date.now() > end) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

// One browser window of one person, with no memory of others.
export class Visitor {
  static async come(browser, server, { look = 'desktop', language = 'en', theme = 'light', scripts = true } = {}) {
    const visitor = new Visitor();
    visitor.server = server;
    visitor.t = words(language);
    visitor.language = language;
    visitor.look = look;
    visitor.context = await browser.newContext({
      ...looks[look], locale: language === 'ko' ? 'ko-KR' : 'en-US', colorScheme: theme, timezoneId: 'Asia/Seoul',
      reducedMotion: 'reduce', javaScriptEnabled: scripts,
    });
    visitor.context.setDefaultTimeout(15_000);
    visitor.page = await visitor.context.newPage();
    visitor.problems = [];
    visitor.context.on('weberror', (error) => visitor.problems.push(error.error().message));
    visitor.context.on('console', (message) => {
      // The browser itself notes every refused request; refusals are part of some journeys.
      if (message.type() === 'error' && !/status of 4\d\d|ERR_INTERNET_DISCONNECTED/.test(message.text())) {
        visitor.problems.push(message.text());
      }
    });
    return visitor;
  }

  open(where) { return this.page.goto(this.server.url + where); }
  reach(start) { return this.page.waitForURL((url) => url.pathname.startsWith(start)); }
  button(key, values) { return this.page.getByRole('button', { name: this.t(key, values), exact: true }); }
  link(key, values) { return this.page.getByRole('link', { name: this.t(key, values), exact: true }); }
  heading(key, values) { return this.page.getByRole('heading', { name: this.t(key, values), exact: true }); }
  text(key, values) { return this.page.getByText(this.t(key, values), { exact: true }); }
  field(key) { return this.page.getByLabel(this.t(key), { exact: true }); }
  seat(id) { return this.page.locator(`.seat[data-seat="${id}"]`); }
  seatTurns(id, state) { return this.page.locator(`.seat[data-seat="${id}"][data-state="${state}"]`).waitFor({ state: 'attached' }); }

  async login({ email, password }, next = '/') {
    await this.open(`/login?next=${encodeURIComponent(next)}`);
    await this.fillLogin({ email, password });
    await this.page.waitForURL(this.server.url + next);
  }

  async fillLogin({ email, password }) {
    await this.field('login.email').fill(email);
    await this.field('login.password').fill(password);
    await this.button('login.submit').click();
  }

  async shot(name, { whole = false } = {}) {
    mkdirSync(shots, { recursive: true });
    await this.page.screenshot({ path: path.join(shots, `${name}.png`), fullPage: whole, animations: 'disabled' });
  }

  // No violation of WCAG 2.2 A and AA or of axe's best practices, and nothing wider than the screen.
  async accessible(name) {
    // Through the protocol: pages that allow no script of others are checked as well.
    await this.page.evaluate(axeSource);
    const { violations } = await this.page.evaluate(() => window.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    }));
    assert.deepEqual(violations.map((each) => `${each.id}: ${each.help}: ${each.nodes.slice(0, 3).map((node) => node.html.slice(0, 200)).join(' | ')}`), [], name);
    assert.equal(await this.page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - innerWidth)), 0, `${name} is too wide`);
  }

  // Presses Tab until the focus is where it is wanted.
  async tabTo(locator, limit = 90) {
    for (let step = 0; step < limit; ++step) {
      if (await locator.evaluate((element) => element === document.activeElement)) return;
      await this.page.keyboard.press('Tab');
    }
    throw new Error(`the keyboard does not reach ${locator}`);
  }

  async leave() {
    await this.context.close();
    assert.deepEqual(this.problems, [], 'the page reported errors');
  }
}
