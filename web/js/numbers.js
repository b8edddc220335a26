//! The numbers of the answers, each made in one place: what one screen shows, what changed, and each card as rows, for its table and its CSV.

import { addDays, addMonths, countDays, groupsOf, later, sumByGroup, weekday } from './days.js';
import { hour, weekdayName } from './format.js';
import * as words from './words.js';

export const SHARE_FROM = 20;

export function changeOf(now, before, { compared = true, known = true } = {}) {
  if (!compared) return { kind: 'none' };
  if (!known || now === null || before === null) return { kind: 'no-data' };
  const difference = now - before;
  if (difference === 0) return { kind: 'same', difference };
  if (before === 0) return { kind: 'new', difference };
  if (before < SHARE_FROM) return { kind: 'absolute', difference };
  return { kind: 'share', difference, share: difference / before };
}

export function typesOf(answer, roomTypes) {
  const known = ['c', 'p', 'd'];
  const there = new Set(roomTypes);
  for (const day of answer.days) for (const key of Object.keys(day)) if (key !== 'day' && day[key] > 0) there.add(key);
  return [...known.filter((type) => there.has(type)), ...[...there].filter((type) => !known.includes(type)).sort()];
}

export function sumOfDay(day) {
  let sum = 0;
  for (const key in day) if (key !== 'day') sum += day[key];
  return sum;
}

export const sumOfDays = (days) => days.reduce((sum, day) => sum + sumOfDay(day), 0);

export const sumOfType = (days, type) => days.reduce((sum, day) => sum + (day[type] ?? 0), 0);

export const sumOfPeople = (days) => days.reduce((sum, day) => sum + day.people, 0);

export function activeRooms(rooms) {
  const counted = rooms.filter(({ type }) => type === 'c' || type === 'p');
  return { now: counted.filter(({ messages }) => messages > 0).length, before: counted.filter(({ before }) => before > 0).length };
}

export const isQuiet = (room) => room.type !== 'd' && room.before >= 10 && room.messages === 0;

/** The one day on which most people were new; none where several had as many. */
export function dayOfMost(days) {
  const most = Math.max(0, ...days.map(({ people }) => people));
  const those = days.filter(({ people }) => people === most);
  return most > 0 && those.length === 1 ? those[0] : null;
}

export function busiestDay(days) {
  let best = null;
  for (const day of days) {
    const messages = sumOfDay(day);
    if (messages > 0 && (!best || messages >= best.messages)) best = { day: day.day, messages };
  }
  return best;
}

export function knownDays(days, since, today) {
  const known = days.filter(({ day, day1 }) => since && day >= since && day <= today && day1 !== null);
  const over = known.filter(({ day }) => day !== today);
  return over.length ? over : known;
}

export function meanPeople(days, since, today) {
  const known = knownDays(days, since, today);
  return known.length ? { mean: known.reduce((sum, { day1 }) => sum + day1, 0) / known.length, days: known.length } : null;
}

export function activeChange(people, today) {
  const { since, days, compareDays } = people.active;
  const now = meanPeople(days, since, today);
  const known = Boolean(since && people.compare && people.compare.start >= since && people.start >= since);
  const before = known ? meanPeople(compareDays, since, today) : null;
  return { now, before, known: known && before !== null };
}

export function newestWindows(people) {
  const last = (key) => people.active.days.filter((day) => day[key] !== null).at(-1) ?? null;
  return { seven: last('day7'), thirty: last('day30') };
}

export function hourMeans(hours) {
  return hours.weekdays.map(({ weekday: number, days, people }) => ({
    weekday: number,
    days,
    means: Array.from({ length: 24 }, (_, hour) => (days > 0 ? people[hour] / days : null)),
  }));
}

