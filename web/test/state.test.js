import assert from 'node:assert/strict';
import test from 'node:test';
import { EMPTY, format, parse } from '../js/days.js';

test('a view survives the way through the address', () => {
  const state = {
    ...EMPTY,
    period: 'custom',
    start: '2026-10-01',
    end: '2026-10-31',
    compare: 'year',
    room: 'a&b=c/ü?#',
    search: '#général & "x" =1+1 שלום',
    type: 'p',
    quiet: true,
    sort: 'name',
    page: 3,
    size: 100,
    tables: ['where', 'hours'],
  };
  assert.deepEqual(parse(format(state)), state);
});

test('an address without a query is the empty view, and back', () => {
  assert.deepEqual(parse(''), { ...EMPTY, tables: [] });
  assert.equal(format(EMPTY), '');
});

test('days win over the name of a period', () => {
  assert.equal(parse('?period=7d&start=2026-01-01&end=2026-01-02').period, 'custom');
  assert.equal(parse('?period=7d').period, '7d');
});

test('a day wins over a room', () => {
  const state = parse('?day=2026-11-03&room=GENERAL');
  assert.deepEqual([state.day, state.room], ['2026-11-03', null]);
});

test('what is wrong in an address is as if it were not there', () => {
  const wrong = [
    '?start=2026-02-30&end=2026-03-01',
    '?start=2026-03-02&end=2026-03-01',
    '?start=2026-03-02',
    // A year of two digits, and what else the service refuses.
    '?start=0026-11-01&end=2026-11-20',
    '?start=1969-12-31&end=2026-11-20',
    '?start=1970-01-01&end=9999-12-31',
    '?day=0026-11-01',
    '?period=custom',
    '?compare=last',
    '?sort=--name',
    '?sort=password',
    '?size=5000',
    '?page=0',
    '?page=1e3',
    '?quiet=yes',
    '?day=today',
    '?type=%3Cimg%3E',
    '?%',
  ];
  for (const query of wrong) assert.deepEqual(parse(query), { ...EMPTY, tables: [] }, query);
});
