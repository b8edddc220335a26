//! Everything one screen shows, and each card as rows: the tables and the CSV files are both made of these.

import { countDays, groupsOf, sumByGroup } from './days.js';
import { hour, weekdayName } from './format.js';
import { findings } from './insights.js';
import {
  activeChange,
  activeRooms,
  busiestHours,
  changeOf,
  hourMeans,
  isQuiet,
  sumOfDay,
  sumOfDays,
  sumOfPeople,
  sumOfType,
  typesOf,
  weekdayMeans,
} from './numbers.js';
import * as words from './words.js';

export function makeView({ context, messages, people, todayMessages = null, around = null, roomsBefore = null }) {
  const any = messages ?? people;
  const { start, end, compare } = any;
  const { today, firstMessageDay } = context;
  const compared = compare !== null;
  const known = compared && firstMessageDay !== null && compare.start >= firstMessageDay;
  const view = {
    context,
    messages,
    people,
    todayMessages,
    start,
    end,
    compare,
    compared,
    known,
    today,
    firstMessageDay,
    length: countDays(start, end),
    groups: groupsOf({ start, end }, today),
  };
  const against = { compared, known };
  if (messages) {
    view.types = typesOf(messages, context.roomTypes);
    view.total = sumOfDays(messages.days);
    view.totalBefore = compared ? sumOfDays(messages.compareDays) : null;
    view.totalChange = changeOf(view.total, view.totalBefore, against);
    view.parts = view.types.map((type) => {
      const now = sumOfType(messages.days, type);
      const before = compared ? sumOfType(messages.compareDays, type) : null;
      return { type, now, before, change: changeOf(now, before, against) };
    });
    view.activeRooms = activeRooms(messages.rooms);
    view.activeRoomsChange = changeOf(view.activeRooms.now, compared ? view.activeRooms.before : null, against);
    view.trendOf = trendOf(messages, view.length);
    view.topRooms = messages.rooms.filter(({ type, messages: count }) => type !== 'd' && count > 0).slice(0, 5);
    view.findings = findings({ messages, people, known, around, roomsBefore, today });
  }
  if (people) {
    view.newPeople = sumOfPeople(people.new.days);
    view.newBefore = compared ? sumOfPeople(people.new.compareDays) : null;
    view.newChange = changeOf(view.newPeople, view.newBefore, against);
    view.active = activeChange(people, today);
    view.activeChange = changeOf(view.active.now?.mean ?? null, view.active.before?.mean ?? null, { compared, known: view.active.known });
  }
  return view;
}

/** A period of fewer than twelve days leaves some of the twelve parts of a trend without a day: they are no zeros to be drawn. */
function trendOf({ rooms, direct }, length) {
  if (length >= 12) return (trend) => trend;
  const withDay = new Set(Array.from({ length }, (_, day) => Math.floor((day * 12) / length)));
  const fits = [...rooms, direct].every(({ trend = [] }) => trend.every((value, part) => value === 0 || withDay.has(part)));
  return (trend) => (fits ? trend.filter((_, part) => withDay.has(part)) : trend);
}

const round = (value, places = 4) => (value === null || value === undefined ? null : Number(value.toFixed(places)));

const shareOf = (part, whole) => (whole > 0 ? round(part / whole) : null);

export function sheetOf(title, columns, items, row = () => ({})) {
  const there = columns.filter(Boolean);
  return {
    title,
    columns: there.map(([key, name, kind]) => ({ key, title: name, kind })),
    rows: items.map((item, index) => ({ ...row(item), cells: there.map(([, , , value]) => value(item, index)) })),
  };
}

const { CARD_TITLES, typeOfOne } = words;

const changeColumns = (change) => [
  ['change', 'Change', 'difference', (item) => round(change(item).difference)],
  ['change-share', 'Change, relative', 'change', (item) => round(change(item).share)],
];

