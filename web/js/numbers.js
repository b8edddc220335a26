//! What may be said about a number and the one before it. Pure.
//! The numbers of a view out of the service's answers, each made in one place only, so that cards, tables, sentences and sheets agree. Pure.

import { weekday } from './days.js';

/** Below this number before, a share would be noise. */
export const SHARE_FROM = 20;

/**
 * `kind`: `none` (nothing to compare with), `no-data` (the comparison begins before anything is known), `new` (from 0), `same`, `absolute`
 * (too few for a share) or `share`.
 */
export function changeOf(now, before, { compared = true, known = true } = {}) {
  if (!compared) return { kind: 'none' };
  if (!known || now === null || before === null) return { kind: 'no-data' };
  const difference = now - before;
  if (difference === 0) return { kind: 'same', difference };
  if (before === 0) return { kind: 'new', difference };
  if (before < SHARE_FROM) return { kind: 'absolute', difference };
  return { kind: 'share', difference, share: difference / before };
}

/** Types of rooms in the order in which they are stacked: channels, private groups, direct messages, then any other. */
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

/** The number of channels and private groups with a message, in the period and before. */
export function activeRooms(rooms) {
  const counted = rooms.filter(({ type }) => type === 'c' || type === 'p');
  return { now: counted.filter(({ messages }) => messages > 0).length, before: counted.filter(({ before }) => before > 0).length };
}

export const isQuiet = (room) => room.type !== 'd' && room.before >= 10 && room.messages === 0;

/** The day with the most messages, the latest of equal ones; null where there are none. */
export function busiestDay(days) {
  let best = null;
  for (const day of days) {
    const messages = sumOfDay(day);
    if (messages > 0 && (!best || messages >= best.messages)) best = { day: day.day, messages };
  }
  return best;
}

/** Days whose people are known. Today is not over: it counts only where it is all there is. */
export function knownDays(days, since, today) {
  const known = days.filter(({ day, day1 }) => since && day >= since && day <= today && day1 !== null);
  const over = known.filter(({ day }) => day !== today);
  return over.length ? over : known;
}

/** The mean number of people on a day, and the days it rests on; null where none is known. */
export function meanPeople(days, since, today) {
  const known = knownDays(days, since, today);
  return known.length ? { mean: known.reduce((sum, { day1 }) => sum + day1, 0) / known.length, days: known.length } : null;
}

/** Active people now and before. They are only compared where every day before is known, as is every day now. */
export function activeChange(people, today) {
  const { since, days, compareDays } = people.active;
  const now = meanPeople(days, since, today);
  const known = Boolean(since && people.compare && people.compare.start >= since && people.start >= since);
  const before = known ? meanPeople(compareDays, since, today) : null;
  return { now, before, known: known && before !== null };
}

/** The newest 7- and 30-day numbers of the period that are known. */
export function newestWindows(people) {
  const last = (key) => people.active.days.filter((day) => day[key] !== null).at(-1) ?? null;
  return { seven: last('day7'), thirty: last('day30') };
}

/** Mean people of each hour of each weekday; null where the weekday has no day. */
export function hourMeans(hours) {
  return hours.weekdays.map(({ weekday: number, days, people }) => ({
    weekday: number,
    days,
    means: Array.from({ length: 24 }, (_, hour) => (days > 0 ? people[hour] / days : null)),
  }));
}

/** Mean people of each hour over all days, most first. */
export function busiestHours(hours) {
  const days = hours.weekdays.reduce((sum, weekdayOfHours) => sum + weekdayOfHours.days, 0);
  if (days === 0) return { days, hours: [] };
  const means = Array.from({ length: 24 }, (_, hour) => ({ hour, mean: hours.weekdays.reduce((sum, { people }) => sum + people[hour], 0) / days }));
  return { days, hours: means.filter(({ mean }) => mean > 0).sort((a, b) => b.mean - a.mean || a.hour - b.hour) };
}

/** Mean people of each weekday from Monday to Sunday, with the days that each rests on. */
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

/** The room of the list with its place among channels and private groups; equal numbers share a place. */
export function rankOf(rooms, id) {
  const counted = rooms.filter(({ type, messages }) => type !== 'd' && messages > 0);
  const room = counted.find((one) => one.id === id);
  return room ? { rank: counted.filter(({ messages }) => messages > room.messages).length + 1, of: counted.length } : null;
}
