//! Numbers and days for people to read, by `Intl`. The page speaks English, so its numbers and dates do too.

import { toNumber } from './days.js';

const languages = globalThis.navigator?.languages ?? [];
export const LOCALE = languages.find((language) => /^en(-|$)/i.test(language)) ?? 'en-GB';

const whole = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 1, minimumFractionDigits: 1 });
const compact = new Intl.NumberFormat(LOCALE, { notation: 'compact', maximumFractionDigits: 1 });
const signed = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0, signDisplay: 'exceptZero' });
const signedTenth = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 1, minimumFractionDigits: 1, signDisplay: 'exceptZero' });
const percent = new Intl.NumberFormat(LOCALE, { style: 'percent', maximumFractionDigits: 0 });
const percentTenth = new Intl.NumberFormat(LOCALE, { style: 'percent', maximumFractionDigits: 1 });
const signedPercent = new Intl.NumberFormat(LOCALE, { style: 'percent', maximumFractionDigits: 0, signDisplay: 'exceptZero' });
const signedPercentTenth = new Intl.NumberFormat(LOCALE, { style: 'percent', maximumFractionDigits: 1, signDisplay: 'exceptZero' });

// The instant is midnight UTC of the day and is shown in UTC: no other zone can move it.
const dates = (options) => {
  const by = new Intl.DateTimeFormat(LOCALE, { ...options, timeZone: 'UTC' });
  const instant = (day) => new Date(toNumber(day) * 86_400_000);
  return { one: (day) => by.format(instant(day)), range: (start, end) => by.formatRange(instant(start), instant(end)) };
};
const full = dates({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' });
const plain = dates({ day: 'numeric', month: 'short', year: 'numeric' });
const short = dates({ day: 'numeric', month: 'short' });
const withWeekday = dates({ weekday: 'short', day: 'numeric', month: 'short' });
const month = dates({ month: 'short', year: 'numeric' });
const weekdayLong = dates({ weekday: 'long' });
const weekdayShort = dates({ weekday: 'short' });

export const number = (value) => whole.format(value);
export const shortNumber = (value) => (Math.abs(value) < 10_000 ? whole.format(value) : compact.format(value));
export const mean = (value) => (Math.abs(value) < 100 ? tenth.format(value) : whole.format(value)).replace(/[.,]0$/, '');
export const difference = (value) => signed.format(value);
export const meanDifference = (value) => (Math.abs(value) < 100 ? signedTenth.format(value) : signed.format(value)).replace(/[.,]0$/, '');
export const share = (value) => (value > 0 && value < 0.1 ? percentTenth : percent).format(value);
export const change = (value) => (Math.abs(value) < 0.1 ? signedPercentTenth : signedPercent).format(value);

export const day = full.one;
export const plainDay = plain.one;
export const shortDay = short.one;
export const dayOfWeek = withWeekday.one;
export const monthOf = month.one;
export const range = (start, end) => (start === end ? full.one(start) : plain.range(start, end));
export const shortRange = (start, end) => (start === end ? short.one(start) : short.range(start, end));
export const weekdayName = (weekday) => weekdayLong.one(`1970-01-${String(weekday + 4).padStart(2, '0')}`);
export const weekdayLetters = (weekday) => weekdayShort.one(`1970-01-${String(weekday + 4).padStart(2, '0')}`);
export const hour = (value) => `${String(value).padStart(2, '0')}:00`;

export function time(instant, zone) {
  const options = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
  try {
    return new Intl.DateTimeFormat(LOCALE, { ...options, timeZone: zone }).format(instant);
  } catch {
    return new Intl.DateTimeFormat(LOCALE, options).format(instant);
  }
}

export const shortMean = (value) => (value < 0.95 ? tenth.format(value).replace(/^0(?=[.,])/, '') : shortNumber(Math.round(value)));
