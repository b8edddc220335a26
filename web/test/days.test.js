import assert from 'node:assert/strict';
import test from 'node:test';
import * as days from '../js/days.js';

test('every day of 800 years is the one JavaScript counts', () => {
  for (let number = days.toNumber('1600-01-01'); number <= days.toNumber('2400-12-31'); number += 1) {
    const day = new Date(number * 86_400_000).toISOString().slice(0, 10);
    assert.equal(days.fromNumber(number), day);
    assert.equal(days.toNumber(day), number);
  }
});

test('the first and the last year there is', () => {
  assert.equal(days.addDays('0001-01-01', 364), '0001-12-31');
  assert.equal(days.addDays('9999-12-30', 1), '9999-12-31');
  assert.equal(days.countDays('0001-01-01', '9999-12-31'), 3_652_059);
});

test('days that exist', () => {
  for (const day of ['2024-02-29', '2000-02-29', '2026-12-31', '0001-01-01', '9999-12-31']) assert.ok(days.isDay(day), day);
  const not = [
    '2023-02-29',
    '1900-02-29',
    '2026-13-01',
    '2026-00-10',
    '2026-04-31',
    '2026-1-1',
    '0000-01-01',
    '2026-01-01T00',
    ' 2026-01-01',
    '',
    null,
    20260101,
    ['2026-01-01'],
  ];
  for (const day of not) assert.ok(!days.isDay(day), String(day));
});

test('across the end of a year and of a leap February', () => {
  assert.equal(days.addDays('2026-12-31', 1), '2027-01-01');
  assert.equal(days.addDays('2024-02-28', 1), '2024-02-29');
  assert.equal(days.addDays('2024-03-01', -1), '2024-02-29');
  assert.equal(days.addDays('2023-03-01', -1), '2023-02-28');
  assert.equal(days.countDays('2024-01-01', '2024-12-31'), 366);
});

test('weeks begin on Monday', () => {
  assert.equal(days.weekday('2026-11-23'), 1);
  assert.equal(days.weekday('2026-11-29'), 7);
  assert.equal(days.weekday('1969-12-31'), 3);
  assert.equal(days.mondayOf('2026-11-29'), '2026-11-23');
  assert.equal(days.mondayOf('2027-01-01'), '2026-12-28');
});

test('Mondays of ISO weeks at the ends of years', () => {
  const mondays = {
    '2026-12-31': '2026-12-28',
    '2027-01-03': '2026-12-28',
    '2027-01-04': '2027-01-04',
    '2024-12-30': '2024-12-30',
    '2023-01-01': '2022-12-26',
    '2021-01-03': '2020-12-28',
  };
  for (const [day, monday] of Object.entries(mondays)) assert.equal(days.mondayOf(day), monday, day);
});

test('months keep the day where they have it', () => {
  assert.equal(days.addMonths('2024-02-29', -12), '2023-02-28');
  assert.equal(days.addMonths('2026-01-31', 1), '2026-02-28');
  assert.equal(days.addMonths('2026-01-15', -1), '2025-12-15');
  assert.equal(days.lastOfMonth('2024-02-03'), '2024-02-29');
  assert.equal(days.lastOfMonth('2026-12-03'), '2026-12-31');
});

test('lists hold both ends', () => {
  assert.deepEqual(days.listDays('2024-02-28', '2024-03-01'), ['2024-02-28', '2024-02-29', '2024-03-01']);
  assert.deepEqual(days.listDays('2024-03-01', '2024-02-28'), []);
});
