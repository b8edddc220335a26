//! The view as the query of the address, and the last choice.

import { COMPARISONS, PERIODS, isDay } from './days.js';

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

/** Reads a query; whatever is wrong in it is as if it were not there. */
export function parse(query) {
  const given = new URLSearchParams(query);
  const one = (name, good) => {
    const value = given.get(name);
    return value !== null && good(value) ? value : null;
  };
  const state = { ...EMPTY };
  const start = one('start', isDay);
  const end = one('end', isDay);
  if (start && end && start <= end) Object.assign(state, { period: 'custom', start, end });
  else state.period = one('period', (value) => PERIODS.includes(value));
  state.compare = one('compare', (value) => COMPARISONS.includes(value));
  state.day = one('day', isDay);
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

/** The query of a view, days always written out, so that the address shows the same tomorrow. */
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
    else if (period === 'custom' && isDay(start) && isDay(end) && start <= end) Object.assign(choice, { period, start, end });
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
    // A browser that keeps nothing begins with the defaults again.
  }
}
