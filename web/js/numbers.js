//! The numbers of the answers, each made in one place, so that cards, tables, sentences and sheets agree.

import { weekday } from './days.js';

/** Below this number before, a share would be noise. */
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