export function busiestHours(hours) {
  const days = hours.weekdays.reduce((sum, weekdayOfHours) => sum + weekdayOfHours.days, 0);
  if (days === 0) return { days, hours: [] };
  const means = Array.from({ length: 24 }, (_, hour) => ({ hour, mean: hours.weekdays.reduce((sum, { people }) => sum + people[hour], 0) / days }));
  return { days, hours: means.filter(({ mean }) => mean > 0).sort((a, b) => b.mean - a.mean || a.hour - b.hour) };
}

export function weekdayMeans(active, today) {
  const sums = Array.from({ length: 7 }, (_, index) => ({ weekday: index + 1, days: 0, people: 0 }));
  for (const { day, day1 } of active.days) {
    if (!active.since || day < active.since || day >= today || day1 === null) continue;
    const sum = sums[weekday(day) - 1];
    sum.days += 1;
    sum.people += day1;
  }
  return sums.map(({ weekday: number, days, people }) => ({ weekday: number, days, mean: days ? people / days : null }));
}

export function rankOf(rooms, id) {
  const counted = rooms.filter(({ type, messages }) => type !== 'd' && messages > 0);
  const room = counted.find((one) => one.id === id);
  return room ? { rank: counted.filter(({ messages }) => messages > room.messages).length + 1, of: counted.length } : null;
}

const MOST = 6;

const TOTAL = { share: 0.05, messages: 50 };
const ROOM = { share: 0.5, messages: 50 };
const ACTIVE = { share: 0.05, people: 5 };
const NEW_PEOPLE = 5;

const difference = (room) => room.messages - room.before;

function largest(items, value) {
  let best = null;
  for (const item of items) if (value(item) > 0 && (!best || value(item) > value(best))) best = item;
  return best;
}

function total(messages) {
  const now = sumOfDays(messages.days);
  const before = sumOfDays(messages.compareDays);
  const moved = now - before;
  if (Math.abs(moved) < TOTAL.messages || Math.abs(moved) < before * TOTAL.share) return null;
  const direction = Math.sign(moved);
  const direct = { ...messages.direct, direct: true };
  const room = largest([...messages.rooms, direct], (one) => difference(one) * direction);
  return { ...changeOf(now, before), kind: 'total', now, before, room, roomDifference: room ? difference(room) : 0 };
}

function busiest(messages, around, today) {
  if (!around) return null;
  const from = addDays(addMonths(today, -12), 1);
  const inPeriod = busiestDay(messages.days.filter(({ day }) => day >= from && day <= today));
  const outside = busiestDay(around.filter(({ day }) => day >= from && day <= today));
  if (!inPeriod || (outside && outside.messages >= inPeriod.messages)) return null;
  return { kind: 'busiest-day', day: inPeriod.day, messages: inPeriod.messages };
}

function moved(messages, direction) {
  const far = ({ before, messages: now }) => Math.abs(now - before) >= ROOM.messages && Math.abs(now - before) >= before * ROOM.share;
  const room = largest(
    messages.rooms.filter((one) => one.type !== 'd' && far(one)),
    (one) => difference(one) * direction,
  );
  return room ? { ...changeOf(room.messages, room.before), kind: direction > 0 ? 'rise' : 'fall', room } : null;
}

function quiet(messages) {
  const rooms = messages.rooms.filter(isQuiet).sort((a, b) => b.before - a.before);
  return rooms.length ? { kind: 'quiet', count: rooms.length, room: rooms[0] } : null;
}

function first(messages, roomsBefore) {
  if (!roomsBefore) return null;
  const rooms = messages.rooms.filter(({ id, type, messages: now }) => type !== 'd' && now > 0 && !roomsBefore.has(id));
  return rooms.length ? { kind: 'first', count: rooms.length, room: rooms[0] } : null;
}

function active(people, today) {
  const { now, before, known } = activeChange(people, today);
  if (!known || !now) return null;
  const change = now.mean - before.mean;
  if (Math.abs(change) < ACTIVE.people || Math.abs(change) < before.mean * ACTIVE.share) return null;
  return { ...changeOf(now.mean, before.mean), kind: 'active', now: now.mean, before: before.mean };
}

