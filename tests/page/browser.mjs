//! What every scenario stands on: one browser, contexts in which somebody is logged in or nobody is, and what must never happen in any of
//! them: errors, violations of the policy, requests to another origin, the token where others could read it.

import assert from 'node:assert/strict';

const { chromium } = await import(process.env.PLAYWRIGHT);

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--no-first-run', '--disable-dev-shm-usage'];

export const given = JSON.parse(process.argv[2]);

/** How long anything may take that the page is to do: the machine may be busy. */
export const PATIENCE = 30_000;

/** Runs a scenario. It is given a function that opens contexts. */
export async function scenario(act) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: FLAGS });
  const watched = [];
  const open = async (options = {}) => {
    const visit = await Visit.begin(browser, options);
    watched.push(visit);
    return visit;
  };
  try {
    await act(open);
    for (const visit of watched) await visit.end();
  } catch (error) {
    process.exitCode = 1;
    console.error(error.stack ?? String(error));
    for (const visit of watched) console.error(await visit.story().catch(String));
  } finally {
    await browser.close();
  }
}

/** A context of the browser, with all that happens in it. */
export class Visit {
  wrong = [];
  said = [];
  asked = [];
  expected = [];

  static async begin(browser, { login = 'local', suffix = '', user = given.user, token = given.token, ...options } = {}) {
    const visit = new Visit();
    visit.context = await browser.newContext({ viewport: { width: 1280, height: 900 }, timezoneId: 'UTC', locale: 'en-GB', ...options });
    visit.context.setDefaultTimeout(PATIENCE);
    visit.watch();
    visit.page = await visit.context.newPage();
    if (login) {
      await visit.page.goto(`${given.origin}/`);
      await visit.logIn(visit.page, login, user, token, suffix);
    }
    return visit;
  }

  /** Does in a tab what Rocket.Chat does when somebody logs in. */
  async logIn(page, store, user, token, suffix = '') {
    const set = ([name, ...values]) => {
      const storage = window[name];
      storage.setItem(`Meteor.userId${values[2]}`, values[0]);
      storage.setItem(`Meteor.loginToken${values[2]}`, values[1]);
    };
    await page.evaluate(set, [`${store}Storage`, user, token, suffix]);
  }

  watch() {
    const { context } = this;
    context.addInitScript(notePainting);
    const origin = new URL(given.origin).origin;
    context.on('request', (request) => {
      const url = request.url();
      this.asked.push(url);
      if (!url.startsWith(`${origin}/`) && !/^(blob|data):/.test(url)) this.wrong.push(`a request to another origin: ${url}`);
    });
    context.on('console', (message) => {
      const text = `${message.type()}: ${message.text()}`;
      this.said.push(text);
      if (message.type() !== 'error' && message.type() !== 'warning') return;
      if (/content security policy|trusted ?type/i.test(text) || !this.expected.some((one) => one.test(text))) this.wrong.push(text);
    });
    context.on('weberror', (error) => this.wrong.push(`an error of the page: ${error.error().stack ?? error.error()}`));
    context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) =>
        console.error('content security policy violated:', violatedDirective, blockedURI, sample),
      );
    });
  }

  /** From now on this text of the console is no error: it is what the scenario provokes. */
  expect(...texts) {
    this.expected.push(...texts);
  }

  /** Opens the page, and waits until it has come to a state. */
  async go(query = '', state = 'ready', page = this.page) {
    await page.goto(`${given.address}${query}`);
    await this.until(state, page);
    return page;
  }

  async until(state, page = this.page) {
    await page.waitForSelector(`body[data-state="${state}"]`, { timeout: PATIENCE }).catch(async (error) => {
      const there = await page.evaluate(() => `${document.body.dataset.state}: ${document.getElementById('notices')?.innerText}`);
      throw new Error(`the page does not come to the state ${state}, it is ${there}`, { cause: error });
    });
  }

  /** The number of a card, which the page must have come to. */
  number(card, page = this.page) {
    return valueOf(page, `[data-card="${card}"] [data-number]`);
  }

  /** That the token is nowhere where others could read it, and that nothing went wrong. */
  async check() {
    const tokens = [given.token, ...(given.tokens ?? [])];
    for (const page of this.context.pages()) {
      const html = await page.evaluate(() => document.documentElement.outerHTML);
      for (const token of tokens) if (html.includes(token)) this.wrong.push('the token is in the document');
    }
    for (const token of tokens) {
      if ([...this.asked, ...this.context.pages().map((page) => page.url())].some((url) => url.includes(token))) this.wrong.push('the token is in an address');
      if (this.said.some((text) => text.includes(token))) this.wrong.push('the token is in the console');
    }
    assert.deepEqual(this.wrong, [], 'what must never happen');
  }

  async end() {
    await this.check();
    await this.context.close();
  }

  async story() {
    const pages = this.context.pages().map(async (page) => `${page.url()}: ${(await page.evaluate(() => document.body.innerText)).slice(0, 600)}`);
    return [...this.wrong, ...this.said.slice(-5), ...(await Promise.all(pages))].join('\n');
  }
}

/** Runs in the page, before it: notes when the four numbers were painted, when all cards were, and for how long nothing else could be done. */
function notePainting() {
  const noted = { numbers: null, cards: null, longest: 0 };
  Object.defineProperty(window, 'noted', { value: noted });
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) noted.longest = Math.max(noted.longest, duration);
  }).observe({ type: 'longtask', buffered: true });
  // A frame is painted after its animation callbacks, and a message comes after that.
  const painted = (name) =>
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => (noted[name] ??= performance.now());
      port2.postMessage(null);
    });
  const seen = new Set();
  const look = () => {
    for (const [name, isThere] of [
      ['numbers', () => document.querySelectorAll('.number-card [data-number]').length === 4],
      ['cards', () => document.body?.dataset.state === 'ready'],
    ]) {
      if (seen.has(name) || !isThere()) continue;
      seen.add(name);
      painted(name);
    }
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ['data-state'] });
}

