import assert from 'node:assert/strict';
import test from 'node:test';
import { addDays, comparisonOf, listDays } from '../js/days.js';
import { SOURCE, dayOfMost, makeView, sheets } from '../js/numbers.js';
import * as words from '../js/words.js';

const context = {
  workspace: 'Example',
  zone: 'Europe/Berlin',
  today: '2026-11-26',
  firstMessageDay: '2023-05-09',
  roomTypes: ['c', 'p', 'd'],
  counting: { source: 'live' },
};

function answers(start, end, compare = 'previous') {
  const before = comparisonOf(compare, { start, end });
  const messagesDays = (from, to) => listDays(from, to).map((day, index) => ({ day, c: index + 1, p: 2, d: 3 }));
  const days = messagesDays(start, end);
  const compareDays = before ? messagesDays(before.start, before.end) : [];
  const sum = (list, key) => list.reduce((total, day) => total + day[key], 0);
  const trend = Array(12).fill(1);
  const messages = {
    start,
    end,
    compare: before,
    days,
    compareDays,
    rooms: [
      { id: 'a', name: 'a', type: 'c', messages: sum(days, 'c'), before: sum(compareDays, 'c'), lastDay: end, trend },
      { id: 'b', name: 'b', type: 'p', messages: sum(days, 'p'), before: sum(compareDays, 'p'), lastDay: end, trend },
    ],
    direct: { conversations: 2, messages: sum(days, 'd'), before: sum(compareDays, 'd'), trend },
  };
  const since = '2026-10-12';
  const active = (day) => ({ day, day1: day < since ? 0 : 10, day7: day < addDays(since, 6) ? null : 20, day30: null });
  const people = {
    start,
    end,
    compare: before,
    new: { days: days.map(({ day }) => ({ day, people: 1 })), compareDays: compareDays.map(({ day }) => ({ day, people: 2 })) },
    active: { since, days: days.map(({ day }) => active(day)), compareDays: compareDays.map(({ day }) => active(day)) },
    hours: {
      zone: 'Europe/Berlin',
      since,
      weekdays: [
        { weekday: 1, days: 4, people: Array(24).fill(8) },
        { weekday: 2, days: 0, people: Array(24).fill(0) },
      ],
    },
  };
  return { context, messages, people, todayMessages: { days: [{ day: context.today, c: 1, p: 1, d: 1 }] } };
}

const total = (sheet, key) => {
  const at = sheet.columns.findIndex((column) => column.key === key);
  return sheet.rows.reduce((sum, { cells }) => sum + (cells[at] ?? 0), 0);
};

test('headline, columns, types and table always add up', () => {
  for (const [start, end] of [
    ['2026-11-25', '2026-11-25'],
    ['2026-11-01', '2026-11-26'],
    ['2026-06-03', '2026-11-26'],
    ['2023-12-15', '2026-11-26'],
  ]) {
    const view = makeView(answers(start, end));
    for (const key of ['messages', 'before']) {
      const sums = ['messages-chart', 'where', 'channels'].map((name) => total(sheets[name](view), key));
      const headline = key === 'messages' ? view.total : view.totalBefore;
      if (key === 'messages' || view.known) assert.deepEqual(sums, [headline, headline, headline], `${start} ${key}`);
    }
    assert.equal(total(sheets.new(view), 'people'), view.newPeople);
  }
});

test('every card has a sheet whose rows are as long as its head', () => {
  const view = makeView(answers('2026-11-01', '2026-11-26'));
  assert.deepEqual(Object.keys(sheets).sort(), Object.keys(SOURCE).sort());
  for (const [name, make] of Object.entries(sheets)) {
    const sheet = make(view);
    assert.ok(sheet.title && sheet.rows.length > 0, name);
    for (const { cells } of sheet.rows) assert.equal(cells.length, sheet.columns.length, name);
  }
});

test('nothing is said about a change where the time before is not known', () => {
  const view = makeView(answers('2023-05-20', '2023-06-20'));
  assert.equal(view.known, false);
  assert.equal(view.totalChange.kind, 'no-data');
  const sheet = sheets['messages-chart'](view);
  const before = sheet.columns.findIndex(({ key }) => key === 'before');
  assert.equal(sheet.rows[0].cells[before], null);
  assert.equal(typeof sheet.rows.at(-1).cells[before], 'number');
});

test('without a comparison there is no column of it', () => {
  const view = makeView(answers('2026-11-01', '2026-11-26', 'none'));
  for (const name of ['messages-chart', 'where', 'channels', 'new', 'active'])
    assert.ok(!sheets[name](view).columns.some(({ key }) => key === 'before' || key === 'change'), name);
  assert.equal(view.totalChange.kind, 'none');
});

test('active people: a mean without today, compared only where both windows are known', () => {
  const known = makeView(answers('2026-11-20', '2026-11-26'));
  assert.deepEqual([known.active.now.mean, known.active.now.days, known.activeChange.kind], [10, 6, 'same']);
  assert.equal(makeView(answers('2026-11-26', '2026-11-26')).active.now.days, 1);
  assert.equal(makeView(answers('2026-10-27', '2026-11-25')).activeChange.kind, 'no-data');
  assert.equal(sheets.active(makeView(answers('2026-10-01', '2026-10-31'))).rows[0].day, '2026-10-12');
});

test('a weekday without days has no mean', () => {
  const [monday, tuesday] = sheets.hours(makeView(answers('2026-11-01', '2026-11-26'))).rows;
  assert.deepEqual(monday.cells.slice(1, 3), [4, 2]);
  assert.deepEqual(tuesday.cells.slice(1, 3), [0, null]);
});

test('a day had most new people only if no other had as many', () => {
  const days = (...counts) => counts.map((people, index) => ({ day: addDays('2026-11-01', index), people }));
  assert.deepEqual(dayOfMost(days(1, 3, 2)), { day: '2026-11-02', people: 3 });
  assert.equal(dayOfMost(days(1, 0, 1)), null);
  assert.equal(dayOfMost(days(0, 0)), null);
  assert.equal(dayOfMost([]), null);
});

test('one day is no average', () => {
  assert.equal(words.busiestWeekdaysCaption({ weekday: 4, mean: 52, days: 1 }), 'Thursday was busiest: 52 active people.');
  assert.match(words.busiestWeekdaysCaption({ weekday: 4, mean: 52, days: 2 }), /^Thursdays are busiest: 52 active people on average of 2 days\.$/);
  assert.equal(words.busiestHoursCaption({ hour: 9, mean: 52 }, 1), 'From 09:00 to 10:00 most people were there: 52.');
  assert.match(words.busiestHoursCaption({ hour: 9, mean: 52 }, 7), /most people are there: 52 on average of 7 days\.$/);
  const hours = { most: { weekday: 4, hour: 9, mean: 52 }, least: null, zone: 'UTC', since: '2026-10-12' };
  assert.match(words.hoursCaption({ ...hours, days: 1 }), /^Most people were there on Thursday from 09:00 to 10:00: 52\. /);
  assert.match(words.hoursCaption({ ...hours, days: 7 }), /^Most people are there on Thursdays from 09:00 to 10:00: 52 on average\. /);
});
