import assert from 'node:assert/strict';
import test from 'node:test';
import { addDays, listDays } from '../js/days.js';
import { changeOf, findings, nothing } from '../js/numbers.js';
import { finding } from '../js/words.js';

const START = '2026-11-16';
const END = '2026-11-22';
const TODAY = '2026-11-26';

const room = (id, messages, before, type = 'c') => ({ id, name: id, type, messages, before, lastDay: END, trend: [] });

/** A week whose days hold the messages of the rooms and of direct messages, all on its first day. */
function week(rooms, { now = 0, before = 0 } = {}) {
  const sum = (key, extra) => rooms.reduce((total, one) => total + one[key], 0) + extra;
  const days = (start, messages) => listDays(start, addDays(start, 6)).map((day, index) => ({ day, c: index === 0 ? messages : 0, p: 0, d: 0 }));
  return {
    start: START,
    end: END,
    compare: { start: '2026-11-09', end: '2026-11-15' },
    days: days(START, sum('messages', now)),
    compareDays: days('2026-11-09', sum('before', before)),
    rooms,
    direct: { conversations: 3, messages: now, before },
  };
}

function people({ active = [40, 40], newcomers = [0, 0], since = '2026-10-12' } = {}) {
  const of = (start, make) => listDays(start, addDays(start, 6)).map(make);
  return {
    start: START,
    end: END,
    compare: { start: '2026-11-09', end: '2026-11-15' },
    new: {
      days: of(START, (day, index) => ({ day, people: index === 0 ? newcomers[0] : 0 })),
      compareDays: of('2026-11-09', (day, index) => ({ day, people: index === 0 ? newcomers[1] : 0 })),
    },
    active: {
      since,
      days: of(START, (day) => ({ day, day1: active[0], day7: null, day30: null })),
      compareDays: of('2026-11-09', (day) => ({ day, day1: active[1], day7: null, day30: null })),
    },
  };
}

const kinds = (view) => findings({ people: null, known: true, today: TODAY, ...view }).map(({ kind }) => kind);

test('a week like the one before has nothing to tell', () => {
  assert.deepEqual(kinds({ messages: week([room('a', 1000, 1010)]), people: people() }), []);
});

test('the total from 5 % and 50 messages on, with the room that moved it most', () => {
  assert.deepEqual(kinds({ messages: week([room('a', 1049, 1000)]) }), []);
  assert.deepEqual(kinds({ messages: week([room('a', 2050, 2000)]) }), []);
  const [total] = findings({ messages: week([room('a', 1060, 1000), room('b', 520, 490)]), people: null, known: true, today: TODAY });
  assert.deepEqual([total.kind, total.difference, total.room.id, total.roomDifference], ['total', 90, 'a', 60]);
});

/** What is said, with rooms by their names. */
const said = (view) =>
  findings({ people: null, known: true, today: TODAY, ...view }).map((found) =>
    finding(found)
      .map((part) => (typeof part === 'string' ? part : (part.strong ?? part.room?.name ?? part.day)))
      .join(''),
  );

test('below 20 before there is no percentage, as on the cards', () => {
  assert.deepEqual(said({ messages: week([room('a', 100, 19)]) }), [
    'Messages rose, from 19 to 100; most of it in a (+81).',
    'Largest rise: a, from 19 to 100 messages.',
  ]);
  assert.deepEqual(said({ messages: week([room('a', 100, 20)]) }), [
    'Messages rose by 400%, from 20 to 100; most of it in a (+80).',
    'Largest rise: a, from 20 to 100 messages (+400%).',
  ]);
  assert.deepEqual(said({ messages: week([]), people: people({ active: [50, 7] }) }), ['Active people rose, from 7 to 50 on an average day.']);
});

test('most of it is more than half of it', () => {
  const [most] = said({ messages: week([room('a', 241, 200), room('b', 240, 200)]) });
  assert.equal(most, 'Messages rose by 20%, from 400 to 481; most of it in a (+41).');
  const [part] = said({ messages: week([room('a', 240, 200), room('b', 240, 200)]) });
  assert.equal(part, 'Messages rose by 20%, from 400 to 480; the largest part of it in a (+40).');
});

test('a period is normal only where the messages are about as many', () => {
  const of = (now, before) => nothing({ compared: true, known: true, total: now, totalBefore: before, totalChange: changeOf(now, before) });
  assert.match(of(1049, 1000), /^A normal period: messages moved by \+4.9%/);
  assert.equal(of(945, 900), '945 messages, after 900 before: a difference too small to say more.');
  assert.match(of(1010, 1000), /^A normal period: messages moved by \+1%/);
  assert.match(of(7, 7), /^A normal period: as many/);
  assert.equal(of(0, 49), '0 messages, after 49 before: a difference too small to say more.');
  assert.equal(of(3, 1), '3 messages, after 1 before: a difference too small to say more.');
});

