//! Named periods and the window each comparison takes. Pure.

import { addDays, addMonths, countDays, earlier, firstOfMonth, firstOfYear, isDay, lastOfMonth, mondayOf } from './days.js';

export const PERIODS = ['7d', '30d', '90d', '12m', 'yesterday', 'today', 'this-week', 'last-week', 'this-month', 'last-month', 'this-year', 'all'];

export const COMPARISONS = ['previous', 'weekdays', 'year', 'none'];

/** The days of a named period, or null where the name is none. */
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
      return { start: firstMessageDay && isDay(firstMessageDay) ? earlier(firstMessageDay, today) : today, end: today };
    default:
      return null;
  }
}

/** The name of a period with these days, or `custom`. */
export function nameOf(days, today, firstMessageDay) {
  const same = (name) => {
    const { start, end } = daysOf(name, today, firstMessageDay);
    return start === days.start && end === days.end;
  };
  return PERIODS.find(same) ?? 'custom';
}

/** The window of a comparison, as the service takes it. */
export function comparisonOf(comparison, { start, end }) {
  const length = countDays(start, end);
  const back = { previous: length, weekdays: Math.ceil(length / 7) * 7, year: 364 }[comparison];
  return back ? { start: addDays(start, -back), end: addDays(end, -back) } : null;
}

/** The period one length later or earlier; null where it would reach beyond today. */
export function step({ start, end }, direction, today) {
  const by = countDays(start, end) * direction;
  const moved = { start: addDays(start, by), end: addDays(end, by) };
  return moved.end > today || moved.start < '0001-01-01' ? null : moved;
}