/** Prints how long the page that was just opened took from its last answer to what is painted. Nothing is asserted: machines differ. */
export async function printPainting(page, what) {
  await page.waitForFunction(() => window.noted.numbers && window.noted.cards);
  const figures = await page.evaluate(() => {
    const { numbers, cards, longest } = window.noted;
    // The three that the numbers need: today's messages and the days around are asked for without a comparison.
    const answers = performance.getEntriesByType('resource').filter(({ name }) => /\/api\/(context$|.*compare=)/.test(name));
    const last = Math.max(...answers.map(({ responseEnd }) => responseEnd));
    return [answers.length, last, numbers - last, cards - last, longest].map(Math.round);
  });
  const [answers, last, numbers, cards, longest] = figures;
  assert.equal(answers, 3, 'answers');
  console.log(`${what}: the last answer after ${last} ms, then the numbers painted in ${numbers} ms, all cards in ${cards} ms; the longest task ${longest} ms`);
}

/** That no text lies upon another one, and that none is cut off without a sign of it. */
export async function tidy(page, what) {
  const faults = await page.evaluate(() => {
    const found = [];
    const visible = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    const isForScreenReaders = (element) => {
      if (element.closest('.hidden, .skip, noscript, option, select, [hidden]')) return true;
      for (let above = element; above; above = above.parentElement) if (getComputedStyle(above).clipPath !== 'none') return true;
      return false;
    };
    const clipped = (rect, element) => {
      let { left, right, top, bottom } = rect;
      for (let above = element; above && above !== document.body; above = above.parentElement) {
        const { overflowX, overflowY } = getComputedStyle(above);
        if (overflowX === 'visible' && overflowY === 'visible') continue;
        const box = above.getBoundingClientRect();
        [left, right, top, bottom] = [Math.max(left, box.left), Math.min(right, box.right), Math.max(top, box.top), Math.min(bottom, box.bottom)];
      }
      return right - left > 1 && bottom - top > 1 ? { left, right, top, bottom } : null;
    };
    const scope = document.querySelector('dialog[open]') ?? document.body;
    const texts = [];
    const walker = document.createTreeWalker(scope, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      if (!node.data.trim() || isForScreenReaders(element) || !visible(element) || element.closest('.popup, script, style')) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const isOnBar = element.closest('nav.bar, .panel-head, .sheet thead') !== null;
      for (const rect of range.getClientRects()) {
        const box = clipped(rect, element);
        if (box) texts.push({ ...box, node, isOnBar, text: node.data.trim().slice(0, 40) });
      }
      for (let box = element; box && box !== scope; box = box.parentElement) {
        const { overflowX, textOverflow } = getComputedStyle(box);
        if (overflowX === 'visible' || box.scrollWidth <= box.clientWidth + 1) continue;
        if (!['hidden', 'clip'].includes(overflowX)) break;
        if (textOverflow !== 'ellipsis') found.push(`cut off: ${node.data.trim().slice(0, 40)}`);
        // What reads from right to left begins at the right.
        range.setEnd(node, 1);
        const [{ left, right }, { left: from, right: to }] = [range.getBoundingClientRect(), box.getBoundingClientRect()];
        if (left < from - 1 || right > to + 1) found.push(`the beginning is cut off: ${node.data.trim().slice(0, 40)}`);
        break;
      }
    }
    texts.sort((a, b) => a.top - b.top);
    texts.forEach((one, index) => {
      for (let next = index + 1; next < texts.length && texts[next].top < one.bottom - 2; next += 1) {
        const other = texts[next];
        if (other.node === one.node || other.isOnBar !== one.isOnBar) continue;
        const width = Math.min(one.right, other.right) - Math.max(one.left, other.left);
        const height = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
        if (width > 2 && height > 4) found.push(`${one.text} is upon ${other.text}`);
      }
    });
    return found.slice(0, 8);
  });
  assert.deepEqual(faults, [], `${what}: cut or overlapping texts`);
}

/** Waits until something has the expected value; what it was last is in the message. */
export async function eventually(what, get, expected) {
  const began = Date.now();
  for (;;) {
    let last;
    try {
      last = await get();
      assert.deepEqual(last, expected, what);
      return;
    } catch (error) {
      if (Date.now() - began > PATIENCE) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** The raw number of the only element with this selector. */
export async function valueOf(page, selector) {
  const value = await page.locator(selector).first().getAttribute('data-value');
  return value === null ? null : Number(value);
}

/** Of all elements with a selector: these attributes of `data-`, numbers as such. */
export const dataOf = (page, selector, names) =>
  page.locator(selector).evaluateAll(
    (elements, wanted) =>
      elements.map((element) => wanted.map((name) => (element.dataset[name] === undefined ? null : /^-?[\d.]+$/.test(element.dataset[name]) ? Number(element.dataset[name]) : element.dataset[name]))),
    names,
  );

/** The cells of each row with a selector, by the names of their columns. */
export const cellsOf = (page, selector, columns) =>
  page.locator(selector).evaluateAll(
    (rows, wanted) =>
      rows.map((row) =>
        wanted.map((name) => {
          const value = row.querySelector(`[data-column="${name}"]`)?.dataset.value;
          return value === undefined ? null : /^-?[\d.]+$/.test(value) ? Number(value) : value;
        }),
      ),
    columns,
  );

export const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