test('the room that moved the total most moved the same way', () => {
  const messages = week([room('a', 200, 320), room('b', 100, 40)], { now: 10, before: 150 });
  const [total] = findings({ messages, people: null, known: true, today: TODAY });
  assert.deepEqual([total.difference, total.room.direct, total.roomDifference], [-200, true, -140]);
});

test('the busiest day of twelve months only where no other day is as busy', () => {
  const messages = week([room('a', 1000, 1000)]);
  const around = (count, day = '2026-03-02') => [{ day, c: count, p: 0, d: 0 }];
  assert.deepEqual(kinds({ messages, around: around(999) }), ['busiest-day']);
  assert.deepEqual(kinds({ messages, around: around(1000) }), []);
  assert.deepEqual(kinds({ messages, around: around(5000, '2025-11-26') }), ['busiest-day']);
  assert.deepEqual(kinds({ messages, around: around(5000, '2025-11-27') }), []);
  assert.deepEqual(kinds({ messages, around: null }), []);
});

test('rise and fall from 50 messages and half on, direct messages never', () => {
  assert.deepEqual(kinds({ messages: week([room('a', 150, 100), room('b', 50, 100)]) }), ['rise', 'fall']);
  assert.deepEqual(kinds({ messages: week([room('a', 149, 100), room('b', 51, 100)]) }), []);
  assert.deepEqual(kinds({ messages: week([room('a', 300, 249), room('b', 249, 300)]) }), []);
  assert.deepEqual(kinds({ messages: week([room('x', 100, 200, 'd')], { now: 200, before: 100 }) }), []);
  const found = findings({ messages: week([room('a', 200, 100), room('b', 500, 300), room('c', 0, 250)]), people: null, known: true, today: TODAY });
  assert.equal(found.find(({ kind }) => kind === 'rise').room.id, 'b');
});

test('quiet rooms had ten messages before and none now', () => {
  const messages = week([room('a', 500, 500), room('b', 0, 10), room('c', 0, 9), room('d', 0, 30, 'p')]);
  const [quiet] = findings({ messages, people: null, known: true, today: TODAY });
  assert.deepEqual([quiet.kind, quiet.count, quiet.room.id], ['quiet', 2, 'd']);
});

test('rooms with their first message in the period', () => {
  const messages = week([room('a', 500, 500), room('b', 5, 0), room('c', 2, 0)]);
  const [first] = findings({ messages, people: null, known: true, roomsBefore: new Set(['a', 'c']), today: TODAY });
  assert.deepEqual([first.kind, first.count, first.room.id], ['first', 1, 'b']);
  assert.deepEqual(kinds({ messages, roomsBefore: null }), []);
});

test('active people from 5 % and 5 on, only where both windows are known', () => {
  const messages = week([room('a', 500, 500)]);
  assert.deepEqual(kinds({ messages, people: people({ active: [45, 40] }) }), ['active']);
  assert.deepEqual(kinds({ messages, people: people({ active: [44, 40] }) }), []);
  assert.deepEqual(kinds({ messages, people: people({ active: [205, 200] }) }), []);
  assert.deepEqual(kinds({ messages, people: people({ active: [80, 40], since: '2026-11-10' }) }), []);
});

test('new people doubled, from five on', () => {
  const messages = week([room('a', 500, 500)]);
  assert.deepEqual(kinds({ messages, people: people({ newcomers: [6, 3] }) }), ['new']);
  assert.deepEqual(kinds({ messages, people: people({ newcomers: [5, 3] }) }), []);
  assert.deepEqual(kinds({ messages, people: people({ newcomers: [4, 0] }) }), []);
  assert.deepEqual(kinds({ messages, people: people({ newcomers: [5, 0] }) }), ['new']);
});

test('at most six, in their order; nothing that compares where the time before is not known', () => {
  const messages = week([room('a', 900, 300), room('b', 100, 300), room('c', 0, 50), room('d', 20, 0)]);
  const view = { messages, people: people({ active: [60, 40], newcomers: [9, 1] }), around: [], roomsBefore: new Set(['a', 'b', 'c']) };
  assert.deepEqual(kinds(view), ['total', 'busiest-day', 'rise', 'fall', 'quiet', 'first']);
  assert.deepEqual(kinds({ ...view, known: false }), ['busiest-day', 'first', 'active']);
  assert.deepEqual(kinds({ ...view, messages: { ...messages, compare: null }, people: { ...view.people, compare: null } }), ['busiest-day', 'first']);
});
