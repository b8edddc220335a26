//! The table of channels, and the two panels, by keyboard.

import assert from 'node:assert/strict';

import { cellsOf, dataOf, eventually, given, scenario, valueOf } from '../browser.mjs';

const query = `?start=${given.start}&end=${given.end}&compare=previous`;
const ROWS = '[data-card="channels"] tbody tr';
const inAddress = (page, name) => new URL(page.url()).searchParams.get(name);
const names = (page) => page.locator(`${ROWS} [data-column="name"]`).evaluateAll((cells) => cells.map((cell) => cell.dataset.value));

/** Whether nothing comes before something smaller. */
const isOrdered = (values, direction) => values.every((value, index) => index === 0 || direction * (values[index - 1] < value ? -1 : values[index - 1] > value ? 1 : 0) <= 0);

async function sorts(page) {
  await page.selectOption('#channel-size', '100');
  for (const column of ['name', 'type', 'messages', 'change', 'share', 'last', 'trend']) {
    const seen = new Set();
    for (let click = 0; click < 2; click += 1) {
      await page.locator(`button[data-sort="${column}"]`).press('Enter');
      const order = await page.locator(`th:has(button[data-sort="${column}"])`).getAttribute('aria-sort');
      seen.add(order);
      assert.equal(inAddress(page, 'sort') ?? '-messages', order === 'descending' ? `-${column}` : column);
      const cells = await page.locator(`${ROWS} [data-column="${column}"]`).evaluateAll((all) => all.map((cell) => [cell.dataset.value ?? '', cell.innerText]));
      assert.equal(cells.length, given.rows, `${column}: all rows`);
      const values = cells.map(([value, text]) => (column === 'name' ? value.toLowerCase() : column === 'type' ? text : column === 'last' ? value : Number(value)));
      assert.ok(isOrdered(values, order === 'ascending' ? 1 : -1), `${column} ${order}: ${values}`);
      assert.equal(await page.evaluate(() => document.activeElement?.dataset.sort), column, 'the keyboard stays there');
    }
    assert.deepEqual([...seen].sort(), ['ascending', 'descending'], column);
  }
}

async function filters(visit, page) {
  await visit.go(query);
  assert.equal((await names(page)).length, 25, 'a page');
  const first = await names(page);
  await page.click('#channel-later');
  const second = await names(page);
  assert.equal(first.length + second.length, given.rows);
  assert.equal(new Set([...first, ...second]).size, given.rows, 'each once');
  assert.equal(inAddress(page, 'page'), '2');
  await page.reload();
  await visit.until('ready');
  assert.deepEqual(await names(page), second, 'the second page, after a reload');
  assert.ok(await page.locator('#channel-later').isDisabled());
  await page.selectOption('#channel-size', '50');
  assert.equal((await names(page)).length, given.rows);

  await page.fill('#channel-search', 'RANDOM');
  assert.deepEqual(await names(page), ['Random talk']);
  assert.equal(inAddress(page, 'search'), 'RANDOM');
  await page.fill('#channel-search', '');
  await page.selectOption('#channel-type', 'p');
  assert.deepEqual(await names(page), ['staff']);
  await page.selectOption('#channel-type', 'd');
  assert.match((await names(page)).join(), /^Direct messages/);
  await page.selectOption('#channel-type', '');
  await page.check('#channel-quiet');
  assert.deepEqual(await names(page), ['old-project'], 'quiet');
  assert.equal(inAddress(page, 'quiet'), '1');
  await page.uncheck('#channel-quiet');
  await page.fill('#channel-search', 'nothing has this name');
  assert.equal(await page.locator(`${ROWS}[data-room]`).count(), 0);
}

const focused = (page) => page.evaluate(() => document.activeElement?.closest('tr')?.dataset.room ?? document.activeElement?.closest('tr')?.dataset.day ?? document.activeElement?.tagName);

