//! What is written while the page is open is there after a refresh.

import { existsSync, writeFileSync } from 'node:fs';

import assert from 'node:assert/strict';

import { eventually, given, scenario, valueOf } from '../browser.mjs';

await scenario(async (open) => {
  const visit = await open();
  const page = await visit.go('?period=today&compare=none');
  assert.equal(await visit.number('messages'), given.todayTotal);
  assert.equal(await visit.number('today'), given.todayTotal);
  writeFileSync(given.seen, '');
  await eventually('the messages are written', () => existsSync(given.written), true);
  await page.click('#refresh');
  await eventually('they are there', () => visit.number('messages'), given.todayTotal + 5);
  await eventually('today', () => visit.number('today'), given.todayTotal + 5);
  await eventually('in their channel', () => valueOf(page, 'tr[data-room="random"] [data-column="messages"]'), given.random + 5);
});
