import assert from 'node:assert/strict';
import test from 'node:test';
import { rowsOf, select } from '../js/sections.js';
import { EMPTY } from '../js/days.js';

const room = (id, name, type, messages, before, lastDay = '2026-11-20', trend = []) => ({ id, name, type, messages, before, lastDay, trend });

const answer = {
  rooms: [
    room('1', 'Général', 'c', 50, 40),
    room('2', 'beta', 'p', 30, 60, '2026-11-22'),
    room('3', 'alpha', 'c', 0, 10, null),
    room('4', '', 'c', 5, 0),
    room('5', 'Beta 2', 'c', 30, 0),
  ],
  direct: { conversations: 7, messages: 30, before: 30, trend: [] },
};
const rows = rowsOf(answer);
const ids = (patch) => select(rows, { ...EMPTY, ...patch }).found.map(({ id }) => id ?? 'direct');

test('direct messages are one row', () => {
  assert.equal(rows.filter(({ direct }) => direct).length, 1);
  assert.equal(rows.find(({ direct }) => direct).label, 'Direct messages, 7 conversations');
  assert.equal(
    rowsOf({ ...answer, direct: { conversations: 0, messages: 0, before: 0 } }).some(({ direct }) => direct),
    false,
  );
});

test('search has neither case nor accents', () => {
  assert.deepEqual(ids({ search: 'GENERAL' }), ['1']);
  assert.deepEqual(ids({ search: ' bêta ' }), ['2', '5']);
  assert.deepEqual(ids({ search: 'conversations' }), ['direct']);
  assert.deepEqual(ids({ search: 'none' }), []);
});

test('a room without a name is found by its id', () => {
  assert.deepEqual(ids({ search: 'without a name, 4' }), ['4']);
});

test('filters', () => {
  assert.deepEqual(ids({ type: 'p' }), ['2']);
  assert.deepEqual(ids({ type: 'd' }), ['direct']);
  assert.deepEqual(ids({ quiet: true }), ['3']);
});

test('every order, both ways, and equal ones always in the same order', () => {
  assert.deepEqual(ids({}), ['1', '2', 'direct', '5', '4', '3']);
  assert.deepEqual(ids({ sort: 'messages' }), ['3', '4', '2', 'direct', '5', '1']);
  assert.deepEqual(ids({ sort: '-change' }), ['5', '1', '4', 'direct', '3', '2']);
  assert.deepEqual(ids({ sort: '-last' }).slice(0, 1), ['2']);
  assert.deepEqual(ids({ sort: 'name' }).slice(-1), ['1']);
});

test('pages hold every row once, and a page too far is the last one', () => {
  const many = rowsOf({
    rooms: Array.from({ length: 5000 }, (_, index) => room(String(index), `r${index}`, 'c', index, 0)),
    direct: { messages: 0, before: 0 },
  });
  const chosen = select(many, { ...EMPTY, page: 9999 });
  assert.deepEqual([chosen.pages, chosen.page, chosen.from, chosen.to, chosen.shown.length], [200, 200, 4976, 5000, 25]);
  assert.equal(select(many, { ...EMPTY, page: 2, size: 100 }).shown[0].messages, 4899);
});
