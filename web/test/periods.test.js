import assert from 'node:assert/strict';
import test from 'node:test';
import { PERIODS, comparisonOf, daysOf, nameOf, step } from '../js/days.js';

const days = (period, today, first = null) => Object.values(daysOf(period, today, first)).join(' ');

test('every period on a Thursday', () => {
  const expected = {
    '7d': '2026-11-19 2026-11-25',
    '30d': '2026-10-27 2026-11-25',
    '90d': '2026-08-28 2026-11-25',
    '12m': '2025-11-26 2026-11-25',
    yesterday: '2026-11-25 2026-11-25',
    today: '2026-11-26 2026-11-26',
    'this-week': '2026-11-23 2026-11-26',
    'last-week': '2026-11-16 2026-11-22',
    'this-month': '2026-11-01 2026-11-26',
    'last-month': '2026-10-01 2026-10-31',
    'this-year': '2026-01-01 2026-11-26',
    all: '2023-05-09 2026-11-26',
  };
  for (const period of PERIODS) assert.equal(days(period, '2026-11-26', '2023-05-09'), expected[period], period);
});

test('at the ends of months and years, and on leap days', () => {
  assert.equal(days('last-month', '2026-01-01'), '2025-12-01 2025-12-31');
  assert.equal(days('this-week', '2026-11-23'), '2026-11-23 2026-11-23');
  assert.equal(days('last-week', '2027-01-03'), '2026-12-21 2026-12-27');
  assert.equal(days('12m', '2024-03-01'), '2023-03-01 2024-02-29');
  assert.equal(days('last-month', '2024-03-31'), '2024-02-01 2024-02-29');
  assert.equal(days('this-year', '2026-01-01'), '2026-01-01 2026-01-01');
});

test('all time of a workspace without messages is today', () => {
  assert.equal(days('all', '2026-11-26', null), '2026-11-26 2026-11-26');
  assert.equal(daysOf('fortnight', '2026-11-26', null), null);
});

test('days have the name of the period they are', () => {
  assert.equal(nameOf({ start: '2026-11-19', end: '2026-11-25' }, '2026-11-26', null), '7d');
  assert.equal(nameOf({ start: '2026-11-19', end: '2026-11-24' }, '2026-11-26', null), 'custom');
});

test('comparisons', () => {
  const month = { start: '2026-10-01', end: '2026-10-31' };
  assert.deepEqual(comparisonOf('previous', month), { start: '2026-08-31', end: '2026-09-30' });
  assert.deepEqual(comparisonOf('weekdays', month), { start: '2026-08-27', end: '2026-09-26' });
  assert.deepEqual(comparisonOf('year', month), { start: '2025-10-02', end: '2025-11-01' });
  assert.deepEqual(comparisonOf('weekdays', { start: '2026-11-16', end: '2026-11-22' }), { start: '2026-11-09', end: '2026-11-15' });
  assert.deepEqual(comparisonOf('weekdays', { start: '2026-11-25', end: '2026-11-25' }), { start: '2026-11-18', end: '2026-11-18' });
  assert.equal(comparisonOf('none', month), null);
});

test('whole months and weeks are stepped by as such, the running one up to today', () => {
  const today = '2026-11-26';
  const rows = [
    ['2026-10-01', '2026-10-31', 1, '2026-11-01', today],
    ['2026-11-01', today, -1, '2026-10-01', '2026-10-31'],
    ['2026-03-01', '2026-03-31', -1, '2026-02-01', '2026-02-28'],
    ['2026-07-01', '2026-09-30', -1, '2026-04-01', '2026-06-30'],
    ['2026-01-01', today, -1, '2025-01-01', '2025-12-31'],
    ['2025-01-01', '2025-12-31', 1, '2026-01-01', today],
    ['2026-11-16', '2026-11-22', 1, '2026-11-23', today],
    ['2026-11-23', today, -1, '2026-11-16', '2026-11-22'],
  ];
  for (const [start, end, direction, first, last] of rows) assert.deepEqual(step({ start, end }, direction, today), { start: first, end: last }, `${start} ${end}`);
  for (const [start, end] of [['2026-11-01', today], ['2026-01-01', today], ['2026-11-23', today]]) assert.equal(step({ start, end }, 1, today), null, start);
});

test('no step and no period leads to days that the service refuses', () => {
  assert.deepEqual(daysOf('all', '2026-11-26', '1969-12-31'), { start: '1970-01-01', end: '2026-11-26' });
  assert.equal(step({ start: '1970-01-03', end: '1970-01-05' }, -1, '2026-11-26'), null);
  assert.deepEqual(step({ start: '1970-01-03', end: '1970-01-04' }, -1, '2026-11-26'), { start: '1970-01-01', end: '1970-01-02' });
});

test('steps are as long as the period and do not reach beyond today', () => {
  const week = { start: '2026-11-19', end: '2026-11-25' };
  assert.deepEqual(step(week, -1, '2026-11-26'), { start: '2026-11-12', end: '2026-11-18' });
  assert.deepEqual(step({ start: '2026-11-12', end: '2026-11-18' }, 1, '2026-11-26'), week);
  assert.equal(step(week, 1, '2026-11-26'), null);
  assert.deepEqual(step({ start: '2026-11-25', end: '2026-11-25' }, 1, '2026-11-26'), { start: '2026-11-26', end: '2026-11-26' });
});
