//! The numbers of each card as rows: the tables on the page and the CSV files are both made of these. Pure.
//!
//! A sheet has `title`, `columns` (`key`, `title`, `kind`) and `rows` (`cells` with raw values, and what a row stands for: `day`, `from` and `to`, `room`, marks).

import { sumByGroup } from './grouping.js';
import { busiestHours, hourMeans, isQuiet, sumOfDay, weekdayMeans } from './totals.js';
import * as words from './words.js';
import { hour, weekdayName } from './format.js';

const round = (value, places = 4) => (value === null || value === undefined ? null : Number(value.toFixed(places)));

const shareOf = (part, whole) => (whole > 0 ? round(part / whole) : null);

const column = (key, title, kind) => ({ key, title, kind });

/** Difference and share, as far as they may be said. */
const changeCells = (change) => [change.difference === undefined ? null : round(change.difference), change.kind === 'share' ? round(change.share) : null];

const CHANGE_COLUMNS = [column('change', 'Change', 'difference'), column('change-share', 'Change in %', 'change')];

function groupRow(group, cells) {
  const what = group.unit === 'day' ? { day: group.from } : { from: group.from, to: group.to };
  return { ...what, label: words.groupName(group), marks: words.groupMarks(group), cells };
}

/** Days have one column, weeks and months the days they begin and end with. */
const groupColumns = ([{ unit }]) => (unit === 'day' ? [column('day', 'Day', 'day')] : [column('from', 'From', 'day'), column('to', 'To', 'day')]);
const groupCells = (group) => (group.unit === 'day' ? [group.from] : [group.from, group.to]);

const number = (card, value, before, change, extra = []) => ({
  title: words.CARD_TITLES[card],
  columns: [column('number', words.CARD_TITLES[card], 'mean'), column('before', 'Before', 'mean'), ...CHANGE_COLUMNS, ...extra.map(({ key, title }) => column(key, title, 'number'))],
  rows: [{ cells: [round(value), round(before), ...changeCells(change), ...extra.map(({ value: one }) => one)] }],
});

const known = (view, days) => days.map((day) => (view.context.firstMessageDay && day.day >= view.context.firstMessageDay ? day : null));

