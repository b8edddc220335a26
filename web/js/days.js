//! Calendar arithmetic on days as texts, `YYYY-MM-DD`. No `Date` and so no time zone takes part: a day is a day everywhere.

const SHAPE = /^(\d{4})-(\d{2})-(\d{2})$/;

const floor = (a, b) => Math.floor(a / b);

const isLeap = (year) => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

const lengthOfMonth = (year, month) => (month === 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31);

const parts = (day) => {
  const [, year, month, date] = SHAPE.exec(day);
  return { year: Number(year), month: Number(month), date: Number(date) };
};

const text = (year, month, date) => `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(date).padStart(2, '0')}`;

/** Whether `value` is a text that names a real day of the years 0001 to 9999. */
export function isDay(value) {
  const match = typeof value === 'string' && SHAPE.exec(value);
  if (!match) return false;
  const [year, month, date] = match.slice(1).map(Number);
  return year >= 1 && month >= 1 && month <= 12 && date >= 1 && date <= lengthOfMonth(year, month);
}

/** Days since 1970-01-01. Years begin in March here, so that the day that leap years add is their last. */
export function toNumber(day) {
  const { year, month, date } = parts(day);
  const y = month <= 2 ? year - 1 : year;
  const era = floor(y, 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = floor(153 * (month > 2 ? month - 3 : month + 9) + 2, 5) + date - 1;
  return era * 146097 + yearOfEra * 365 + floor(yearOfEra, 4) - floor(yearOfEra, 100) + dayOfYear - 719468;
}

/** The day that is `number` days after 1970-01-01. */
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

/** Days from `start` to `end`, both included. */
export const countDays = (start, end) => toNumber(end) - toNumber(start) + 1;

/** 1 is Monday, 7 is Sunday. */
export const weekday = (day) => ((((toNumber(day) + 3) % 7) + 7) % 7) + 1;

export const mondayOf = (day) => addDays(day, 1 - weekday(day));

export const firstOfMonth = (day) => `${day.slice(0, 8)}01`;

export function lastOfMonth(day) {
  const { year, month } = parts(day);
  return text(year, month, lengthOfMonth(year, month));
}

export const firstOfYear = (day) => `${day.slice(0, 4)}-01-01`;

/** The same day of another month, or that month's last one where it is shorter. */
export function addMonths(day, count) {
  const { year, month, date } = parts(day);
  const months = year * 12 + month - 1 + count;
  const y = floor(months, 12);
  const m = months - y * 12 + 1;
  return text(y, m, Math.min(date, lengthOfMonth(y, m)));
}

export const earlier = (a, b) => (a < b ? a : b);

export const later = (a, b) => (a > b ? a : b);

/** Every day from `start` to `end`. */
export function listDays(start, end) {
  const first = toNumber(start);
  return Array.from({ length: Math.max(0, toNumber(end) - first + 1) }, (_, index) => fromNumber(first + index));
}

/** The ISO week of a day: the week belongs to the year that has its Thursday. */
export function isoWeek(day) {
  const thursday = addDays(mondayOf(day), 3);
  return { year: parts(thursday).year, week: floor(toNumber(thursday) - toNumber(firstOfYear(thursday)), 7) + 1 };
}
