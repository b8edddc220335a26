//! The page on paper, on a narrow screen, and for those who use more than their eyes.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

import { given, scenario, tidy } from '../browser.mjs';

const query = `?start=${given.start}&end=${given.end}&compare=previous`;
const NARROW = { width: 320, height: 640 };
const AXE = await readFile(process.env.AXE, 'utf8');

async function isAccessible(page, what) {
  await page.evaluate(AXE);
  const violations = await page.evaluate(async () => {
    const { violations: found } = await window.axe.run(document, { preload: false, resultTypes: ['violations'] });
    return found.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.slice(0, 3).map(({ html, failureSummary }) => `${html.slice(0, 200)} (${failureSummary})`).join('; ')}`);
  });
  assert.deepEqual(violations, [], `axe, ${what}`);
}

async function fits(page, what) {
  const { inner, width, wide } = await page.evaluate(() => {
    const { scrollWidth } = document.documentElement;
    const beyond = [...document.querySelectorAll('main *')].filter((element) => element.getBoundingClientRect().right > innerWidth + 1).slice(0, 5);
    return { inner: innerWidth, width: scrollWidth, wide: beyond.map((element) => `${element.localName}.${element.className}`) };
  });
  assert.ok(width <= inner, `${what}: ${width} of ${inner} pixels: ${wide}`);
}

await scenario(async (open) => {
  for (const [what, options] of [
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['narrow', { viewport: NARROW }],
    ['calm', { reducedMotion: 'reduce', forcedColors: 'active' }],
  ]) {
    const visit = await open(options);
    visit.expect(/status of 403/);
    const { page } = visit;
    for (const [state, more, address] of [
      ['ready', '', query],
      ['ready', 'with tables', `${query}&tables=messages-chart,where,top-channels,active,new,busiest-hours,busiest-weekdays`],
      ['ready', 'empty', '?start=2001-01-01&end=2001-01-07&compare=previous'],
      ['ready', 'a long time', `?start=2024-01-01&end=${given.end}&compare=year`],
      ['ready', 'a day', `${query}&day=${given.days[3][0]}`],
      ['ready', 'a channel', `${query}&room=channel`],
    ]) {
      await visit.go(address, state);
      if (/a (day|channel)/.test(more)) await page.waitForSelector('#panel[open][data-state="ready"]');
      await page.waitForFunction(() => document.readyState === 'complete');
      await isAccessible(page, `${what}, ${state} ${more}`);
      await fits(page, `${what}, ${state} ${more}`);
      await tidy(page, `${what}, ${state} ${more}`);
    }
    await page.route('**/engagement/api/**', (route) => route.fulfill({ status: 403, contentType: 'application/json', body: '{"success":false,"error":"unauthorized"}' }));
    await visit.go(query, 'forbidden');
    await isAccessible(page, `${what}, forbidden`);
    await fits(page, `${what}, forbidden`);
    const nobody = await open({ ...options, login: null });
    await nobody.go(query, 'signed-out');
    await isAccessible(nobody.page, `${what}, signed out`);
    await fits(nobody.page, `${what}, signed out`);
  }

  // What would be empty is not there.
  const bare = await open();
  await bare.go('?start=2001-01-01&end=2001-01-07&compare=previous');
  assert.ok(await bare.page.locator('[data-card="hours"] table').isHidden(), 'no hours of nobody');
  await bare.go('?period=yesterday&compare=none');
  const columns = await bare.page.locator('[data-card="channels"] th button[data-sort]').evaluateAll((all) => all.map(({ dataset }) => dataset.sort));
  assert.deepEqual(columns, ['name', 'type', 'messages', 'share', 'last'], 'no trend of one day, no change of nothing');

  // Paper.
  const printed = await open();
  await printed.go(query);
  const pdf = await printed.page.pdf({ format: 'A4' });
  const pages = pdf.toString('latin1').match(/\/Type\s*\/Page\b(?!s)/g)?.length ?? 0;
  assert.ok(pages >= 1 && pages <= 3, `${pages} pages of paper`);
  await printed.page.emulateMedia({ media: 'print' });
  const head = await printed.page.locator('#printed').innerText();
  for (const part of [given.zone.split('/').at(-1), given.end.slice(0, 4)]) assert.ok(head.includes(part), `${part} is in ${head}`);
  assert.ok(await printed.page.locator('nav.bar').isHidden(), 'no controls on paper');
  await tidy(printed.page, 'paper');

  // The keyboard reaches everything in an order, and sees where it is.
  const keys = await open();
  const page = await keys.go(query);
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.className), 'skip');
  const seen = new Set();
  for (let press = 0; press < 200; press += 1) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const element = document.activeElement;
      const { top, bottom } = element.getBoundingClientRect();
      const bar = document.querySelector('nav.bar').getBoundingClientRect();
      const { outlineStyle, boxShadow } = getComputedStyle(element);
      const covered = !element.closest('nav.bar, header.top') && bar.top <= 0 && bottom <= bar.bottom && bottom > 0;
      return { end: element === document.body, name: element.id || element.textContent.trim().slice(0, 20) || element.localName, card: element.closest('[data-card]')?.dataset.card, covered, marked: outlineStyle !== 'none' || boxShadow !== 'none', top };
    });
    if (at.end) break;
    assert.ok(!at.covered, `${at.name} is under the bar`);
    assert.ok(at.marked, `the focus on ${at.name} is not seen`);
    seen.add(at.card ?? at.name);
  }
  for (const name of ['earlier', 'period', 'range', 'compare', 'refresh', 'export', 'messages', 'messages-chart', 'channels']) assert.ok(seen.has(name), `${name} by keyboard: ${[...seen]}`);
});
