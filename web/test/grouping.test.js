import assert from 'node:assert/strict';
import test from 'node:test';
import { addDays, listDays } from '../js/days.js';
import { groupsOf, sumByGroup, unitOf } from '../js/days.js';

test('the unit follows the length', () => {
  const unit = (length) => unitOf('2025-01-01', addDays('2025-01-01', length - 1));
  assert.deepEqual([1, 92, 93, 400, 401, 3000].map(unit), ['day', 'day', 'week', 'week', 'month', 'month']);
});

test('weeks that the period cuts are marked, at both ends', () => {
  const groups = groupsOf({ start: '2026-07-01', end: '2026-11-26' }, '2026-11-26');
  assert.deepEqual([groups[0].from, groups[0].to, groups[0].cut], ['2026-07-01', '2026-07-05', true]);
  assert.deepEqual([groups[1].from, groups[1].to, groups[1].cut, groups[1].today], ['2026-07-06', '2026-07-12', false, false]);
  assert.deepEqual([groups.at(-1).from, groups.at(-1).to, groups.at(-1).cut, groups.at(-1).today], ['2026-11-23', '2026-11-26', true, true]);
  assert.equal(groups.filter(({ cut }) => cut).length, 2);
});

test('whole weeks are not cut', () => {
  const groups = groupsOf({ start: '2026-06-01', end: '2026-10-04' }, '2026-11-26');
  assert.equal(groups.length, 18);
  assert.ok(groups.every(({ cut, today }) => !cut && !today));
});

test('a week across the end of a year is one group', () => {
  const groups = groupsOf({ start: '2026-10-05', end: '2027-01-10' }, '2027-02-01');
  assert.ok(groups.some(({ from, to }) => from === '2026-12-28' && to === '2027-01-03'));
});

test('months, with a leap February whole and the ends cut', () => {
  const groups = groupsOf({ start: '2023-12-15', end: '2026-11-26' }, '2026-11-26');
  assert.equal(groups.length, 36);
  assert.deepEqual(
    groups.filter(({ cut }) => cut).map(({ whole }) => whole),
    ['2023-12-01', '2026-11-01'],
  );
  const february = groups.find(({ whole }) => whole === '2024-02-01');
  assert.deepEqual([february.to, february.cut], ['2024-02-29', false]);
});

test('groups hold every day once', () => {
  const period = { start: '2025-02-03', end: '2026-11-26' };
  const items = listDays(period.start, period.end).map((day) => ({ day, value: 1 }));
  const sums = sumByGroup(groupsOf(period, '2026-11-26'), items, ({ value }) => value);
  assert.equal(
    sums.reduce((a, b) => a + b),
    items.length,
  );
});

test('a group of which nothing is known has no sum', () => {
  const groups = groupsOf({ start: '2026-11-01', end: '2026-11-02' }, '2026-11-26');
  assert.deepEqual(
    sumByGroup(groups, [{ value: null }, { value: 0 }], ({ value }) => value),
    [null, 0],
  );
});
