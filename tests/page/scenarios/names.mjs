//! Names of the database are shown as text, and go into files as text, whatever they are.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

import { given, scenario } from '../browser.mjs';

const query = `?start=${given.start}&end=${given.end}&compare=previous`;

/** The lines of a CSV file as RFC 4180 has it. */
function parse(text) {
  const rows = [[]];
  for (const [, quoted, plain, end] of text.replace(/^\uFEFF/, '').matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    rows.at(-1).push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === '\r\n') rows.push([]);
    if (end === '') break;
  }
  return rows;
}

async function saved(page, act) {
  const [download] = await Promise.all([page.waitForEvent('download'), act()]);
  const text = await readFile(await download.path(), 'utf8');
  assert.ok(text.startsWith('\uFEFF'), 'marked as UTF-8');
  return { name: download.suggestedFilename(), rows: parse(text) };
}

/** The rows of a card in a file: its own line, its head, and those under it. */
function cardOf(rows, title) {
  const from = rows.findIndex(([first, second]) => first === 'Card' && second === title);
  assert.ok(from >= 0, `${title} is in the file`);
  const rest = rows.slice(from + 1);
  const end = rest.findIndex(([first]) => first === 'Card');
  const part = end < 0 ? rest : rest.slice(0, end);
  const empty = part.findIndex((row) => row.join('') === '');
  const about = Object.fromEntries(part.slice(0, empty));
  const [head, ...lines] = part.slice(empty + 1).filter((row) => row.join('') !== '');
  return { about, records: lines.map((line) => Object.fromEntries(head.map((key, index) => [key, line[index]]))) };
}

const guarded = (text) => (/^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text);

await scenario(async (open) => {
  const visit = await open();
  const page = await visit.go(query);
  const untouched = async () => assert.equal(await page.evaluate(() => window.hacked), undefined, 'a name is run');

  assert.equal(await page.locator('#workspace').textContent(), given.workspace);
  assert.ok((await page.title()).includes(given.workspace.slice(0, 20)));
  for (const [id, name] of given.names) {
    const cell = page.locator(`[data-card="channels"] tr[data-room="${escaped(id)}"] bdi`);
    assert.equal(await cell.textContent(), name, 'as text');
    await cell.click();
    await page.waitForSelector('#panel[open][data-state="ready"]');
    assert.equal(await page.locator('#panel-title bdi').textContent(), name, 'as text, in the panel');
    const href = await page.locator('a#panel-open').getAttribute('href');
    assert.equal(href, `/channel/${encodeURIComponent(id)}`, 'a link below our own path');
    await page.keyboard.press('Escape');
    await page.waitForSelector('#panel[open]', { state: 'detached' });
    await untouched();
  }
  assert.equal(await page.locator('main img, main script, main iframe').count(), 0);

  // Filters out of the address.
  await visit.go(`${query}&search=${encodeURIComponent('<img src=x onerror=window.hacked=1>')}&type=%3Cb%3E`);
  assert.equal(await page.inputValue('#channel-search'), '<img src=x onerror=window.hacked=1>');
  await untouched();
  await visit.go(query);

  const channels = await saved(page, () => page.click('[data-card="channels"] [data-action="csv"]'));
  assert.match(channels.name, /^engagement_.*\.csv$/);
  assert.ok(channels.name.includes(given.start) && channels.name.includes(given.end), channels.name);
  assert.match(channels.name, /^[\p{L}\p{N}_.-]+$/u);
  const everything = await saved(page, async () => {
    await page.click('#export');
    await page.click('#export-everything');
  });
  assert.match(everything.name, /everything/);
  for (const file of [channels, everything]) {
    const { about, records } = cardOf(file.rows, 'All channels');
    assert.equal(about.Workspace, guarded(given.workspace));
    assert.equal(about['Time zone'], given.zone);
    assert.ok(about.Period.includes(given.start) && about.Period.includes(given.end), about.Period);
    for (const [, name, messages] of given.names) {
      const record = records.find((one) => one.Name === guarded(name));
      assert.ok(record, `${name}, guarded, is in ${records.map((one) => one.Name)}`);
      assert.equal(Number(record.Messages), messages);
    }
    const total = records.reduce((sum, record) => sum + Number(record.Messages), 0);
    assert.equal(total, given.total, 'they add up');
  }
  assert.equal(Number(cardOf(everything.rows, 'Messages').records[0].Messages), given.total);
  const days = cardOf(everything.rows, 'Messages over time').records;
  assert.equal(days.length, 7);
  assert.equal(days.reduce((sum, day) => sum + Number(day.Messages), 0), given.total);
  assert.deepEqual(days.map(({ Day }) => Day), given.days.map(([day]) => day));
  for (const title of ['Active people', 'New people', 'Active channels', 'What changed', 'Today so far', 'Where', 'Top five channels', 'People by hour and weekday', 'Busiest hours']) cardOf(everything.rows, title);
  // A search goes into the file of the card, and not into that of everything.
  await page.fill('#channel-search', 'onerror');
  const found = await saved(page, () => page.click('[data-card="channels"] [data-action="csv"]'));
  assert.equal(cardOf(found.rows, 'All channels').records.length, 1);
  await untouched();
});

function escaped(text) {
  return text.replace(/["\\]/g, '\\$&');
}