const number = (card, value, before, change, ...more) =>
  sheetOf(
    CARD_TITLES[card],
    [['number', CARD_TITLES[card], 'mean', () => round(value)], ['before', 'Before', 'mean', () => round(before)], ...changeColumns(() => change), ...more],
    [card],
  );

export function timeSheet(title, { groups, compared, firstMessageDay }, now, before) {
  const columns = now.map(([key, name, items, value]) => [key, name, sumByGroup(groups, items, value)]);
  if (compared) {
    const [items, value] = before;
    columns.push(['before', 'Before', sumByGroup(groups, items, (item) => (firstMessageDay && item.day >= firstMessageDay ? value(item) : null))]);
  }
  const byDay = groups[0].unit === 'day';
  return sheetOf(
    title,
    [
      byDay ? ['day', 'Day', 'day', ({ from }) => from] : ['from', 'From', 'day', ({ from }) => from],
      !byDay && ['to', 'To', 'day', ({ to }) => to],
      ...columns.map(([key, name, sums]) => [key, name, 'number', (_, index) => sums[index]]),
    ],
    groups,
    (group) => ({ ...(byDay ? { day: group.from } : { from: group.from, to: group.to }), label: words.groupName(group), marks: words.groupMarks(group) }),
  );
}

const before = (view) => view.compared && ['before', 'Before', 'number', (item) => item.before];

export const sheets = {
  messages: (view) => number('messages', view.total, view.totalBefore, view.totalChange),
  'active-people': ({ active, activeChange: change }) =>
    number('active-people', active.now?.mean, active.before?.mean, change, ['days', 'Days known', 'number', () => active.now?.days ?? 0]),
  'new-people': (view) => number('new-people', view.newPeople, view.newBefore, view.newChange),
  'active-channels': (view) => number('active-channels', view.activeRooms.now, view.compared ? view.activeRooms.before : null, view.activeRoomsChange),
  changed: (view) =>
    sheetOf(
      CARD_TITLES.changed,
      [['sentence', 'What changed', 'text', words.asText]],
      view.findings.length ? view.findings.map(words.finding) : [[nothing(view)]],
    ),
  today: (view) =>
    sheetOf(
      CARD_TITLES.today,
      [
        ['day', 'Day', 'day', () => view.today],
        ['messages', 'Messages', 'number', ({ days }) => sumOfDays(days)],
      ],
      [view.todayMessages],
    ),
  'messages-chart': (view) =>
    timeSheet(
      CARD_TITLES['messages-chart'],
      view,
      [
        ...view.types.map((type) => [`type-${type}`, words.typeName(type), view.messages.days, (day) => day[type] ?? 0]),
        ['messages', 'Messages', view.messages.days, sumOfDay],
      ],
      [view.messages.compareDays, sumOfDay],
    ),
  where: (view) =>
    sheetOf(
      CARD_TITLES.where,
      [
        ['type', 'Type of room', 'text', ({ type }) => words.typeName(type)],
        ['messages', 'Messages', 'number', ({ now }) => now],
        ['share', 'Share', 'share', ({ now }) => shareOf(now, view.total)],
        before(view),
        ...(view.compared ? changeColumns(({ change }) => change) : []),
      ],
      view.parts,
      ({ type }) => ({ type }),
    ),
  'top-channels': (view) => roomSheet(view, CARD_TITLES['top-channels'], view.topRooms),
  channels: (view, rooms = roomRows(view.messages)) => roomSheet(view, CARD_TITLES.channels, rooms),
  active: (view) => {
    const { since, days, compareDays } = view.people.active;
    const shown = days.map((day, index) => ({ ...day, then: compareDays[index] })).filter(({ day }) => since && day >= since && day <= view.today);
    return sheetOf(
      CARD_TITLES.active,
      [
        ['day', 'Day', 'day', ({ day }) => day],
        ['day1', 'On the day', 'number', ({ day1 }) => day1],
        ['day7', 'In 7 days', 'number', ({ day7 }) => day7],
        ['day30', 'In 30 days', 'number', ({ day30 }) => day30],
        view.compared && ['before', 'Before, on the day', 'number', ({ then }) => (then?.day >= since ? then.day1 : null)],
      ],
      shown,
      ({ day }) => ({ day, label: words.groupName({ unit: 'day', from: day }), marks: words.groupMarks({ today: day === view.today }) }),
    );
  },
  new: (view) => {
    const count = ({ people }) => people;
    return timeSheet(CARD_TITLES.new, view, [['people', CARD_TITLES['new-people'], view.people.new.days, count]], [view.people.new.compareDays, count]);
  },
  hours: (view) =>
    sheetOf(
      CARD_TITLES.hours,
      [
        ['weekday', 'Weekday', 'text', ({ weekday }) => weekdayName(weekday)],
        ['days', 'Days', 'number', ({ days }) => days],
        ...Array.from({ length: 24 }, (_, at) => [`hour-${at}`, hour(at), 'mean', ({ means }) => round(means[at], 2)]),
      ],
      hourMeans(view.people.hours),
    ),
  'busiest-hours': (view) => {
    const { days, hours } = busiestHours(view.people.hours);
    return meanSheet(
      'busiest-hours',
      'Hour',
      hours,
      (item) => hour(item.hour),
      () => days,
    );
  },
  'busiest-weekdays': (view) =>
    meanSheet(
      'busiest-weekdays',
      'Weekday',
      weekdayMeans(view.people.active, view.today).filter(({ mean }) => mean !== null),
      ({ weekday }) => weekdayName(weekday),
      ({ days }) => days,
    ),
};

