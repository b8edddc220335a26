//! What the page says and keeps where an answer fails, is late, or is somebody else's.

import assert from 'node:assert/strict';

import { eventually, given, scenario } from '../browser.mjs';

const query = `?start=${given.start}&end=${given.end}&compare=previous`;
const API = '**/engagement/api/**';
const FAILED = /Failed to load resource/;

const json = (status, body, headers = {}) => ({ status, contentType: 'application/json', headers, body: typeof body === 'string' ? body : JSON.stringify(body) });
const failure = { success: false, error: 'no', status: 'error', message: 'no' };

/** Each: the state, the answer, and whether numbers that were there before stay. */
const ANSWERS = [
  ['unreachable', json(503, failure), true],
  ['unreachable', { status: 502, contentType: 'text/html', body: '<h1>Bad Gateway</h1>' }, true],
  ['limited', () => json(429, failure, { 'X-RateLimit-Reset': String(Date.now() + 600_000) }), true],
  ['misrouted', { status: 200, contentType: 'text/html', body: '<title>Rocket.Chat</title>' }, true],
  ['misrouted', json(404, { success: false, error: 'API endpoint not found' }), true],
  ['wrong-answer', json(200, '{"start":'), true],
  ['wrong-answer', json(200, { workspace: 1 }), true],
  ['wrong-answer', json(500, failure), true],
  ['signed-out', json(401, { status: 'error', message: 'You must be logged in to do this.' }), false],
  ['forbidden', json(403, { success: false, error: 'unauthorized' }), false],
];

const shownNumbers = (page) => page.locator('main').evaluate((main) => [...main.querySelectorAll('[data-value]')].filter((element) => element.checkVisibility()).length);

await scenario(async (open) => {
  const visit = await open();
  visit.expect(FAILED);
  const { page } = visit;
  const answer = (make) => page.route(API, (route) => route.fulfill(typeof make === 'function' ? make() : make));
  const said = async (state) => {
    const text = await page.locator(`#notices [data-notice="${state}"]`).innerText();
    assert.ok(text.length > 40, `${state} has its words: ${text}`);
    return text;
  };

  for (const [state, made, keeps] of ANSWERS) {
    // Before anything was shown.
    await answer(made);
    await visit.go(query, state);
    await said(state);
    assert.equal(await shownNumbers(page), 0, `${state}: nothing is invented`);
    assert.equal(await page.locator('#sign-in-section').isVisible(), state === 'signed-out', `${state}: the form`);
    // After something was.
    await page.unroute(API);
    await visit.go(query);
    await answer(made);
    await page.click('#refresh');
    await visit.until(state);
    const text = await said(state);
    if (keeps) {
      assert.equal(await visit.number('messages'), given.total, `${state}: the numbers stay`);
      assert.ok(await page.locator('[data-card="messages"] [data-number]').isVisible(), `${state}: and are seen`);
      assert.match(text, /numbers|\d\d:\d\d/i, `${state}: and it says of when they are`);
    } else assert.equal(await shownNumbers(page), 0, `${state}: no number stays`);
    await page.unroute(API);
    await page.click('#refresh');
    await visit.until('ready');
    assert.equal(await visit.number('messages'), given.total, `after ${state}`);
  }

  // What passes is waited for.
  await answer(() => json(429, { success: false, error: 'Error, too many requests. Please slow down. You must wait 1 seconds before trying this endpoint again.' }));
  await page.click('#refresh');
  await visit.until('limited');
  await page.unroute(API);
  await visit.until('ready');
  await answer(json(503, failure));
  await page.click('#refresh');
  await visit.until('unreachable');
  await page.unroute(API);
  await visit.until('ready');

  // An extension that blocks the data, a server that is away, and no network.
  await page.route(API, (route) => route.abort());
  await page.click('#refresh');
  await visit.until('blocked');
  await page.route('**/*', (route) => route.abort());
  await page.click('#refresh');
  await visit.until('unreachable');
  assert.equal(await visit.number('messages'), given.total, 'unreachable: the numbers stay');
  await page.unroute('**/*');
  await page.unroute(API);
  await visit.until('ready');
  await visit.context.setOffline(true);
  await visit.until('offline');
  assert.equal(await visit.number('messages'), given.total, 'offline: the numbers stay');
  await visit.context.setOffline(false);
  await visit.until('ready');

  // A part fails: the others are there.
  await page.route('**/api/people*', (route) => route.fulfill(json(500, failure)));
  await visit.go(query);
  await eventually('the card says so', () => page.locator('[data-card="active-people"]').getAttribute('data-state'), 'wrong-answer');
  assert.ok((await page.locator('[data-card="active-people"] .failure').innerText()).length > 10);
  assert.equal(await visit.number('messages'), given.total, 'the messages are there');
  await page.unroute('**/api/people*');

  // A late answer of a period that was left is dropped; old numbers are dimmed until the new ones come.
  await visit.go(query);
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route('**/api/messages*', async (route) => {
    if (route.request().url().includes(`end=${given.today}`)) await held;
    await route.continue().catch(() => {});
  });
  await page.selectOption('#period', 'this-month');
  await eventually('the card is loading', () => page.locator('[data-card="messages"]').getAttribute('data-state'), 'loading');
  assert.equal(await visit.number('messages'), given.total, 'loading: the old number stays');
  await page.selectOption('#period', '7d');
  await eventually('the newer choice is shown', () => page.locator('#range').getAttribute('data-end'), given.end);
  release();
  await page.unroute('**/api/messages*');
  await visit.until('ready');
  assert.equal(await visit.number('messages'), given.total, 'the late answer is dropped');

  // A newer version of the service.
  await page.route(API, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, headers: { ...response.headers(), 'x-engagement-version': '99.0.0' } });
  });
  await page.click('#refresh');
  await visit.until('new-version');
  await said('new-version');
  await page.unroute(API);
  await page.click('[data-notice="new-version"] button');
  await visit.until('ready');
});