export const sheets = {
  messages: (view) => number('messages', view.total, view.totalBefore, view.totalChange),

  'active-people': (view) => number('active-people', view.active.now?.mean, view.active.before?.mean, view.activeChange, [{ key: 'days', title: 'Days known', value: view.active.now?.days ?? 0 }]),

  'new-people': (view) => number('new-people', view.newPeople, view.newBefore, view.newChange),

  'active-channels': (view) => number('active-channels', view.activeRooms.now, view.compared ? view.activeRooms.before : null, view.activeRoomsChange),

  changed: (view) => ({
    title: words.CARD_TITLES.changed,
    columns: [column('sentence', 'What changed', 'text')],
    rows: view.findings.map((finding) => ({ cells: [words.asText(words.finding(finding))] })),
  }),

  today: (view) => ({
    title: words.CARD_TITLES.today,
    columns: [column('day', 'Day', 'day'), column('messages', 'Messages', 'number')],
    rows: view.todayMessages ? [{ day: view.today, cells: [view.today, view.todayMessages.days.reduce((sum, day) => sum + sumOfDay(day), 0)] }] : [],
  }),

  'messages-chart': (view) => {
    const { groups, messages, types } = view;
    const byType = types.map((type) => sumByGroup(groups, messages.days, (day) => day[type] ?? 0));
    const before = view.compared ? sumByGroup(groups, known(view, messages.compareDays), (day) => day && sumOfDay(day)) : null;
    return {
      title: words.CARD_TITLES['messages-chart'],
      columns: [
        ...groupColumns(groups),
        ...types.map((type) => column(`type-${type}`, words.typeName(type), 'number')),
        column('messages', 'Messages', 'number'),
        ...(before ? [column('before', 'Before', 'number')] : []),
      ],
      rows: groups.map((group, index) => {
        const counts = byType.map((sums) => sums[index]);
        return groupRow(group, [...groupCells(group), ...counts, counts.reduce((a, b) => a + b, 0), ...(before ? [before[index]] : [])]);
      }),
    };
  },

  where: (view) => ({
    title: words.CARD_TITLES.where,
    columns: [
      column('type', 'Type of room', 'text'),
      column('messages', 'Messages', 'number'),
      column('share', 'Share', 'share'),
      ...(view.compared ? [column('before', 'Before', 'number'), ...CHANGE_COLUMNS] : []),
    ],
    rows: view.parts.map(({ type, now, before, change }) => ({
      type,
      cells: [words.typeName(type), now, shareOf(now, view.total), ...(view.compared ? [before, ...changeCells(change)] : [])],
    })),
  }),

  'top-channels': (view) => ({
    title: words.CARD_TITLES['top-channels'],
    columns: [
      column('name', 'Name', 'text'),
      column('type', 'Type', 'text'),
      column('messages', 'Messages', 'number'),
      column('share', 'Share', 'share'),
      ...(view.compared ? [column('before', 'Before', 'number')] : []),
    ],
    rows: view.topRooms.map((room) => ({
      room: room.id,
      cells: [words.roomName(room), words.typeOfOne(room.type), room.messages, shareOf(room.messages, view.total), ...(view.compared ? [room.before] : [])],
    })),
  }),

  channels: (view, rooms = null) => {
    const { messages } = view;
    const { direct } = messages;
    const all = rooms ?? [...messages.rooms, ...(direct.messages || direct.before ? [{ ...direct, direct: true, type: 'd' }] : [])];
    return {
      title: words.CARD_TITLES.channels,
      columns: [
        column('name', 'Name', 'text'),
        column('type', 'Type', 'text'),
        column('messages', 'Messages', 'number'),
        ...(view.compared ? [column('before', 'Before', 'number'), column('change', 'Change', 'difference')] : []),
        column('share', 'Share', 'share'),
        column('last', 'Last day with a message', 'day'),
        ...(view.compared ? [column('quiet', 'Quiet', 'text')] : []),
      ],
      rows: all.map((room) => ({
        cells: [
          room.direct ? words.directRow(room.conversations) : words.roomName(room),
          words.typeOfOne(room.type),
          room.messages,
          ...(view.compared ? [room.before, view.known ? room.messages - room.before : null] : []),
          shareOf(room.messages, view.total),
          room.lastDay ?? null,
          ...(view.compared ? [!room.direct && isQuiet(room) ? 'quiet' : ''] : []),
        ],
      })),
    };
  },

  active: (view) => {
    const { since, days, compareDays } = view.people.active;
    const shown = days.map((day, index) => ({ ...day, before: compareDays[index] ?? null })).filter(({ day }) => since && day >= since && day <= view.today);
    const before = (one) => (one && one.day >= since ? one.day1 : null);
    return {
      title: words.CARD_TITLES.active,
      columns: [
        column('day', 'Day', 'day'),
        column('day1', 'On the day', 'number'),
        column('day7', 'In 7 days', 'number'),
        column('day30', 'In 30 days', 'number'),
        ...(view.compared ? [column('before', 'Before, on the day', 'number')] : []),
      ],
      rows: shown.map((day) => ({
        day: day.day,
        label: words.groupName({ unit: 'day', from: day.day }),
        marks: day.day === view.today ? words.groupMarks({ today: true }) : [],
        cells: [day.day, day.day1, day.day7, day.day30, ...(view.compared ? [before(day.before)] : [])],
      })),
    };
  },

  new: (view) => {
    const { groups, people } = view;
    const now = sumByGroup(groups, people.new.days, (day) => day.people);
    const before = view.compared ? sumByGroup(groups, known(view, people.new.compareDays), (day) => day && day.people) : null;
    return {
      title: words.CARD_TITLES.new,
      columns: [...groupColumns(groups), column('people', 'New people', 'number'), ...(before ? [column('before', 'Before', 'number')] : [])],
      rows: groups.map((group, index) => groupRow(group, [...groupCells(group), now[index], ...(before ? [before[index]] : [])])),
    };
  },

  hours: (view) => ({
    title: words.CARD_TITLES.hours,
    columns: [column('weekday', 'Weekday', 'text'), column('days', 'Days', 'number'), ...Array.from({ length: 24 }, (_, index) => column(`hour-${index}`, hour(index), 'mean'))],
    rows: hourMeans(view.people.hours).map(({ weekday, days, means }) => ({ cells: [weekdayName(weekday), days, ...means.map((mean) => round(mean, 2))] })),
  }),

  'busiest-hours': (view) => {
    const { days, hours } = busiestHours(view.people.hours);
    return {
      title: words.CARD_TITLES['busiest-hours'],
      columns: [column('hour', 'Hour', 'text'), column('people', 'People on average', 'mean'), column('days', 'Days', 'number')],
      rows: hours.map(({ hour: one, mean }) => ({ cells: [hour(one), round(mean, 2), days] })),
    };
  },

  'busiest-weekdays': (view) => ({
    title: words.CARD_TITLES['busiest-weekdays'],
    columns: [column('weekday', 'Weekday', 'text'), column('people', 'People on average', 'mean'), column('days', 'Days', 'number')],
    rows: weekdayMeans(view.people.active, view.today)
      .filter(({ mean }) => mean !== null)
      .map(({ weekday, mean, days }) => ({ cells: [weekdayName(weekday), round(mean, 2), days] })),
  }),
};

/** Which answer a card's sheet is made of. */
export const SOURCE = {
  messages: 'messages',
  'active-people': 'people',
  'new-people': 'people',
  'active-channels': 'messages',
  changed: 'messages',
  today: 'todayMessages',
  'messages-chart': 'messages',
  where: 'messages',
  'top-channels': 'messages',
  channels: 'messages',
  active: 'people',
  new: 'people',
  hours: 'people',
  'busiest-hours': 'people',
  'busiest-weekdays': 'people',
};
