//! 5,000 rooms: all of them are there, only a page of them is in the document, and nothing lies upon anything else.

import assert from 'node:assert/strict';

import { cellsOf, given, printPainting, scenario, sum, tidy } from '../browser.mjs';

const query = `?start=${given.start}&end=${given.end}&compare=previous`;
const ROWS = '[data-card="channels"] tbody tr';
const names = (page) => page.locator(`${ROWS} [data-column="name"]`).evaluateAll((cells) => cells.map((cell) => cell.dataset.value));

/** More than this no browser should have to lay out. */
const MOST_ELEMENTS = 6_000;

async function addUp(visit, page) {
  assert.equal(await visit.number('messages'), given.total, 'messages');
  assert.equal(await page.locator('[data-card="messages"] [data-change]').getAttribute('data-value'), String(given.total - given.before), 'their change');
  await page.selectOption('#channel-size', '100');
  const seen = new Set();
  const sums = [0, 0];
  for (;;) {
    const cells = await cellsOf(page, ROWS, ['name', 'messages', 'change']);
    assert.ok(cells.length <= 100, 'a page of rows');
    for (const [name, messages, change] of cells) {
      assert.ok(!seen.has(name), `${name} is there once`);
      seen.add(name);
      sums[0] += messages;
      sums[1] += change;
    }
    if (await page.locator('#channel-later').isDisabled()) break;
    await page.click('#channel-later');
  }
  assert.equal(seen.size, given.rows, 'all rooms');
  assert.deepEqual(sums, [given.total, given.total - given.before], 'the rows add up to the card');
  const elements = await page.evaluate(() => document.querySelectorAll('*').length);
  assert.ok(elements < MOST_ELEMENTS, `${elements} elements`);
}

async function isUsable(page) {
  await page.fill('#channel-search', given.lastName);
  assert.deepEqual(await names(page), [given.lastName]);
  await page.fill('#channel-search', '');
  await page.selectOption('#channel-type', 'p');
  assert.match(await page.locator('#channel-count').innerText(), new RegExp(`of ${given.privateRows.toLocaleString('en')}\\b`));
  await page.selectOption('#channel-type', '');
  await page.locator('button[data-sort="messages"]').press('Enter');
  const ascending = (await cellsOf(page, ROWS, ['messages'])).flat();
  assert.equal(sum(ascending), 0, 'the fewest first');
  await page.locator('button[data-sort="messages"]').press('Enter');
  await page.locator(`${ROWS}[data-room] button`).first().click();
  await page.locator('#panel[open][data-state="ready"]').waitFor();
  await tidy(page, 'a channel');
  await page.keyboard.press('Escape');
}

await scenario(async (open) => {
  for (const width of [1280, 360]) {
    const visit = await open({ viewport: { width, height: 900 } });
    const page = await visit.go(`${query}&size=100`);
    await printPainting(page, `5,000 rooms, ${width} px`);
    await tidy(page, `${width} px`);
    for (const search of ['name of many', 'donau', 'קט', 'قسم']) {
      await page.fill('#channel-search', search);
      await tidy(page, `${width} px, ${search}`);
    }
    await page.fill('#channel-search', '');
    if (width === 360) continue;
    await visit.go(query);
    await addUp(visit, page);
    await visit.go(query);
    await isUsable(page);
  }
});