async function panels(visit, page) {
  await visit.go(`${query}&tables=messages-chart`);
  const panel = page.locator('#panel[open][data-state="ready"]');

  // A channel.
  await page.locator('tr[data-room="channel"] button').last().focus();
  await page.keyboard.press('Enter');
  await panel.waitFor();
  assert.equal(await page.locator('#panel').getAttribute('data-panel'), 'channel');
  assert.equal(inAddress(page, 'room'), 'channel');
  const [, , , now, before] = given.known.find(([id]) => id === 'channel');
  assert.equal(await valueOf(page, '#panel [data-number="messages"]'), now);
  assert.equal(await valueOf(page, '#panel [data-change]'), now - before);
  assert.equal(await valueOf(page, '#panel [data-number="rank"]'), 1);
  assert.ok(Math.abs((await valueOf(page, '#panel [data-number="share"]')) - now / given.total) < 1e-9);
  assert.equal(await page.locator('a#panel-open').getAttribute('href'), '/channel/channel');
  assert.ok(await page.evaluate(() => document.activeElement.closest('#panel') !== null), 'the focus is in the panel');
  await page.keyboard.press('Escape');
  await eventually('closed', () => page.locator('#panel[open]').count(), 0);
  await eventually('out of the address', () => inAddress(page, 'room'), null);
  assert.equal(await focused(page), 'channel', 'the focus goes back');

  // A day, and the one before.
  const day = given.days[4];
  await page.locator(`[data-card="messages-chart"] tr[data-day="${day[0]}"] button`).focus();
  await page.keyboard.press('Enter');
  await panel.waitFor();
  assert.equal(inAddress(page, 'day'), day[0]);
  assert.equal(await valueOf(page, '#panel [data-number="messages"]'), day[4]);
  assert.equal(await valueOf(page, '#panel [data-change]'), day[4] - day[5], 'against the same weekday before');
  assert.equal(await valueOf(page, '#panel [data-number="active"]'), given.activeDays[4][1]);
  assert.deepEqual(await dataOf(page, '#panel li[data-type][data-value]', ['type', 'value']), [['c', day[1]], ['p', day[2]], ['d', day[3]]]);
  const rooms = await cellsOf(page, '#panel tr[data-room]', ['messages']);
  assert.equal(rooms.reduce((sum, [count]) => sum + count, 0), day[1] + day[2], 'its rooms');
  await page.click('#panel-earlier');
  await eventually('the day before', () => inAddress(page, 'day'), given.days[3][0]);
  await panel.waitFor();
  assert.equal(await valueOf(page, '#panel [data-number="messages"]'), given.days[3][4]);
  // From a day to one of its channels.
  await page.locator('#panel tr[data-room="channel"] button').press('Enter');
  await eventually('its channel', () => inAddress(page, 'room'), 'channel');
  await page.locator('#panel[open][data-panel="channel"][data-state="ready"]').waitFor();
  await page.click('#panel-close');
  await eventually('closed', () => page.locator('#panel[open]').count(), 0);
  assert.equal(await focused(page), day[0], 'the focus goes back to where the panels began');

  // By a link, and back by the button.
  await visit.go(`${query}&day=${day[0]}`);
  await panel.waitFor();
  assert.equal(await valueOf(page, '#panel [data-number="messages"]'), day[4]);
  await page.keyboard.press('Escape');
  await eventually('closed', () => page.locator('#panel[open]').count(), 0);
  await page.locator('[data-card="top-channels"] li[data-room="channel"] button').click();
  await panel.waitFor();
  await page.goBack();
  await eventually('closed by the button', () => page.locator('#panel[open]').count(), 0);
  await visit.until('ready');
  await visit.go(`${query}&room=no-such-room`);
  await panel.waitFor();
}

await scenario(async (open) => {
  const visit = await open();
  const page = await visit.go(query);
  await sorts(page);
  await filters(visit, page);
  await panels(visit, page);
});
