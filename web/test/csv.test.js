import assert from 'node:assert/strict';
import test from 'node:test';
import { cell, csvFile, csvOf, fileName } from '../js/numbers.js';

test('texts that a spreadsheet would calculate get an apostrophe', () => {
  for (const text of ['=1+1', '+1', '-1', '@SUM(A1)', '\tx']) assert.equal(cell(text), `'${text}`);
  assert.equal(cell('\r=1'), `"'\r=1"`);
  assert.equal(cell('\n=1'), `"'\n=1"`);
  assert.equal(cell('=HYPERLINK("x","y")'), `"'=HYPERLINK(""x"",""y"")"`);
  assert.equal(cell('a=1'), 'a=1');
});

test('numbers stay numbers, and what is not known is empty', () => {
  assert.deepEqual([cell(-5), cell(0), cell(1.5), cell(null), cell(undefined), cell(NaN)], ['-5', '0', '1.5', '', '', '']);
});

test('commas, quotes and line ends', () => {
  assert.equal(cell('a,b'), '"a,b"');
  assert.equal(cell('say "x"'), '"say ""x"""');
  assert.equal(cell('a\nb'), '"a\nb"');
});

test('a sheet says what it is', () => {
  const sheet = { title: 'Messages', columns: [{ title: 'Day' }, { title: 'Messages' }], rows: [{ cells: ['2026-11-01', 3] }] };
  const text = csvOf(sheet, [
    ['Period', '2026-11-01 to 2026-11-01'],
    ['Time zone', 'Europe/Berlin'],
  ]);
  assert.equal(text, 'Card,Messages\r\nPeriod,2026-11-01 to 2026-11-01\r\nTime zone,Europe/Berlin\r\n\r\nDay,Messages\r\n2026-11-01,3\r\n');
  assert.equal(csvFile([text]).charCodeAt(0), 0xfeff);
});

test('file names hold nothing but letters, numbers, dashes and underlines', () => {
  assert.equal(fileName(['Engagement', '../../<b>Ünïted & Co</b>', '2026-11-01'], 'csv'), 'engagement_b-ünïted-co-b_2026-11-01.csv');
  assert.equal(fileName(['Engagement', '///', 'x'], 'csv'), 'engagement_x.csv');
});
