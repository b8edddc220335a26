//! The address is the view: what is chosen is in it, and who opens it sees the same days, wherever they are.

import assert from 'node:assert/strict';

import { cellsOf, eventually, given, scenario } from '../browser.mjs';

const shown = (page) => page.locator('#range').evaluate(({ dataset }) => [dataset.start, dataset.end]);
const against = (page) => page.locator('#compare-range').evaluate(({ dataset }) => [dataset.start ?? null, dataset.end ?? null]);
const inAddress = (page, ...names) => names.map((name) => new URL(page.url()).searchParams.get(name));

await scenario(async (open) => {
  const visit = await open();
  const page = await visit.go();
  assert.deepEqual(await shown(page), given.presets['30d'], 'at first: 30 days');
  assert.deepEqual(inAddress(page, 'start', 'end', 'compare'), [...given.presets['30d'], 'previous']);

  for (const [preset, days] of Object.entries(given.presets)) {
    await page.selectOption('#period', preset);
    await eventually(preset, () => shown(page), days);
    await eventually(`${preset} in the address`, () => inAddress(page, 'start', 'end'), days);
    await visit.until('ready');
    await eventually(`${preset}: its numbers`, () => visit.number('messages'), given.totals[preset]);
  }

  await page.selectOption('#period', '7d');
  await visit.until('ready');
  for (const [comparison, days] of Object.entries(given.comparisons)) {
    await page.selectOption('#compare', comparison);
    await eventually(comparison, () => against(page), days ?? [null, null]);
    await eventually(`${comparison} in the address`, () => inAddress(page, 'compare'), [comparison]);
    await visit.until('ready');
    await eventually(`${comparison}: the kind of change`, () => page.locator('[data-card="messages"] [data-change]').getAttribute('data-kind'), { year: 'no-data', none: 'none' }[comparison] ?? 'share');
  }

  // The same again after a reload and in another browser, and back by the button.
  await page.selectOption('#compare', 'weekdays');
  await visit.until('ready');
  const address = page.url();
  await page.reload();
  await visit.until('ready');
  assert.equal(page.url(), address);
  assert.deepEqual(await shown(page), given.presets['7d']);
  assert.equal(await page.inputValue('#compare'), 'weekdays');
  assert.equal(await page.inputValue('#period'), '7d');
  const other = await open();
  await other.go(new URL(address).search);
  assert.equal(await other.number('messages'), given.total);
  assert.equal(await other.page.inputValue('#compare'), 'weekdays');

  await page.selectOption('#period', 'last-week');
  await eventually('last week', () => shown(page), given.presets['last-week']);
  await visit.until('ready');
  await page.click('#earlier');
  await eventually('a week earlier', () => shown(page), given.weekBeforeLast);
  await page.goBack();
  await eventually('back', () => shown(page), given.presets['last-week']);
  await page.goBack();
  await eventually('back again', () => shown(page), given.presets['7d']);
  await eventually('with its numbers', () => visit.number('messages'), given.total);
  await page.goForward();
  await eventually('forward', () => shown(page), given.presets['last-week']);

  // Own dates.
  await page.click('#range');
  await page.fill('#custom-start', given.days[1][0]);
  await page.fill('#custom-end', given.days[3][0]);
  await page.click('#custom-apply');
  await eventually('own dates', () => shown(page), [given.days[1][0], given.days[3][0]]);
  await eventually('their sum', () => visit.number('messages'), given.days[1][4] + given.days[2][4] + given.days[3][4]);

  // Not those that the service refuses, as of a year of two digits.
  const chosen = await shown(page);
  await page.click('#range');
  await page.fill('#custom-start', '0026-11-01');
  await page.click('#custom-apply');
  assert.ok(await page.locator('#custom').isVisible(), 'the form waits for other dates');
  assert.deepEqual(await shown(page), chosen);
  await page.keyboard.press('Escape');

  // The last choice is remembered, and wrong values are passed over.
  await page.selectOption('#period', '90d');
  await visit.until('ready');
  const later = await visit.context.newPage();
  await visit.go('', 'ready', later);
  assert.deepEqual(await shown(later), given.presets['90d'], 'the last choice');
  await visit.go('?start=2026-02-30&end=never&compare=%3Cb%3E&sort=x&page=-1&size=7&day=1&tables=%22', 'ready', later);
  assert.deepEqual(await shown(later), given.presets['90d'], 'wrong values');
  await visit.go('?start=0026-11-01&end=2026-11-20&compare=previous', 'ready', later);
  assert.deepEqual(await shown(later), given.presets['90d'], 'a year of two digits');
  await later.evaluate(() => localStorage.setItem('engagement.view', '{"period":"custom","start":"0026-11-01","end":"2026-11-20","compare":"previous"}'));
  await visit.go('', 'ready', later);
  assert.deepEqual(await shown(later), given.presets['30d'], 'one that was remembered');
  await later.close();

  // The days are the workspace's, not the browser's.
  for (const timezoneId of ['Pacific/Kiritimati', 'Pacific/Pago_Pago']) {
    const far = await open({ timezoneId });
    await far.go('?period=7d&compare=previous&tables=messages-chart');
    assert.deepEqual(await shown(far.page), given.presets['7d'], timezoneId);
    const days = await cellsOf(far.page, '[data-card="messages-chart"] tr[data-day]', ['day', 'type-c', 'type-p', 'type-d', 'messages', 'before']);
    assert.deepEqual(days, given.days, timezoneId);
    assert.ok((await far.page.locator('[data-card="today"]').innerText()).includes(String(Number(given.today.slice(8)))), timezoneId);
  }
});