function newcomers(people) {
  const now = sumOfPeople(people.new.days);
  const before = sumOfPeople(people.new.compareDays);
  return now >= NEW_PEOPLE && now >= before * 2 ? { kind: 'new', now, before } : null;
}

export function findings({ messages, people, known, around = null, roomsBefore = null, today }) {
  const compared = Boolean(messages.compare) && known;
  const found = [
    compared && total(messages),
    busiest(messages, around, today),
    compared && moved(messages, 1),
    compared && moved(messages, -1),
    compared && quiet(messages),
    first(messages, roomsBefore),
    people?.compare && active(people, today),
    compared && people?.compare && newcomers(people),
  ];
  return found.filter(Boolean).slice(0, MOST);
}

const MOST_DAYS_WITHOUT_MEMORY = 400;

let kept = { key: null, around: null, roomsBefore: null };

export const around = (key) => (kept.key === key ? kept : { around: null, roomsBefore: null });

export function forgetAround() {
  kept = { key: null, around: null, roomsBefore: null };
}

export async function askAround({ service, context, start, end, key, signal }) {
  const { firstMessageDay, today, counting } = context;
  if (firstMessageDay === null) return false;
  const yesterday = addDays(today, -1);
  const far = addDays(today, -MOST_DAYS_WITHOUT_MEMORY);
  if (firstMessageDay < far && counting.source !== 'live') return false;
  const months = addDays(addMonths(today, -12), 1);
  const before = firstMessageDay < start ? service.messages({ start: firstMessageDay, end: addDays(start, -1) }, signal) : null;
  const afterStart = later(addDays(end, 1), months);
  const after = end < yesterday && afterStart <= today ? service.messages({ start: afterStart, end: today }, signal) : null;
  const [one, other] = await Promise.all([before, after]);
  kept = {
    key,
    around: [...(one?.days ?? []), ...(other?.days ?? [])],
    roomsBefore: new Set((one?.rooms ?? []).filter(({ messages }) => messages > 0).map(({ id }) => id)),
  };
  return true;
}

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

export const isAsUsual = ({ share }) => Math.abs(share) < TOTAL.share;

export function nothing(view) {
  if (view.total === 0 && !view.totalBefore) return words.emptyChanged;
  const { compared, known, firstMessageDay, total: now, totalChange } = view;
  return words.nothingChanged({ compared, known, firstMessageDay, now, ...totalChange, normal: isAsUsual(totalChange) });
}

export const SOURCE = Object.fromEntries([
  ...['messages', 'active-channels', 'changed', 'messages-chart', 'where', 'top-channels', 'channels'].map((name) => [name, 'messages']),
  ...['active-people', 'new-people', 'active', 'new', 'hours', 'busiest-hours', 'busiest-weekdays'].map((name) => [name, 'people']),
  ['today', 'todayMessages'],
]);

/** A text that a spreadsheet would take for a formula gets an apostrophe. Numbers are ours and stay numbers. */
export function cell(value) {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  const text = /^[=+\-@\t\r\n]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export const line = (values) => `${values.map(cell).join(',')}\r\n`;

export function csvOf(sheet, about) {
  const head = [['Card', sheet.title], ...about].map(line).join('');
  const columns = line(sheet.columns.map(({ title }) => title));
  return head + '\r\n' + columns + sheet.rows.map(({ cells }) => line(cells)).join('');
}

/** Without the mark some spreadsheets take UTF-8 for something else. */
export const csvFile = (parts) => `\uFEFF${parts.join('\r\n')}`;

export function fileName(words, extension) {
  const clean = words
    .map((word) =>
      word
        .normalize('NFKC')
        .replace(/[^\p{L}\p{N}]+/gu, '-')
        .replace(/^-+|-+$/g, '')
        .slice(0, 60),
    )
    .filter(Boolean);
  return `${clean.join('_').toLowerCase()}.${extension}`;
}
