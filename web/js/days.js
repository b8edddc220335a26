//! Days as texts, `YYYY-MM-DD`, periods and groups of them, and the view as the query of the address. No `Date` and so no time zone takes part.

const SHAPE = /^(\d{4})-(\d{2})-(\d{2})$/;

const floor = (a, b) => Math.floor(a / b);

const isLeap = (year) => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

const lengthOfMonth = (year, month) => (month === 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31);

const parts = (day) => {
  const [, year, month, date] = SHAPE.exec(day);
  return { year: Number(year), month: Number(month), date: Number(date) };
};

const text = (year, month, date) => `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(date).padStart(2, '0')}`;

export function isDay(value) {
  const match = typeof value === 'string' && SHAPE.exec(value);
  if (!match) return false;
  const [year, month, date] = match.slice(1).map(Number);
  return year >= 1 && month >= 1 && month <= 12 && date >= 1 && date <= lengthOfMonth(year, month);
}

/** What the service can be asked for. */
const FIRST_DAY = '1970-01-01';
const MOST_DAYS = 36_600;

export const isAskable = (day) => isDay(day) && day >= FIRST_DAY;

export const isPeriod = (start, end) => isAskable(start) && isAskable(end) && start <= end && countDays(start, end) <= MOST_DAYS;

/** Days since 1970-01-01. Years begin in March here, so that the day that leap years add is their last. */
export function toNumber(day) {
  const { year, month, date } = parts(day);
  const y = month <= 2 ? year - 1 : year;
  const era = floor(y, 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = floor(153 * (month > 2 ? month - 3 : month + 9) + 2, 5) + date - 1;
  return era * 146097 + yearOfEra * 365 + floor(yearOfEra, 4) - floor(yearOfEra, 100) + dayOfYear - 719468;
}

export function fromNumber(number) {
  const shifted = number + 719468;
  const era = floor(shifted, 146097);
  const dayOfEra = shifted - era * 146097;
  const yearOfEra = floor(dayOfEra - floor(dayOfEra, 1460) + floor(dayOfEra, 36524) - floor(dayOfEra, 146096), 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + floor(yearOfEra, 4) - floor(yearOfEra, 100));
  const shiftedMonth = floor(5 * dayOfYear + 2, 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return text(yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - floor(153 * shiftedMonth + 2, 5) + 1);
}

export const addDays = (day, count) => fromNumber(toNumber(day) + count);

export const countDays = (start, end) => toNumber(end) - toNumber(start) + 1;

export const weekday = (day) => ((((toNumber(day) + 3) % 7) + 7) % 7) + 1;

export const mondayOf = (day) => addDays(day, 1 - weekday(day));

export const firstOfMonth = (day) => `${day.slice(0, 8)}01`;

export function lastOfMonth(day) {
  const { year, month } = parts(day);
  return text(year, month, lengthOfMonth(year, month));
}

export const firstOfYear = (day) => `${day.slice(0, 4)}-01-01`;

export function addMonths(day, count) {
  const { year, month, date } = parts(day);
  const months = year * 12 + month - 1 + count;
  const y = floor(months, 12);
  const m = months - y * 12 + 1;
  return text(y, m, Math.min(date, lengthOfMonth(y, m)));
}

export const earlier = (a, b) => (a < b ? a : b);

export const later = (a, b) => (a > b ? a : b);

export function listDays(start, end) {
  const first = toNumber(start);
  return Array.from({ length: Math.max(0, toNumber(end) - first + 1) }, (_, index) => fromNumber(first + index));
}

export const PERIODS = ['7d', '30d', '90d', '12m', 'yesterday', 'today', 'this-week', 'last-week', 'this-month', 'last-month', 'this-year', 'all'];

export const COMPARISONS = ['previous', 'weekdays', 'year', 'none'];

export function daysOf(period, today, firstMessageDay) {
  const yesterday = addDays(today, -1);
  const thisMonth = firstOfMonth(today);
  const lastMonth = addMonths(thisMonth, -1);
  switch (period) {
    case '7d':
      return { start: addDays(today, -7), end: yesterday };
    case '30d':
      return { start: addDays(today, -30), end: yesterday };
    case '90d':
      return { start: addDays(today, -90), end: yesterday };
    case '12m':
      return { start: addDays(addMonths(yesterday, -12), 1), end: yesterday };
    case 'yesterday':
      return { start: yesterday, end: yesterday };
    case 'today':
      return { start: today, end: today };
    case 'this-week':
      return { start: mondayOf(today), end: today };
    case 'last-week':
      return { start: addDays(mondayOf(today), -7), end: addDays(mondayOf(today), -1) };
    case 'this-month':
      return { start: thisMonth, end: today };
    case 'last-month':
      return { start: lastMonth, end: lastOfMonth(lastMonth) };
    case 'this-year':
      return { start: firstOfYear(today), end: today };
    case 'all':
      return { start: firstMessageDay && isDay(firstMessageDay) ? later(FIRST_DAY, earlier(firstMessageDay, today)) : today, end: today };
    default:
      return null;
  }
}

export function nameOf(days, today, firstMessageDay) {
  const same = (name) => {
    const { start, end } = daysOf(name, today, firstMessageDay);
    return start === days.start && end === days.end;
  };
  return PERIODS.find(same) ?? 'custom';
}

export function comparisonOf(comparison, { start, end }) {
  const length = countDays(start, end);
  const back = { previous: length, weekdays: Math.ceil(length / 7) * 7, year: 364 }[comparison];
  return back ? { start: addDays(start, -back), end: addDays(end, -back) } : null;
}

/** How many whole months or weeks a period is, the running one counting as whole. */
function wholes({ start, end }, today) {
  const isRunning = end === today && start < today;
  const months = (Number(end.slice(0, 4)) - Number(start.slice(0, 4))) * 12 + Number(end.slice(5, 7)) - Number(start.slice(5, 7)) + 1;
  if (start === firstOfMonth(start) && (isRunning || end === lastOfMonth(end))) return { months: isRunning && months > 1 && start === firstOfYear(end) ? 12 : months };
  if (start === mondayOf(start) && (isRunning || weekday(end) === 7)) return { weeks: Math.ceil(countDays(start, end) / 7) };
  return {};
}

/** The period before or after, as long; of whole months and weeks as many, the running one up to today. */
export function step({ start, end }, direction, today) {
  const { months, weeks } = wholes({ start, end }, today);
  const length = countDays(start, end);
  const first = months ? addMonths(start, months * direction) : addDays(start, (weeks ? weeks * 7 : length) * direction);
  const last = months ? lastOfMonth(addMonths(first, months - 1)) : addDays(first, (weeks ? weeks * 7 : length) - 1);
  const moved = { start: first, end: months || weeks ? earlier(last, today) : last };
  return moved.end > today || moved.start > today || moved.start < FIRST_DAY ? null : moved;
}

export function unitOf(start, end) {
  const length = countDays(start, end);
  return length <= 92 ? 'day' : length <= 400 ? 'week' : 'month';
}

export function groupsOf({ start, end }, today) {
  const unit = unitOf(start, end);
  const groups = [];
  listDays(start, end).forEach((day, index) => {
    const whole = unit === 'day' ? day : unit === 'week' ? mondayOf(day) : firstOfMonth(day);
    const group = groups.at(-1);
    if (group?.whole === whole) {
      group.to = day;
      group.last = index;
      return;
    }
    groups.push({ unit, whole, from: day, to: day, first: index, last: index });
  });
  for (const group of groups) {
    const wholeEnd = unit === 'day' ? group.whole : unit === 'week' ? addDays(group.whole, 6) : lastOfMonth(group.whole);
    group.cut = group.from !== group.whole || group.to !== wholeEnd;
    group.today = group.from <= today && today <= group.to;
  }
  return groups;
}

export function sumByGroup(groups, items, value) {
  return groups.map(({ first, last }) => {
    let sum = null;
    for (let index = first; index <= last && index < items.length; index += 1) {
      const one = value(items[index]);
      if (one !== null && one !== undefined) sum = (sum ?? 0) + one;
    }
    return sum;
  });
}

export function comparisonGroup(group, { start, compare }, range) {
  const back = countDays(compare.start, start) - 1;
  return range(addDays(group.from, -back), addDays(group.to, -back));
}

export const SORTS = ['name', 'type', 'messages', 'change', 'share', 'last', 'trend'];

export const SIZES = [25, 50, 100];

export const EMPTY = Object.freeze({
  period: null,
  start: null,
  end: null,
  compare: null,
  day: null,
  room: null,
  search: '',
  type: '',
  quiet: false,
  sort: '-messages',
  page: 1,
  size: 25,
  tables: Object.freeze([]),
});

const SHORT = /^[\w-]{1,40}$/;

export function parse(query) {
  const given = new URLSearchParams(query);
  const one = (name, good) => {
    const value = given.get(name);
    return value !== null && good(value) ? value : null;
  };
  const state = { ...EMPTY };
  const start = one('start', isDay);
  const end = one('end', isDay);
  if (isPeriod(start, end)) Object.assign(state, { period: 'custom', start, end });
  else state.period = one('period', (value) => PERIODS.includes(value));
  state.compare = one('compare', (value) => COMPARISONS.includes(value));
  state.day = one('day', isAskable);
  state.room = state.day ? null : one('room', (value) => value.length > 0 && value.length <= 200);
  state.search = one('search', (value) => value.length <= 200) ?? '';
  state.type = one('type', (value) => SHORT.test(value)) ?? '';
  state.quiet = given.get('quiet') === '1';
  state.sort = one('sort', (value) => SORTS.includes(value.replace(/^-/, ''))) ?? EMPTY.sort;
  state.size = Number(one('size', (value) => SIZES.includes(Number(value))) ?? EMPTY.size);
  state.page = Number(one('page', (value) => /^[1-9]\d{0,5}$/.test(value)) ?? 1);
  state.tables = (given.get('tables') ?? '')
    .split(',')
    .filter((name) => SHORT.test(name))
    .slice(0, 20);
  return state;
}

export function format(state) {
  const query = new URLSearchParams();
  if (state.start && state.end) {
    query.set('start', state.start);
    query.set('end', state.end);
  } else if (state.period && state.period !== 'custom') query.set('period', state.period);
  if (state.compare) query.set('compare', state.compare);
  if (state.day) query.set('day', state.day);
  else if (state.room) query.set('room', state.room);
  if (state.search) query.set('search', state.search);
  if (state.type) query.set('type', state.type);
  if (state.quiet) query.set('quiet', '1');
  if (state.sort !== EMPTY.sort) query.set('sort', state.sort);
  if (state.size !== EMPTY.size) query.set('size', String(state.size));
  if (state.page !== 1) query.set('page', String(state.page));
  if (state.tables.length) query.set('tables', state.tables.join(','));
  const text = query.toString();
  return text ? `?${text}` : '';
}

const KEY = 'engagement.view';

export function lastChoice() {
  try {
    const { period, start, end, compare } = JSON.parse(localStorage.getItem(KEY) ?? '{}') ?? {};
    const choice = {};
    if (PERIODS.includes(period)) choice.period = period;
    else if (period === 'custom' && isPeriod(start, end)) Object.assign(choice, { period, start, end });
    if (COMPARISONS.includes(compare)) choice.compare = compare;
    return choice;
  } catch {
    return {};
  }
}

export function remember({ period, start, end, compare }) {
  const choice = period === 'custom' ? { period, start, end, compare } : { period, compare };
  try {
    localStorage.setItem(KEY, JSON.stringify(choice));
  } catch {
    // Nothing is kept.
  }
}