const meanSheet = (card, title, items, name, days) =>
  sheetOf(
    CARD_TITLES[card],
    [
      ['name', title, 'text', name],
      ['people', 'People on average', 'mean', ({ mean }) => round(mean, 2)],
      ['days', 'Days', 'number', days],
    ],
    items,
  );

export function roomRows({ rooms, direct }) {
  const rows = rooms.filter(({ type }) => type !== 'd').map((room) => ({ ...room, label: words.roomName(room) }));
  if (direct.messages > 0 || direct.before > 0)
    rows.push({ lastDay: null, trend: [], ...direct, id: null, direct: true, type: 'd', label: words.directRow(direct.conversations) });
  return rows;
}

export const roomSheet = (view, title, rooms) =>
  sheetOf(
    title,
    [
      ['name', 'Name', 'text', (room) => room.label ?? words.roomName(room)],
      ['type', 'Type', 'text', ({ type }) => typeOfOne(type)],
      ['messages', 'Messages', 'number', ({ messages }) => messages],
      before(view),
      view.compared && ['change', 'Change', 'difference', ({ messages, before: then }) => (view.known ? messages - then : null)],
      ['share', 'Share', 'share', ({ messages }) => shareOf(messages, view.total)],
      ['last', 'Last day with a message', 'day', ({ lastDay }) => lastDay ?? null],
      view.compared && ['quiet', 'Quiet', 'text', (room) => (isQuiet(room) ? 'quiet' : '')],
    ],
    rooms,
    ({ id }) => ({ room: id }),
  );

export function nothing(view) {
  if (view.total === 0 && !view.totalBefore) return words.emptyChanged;
  const { difference, share } = view.totalChange;
  return words.nothingChanged({ compared: view.compared, known: view.known, firstMessageDay: view.firstMessageDay, now: view.total, difference, share });
}

export const SOURCE = Object.fromEntries([
  ...['messages', 'active-channels', 'changed', 'messages-chart', 'where', 'top-channels', 'channels'].map((name) => [name, 'messages']),
  ...['active-people', 'new-people', 'active', 'new', 'hours', 'busiest-hours', 'busiest-weekdays'].map((name) => [name, 'people']),
  ['today', 'todayMessages'],
]);
