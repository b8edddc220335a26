//! Whether an answer is what the page can show. Anything else is refused as a whole: no number is guessed. Pure.

import { isDay } from './days.js';

const isCount = (value) => Number.isFinite(value) && value >= 0;
const isText = (value) => typeof value === 'string';
const isDayOrNull = (value) => value === null || isDay(value);
const isWindow = (value) => typeof value === 'object' && value !== null && isDay(value.start) && isDay(value.end);
const listOf = (list, good) => Array.isArray(list) && list.every((item) => typeof item === 'object' && item !== null && good(item));
const isTrend = (value) => Array.isArray(value) && value.every(isCount);

const isMessagesDay = (item) => Object.entries(item).every(([key, value]) => (key === 'day' ? isDay(value) : isCount(value))) && isText(item.day);
const isPeopleDay = ({ day, people }) => isDay(day) && isCount(people);
const isCountOrNull = (value) => value === null || isCount(value);
const isActiveDay = ({ day, day1, day7, day30 }) => isDay(day) && [day1, day7, day30].every(isCountOrNull);

export function isContext(answer) {
  return (
    isText(answer.workspace) &&
    isText(answer.zone) &&
    isDay(answer.today) &&
    isDayOrNull(answer.firstMessageDay) &&
    isDayOrNull(answer.firstActivityDay) &&
    Array.isArray(answer.roomTypes) &&
    answer.roomTypes.every(isText) &&
    typeof answer.counting === 'object' &&
    answer.counting !== null
  );
}

const isPeriod = (answer, asked) => answer.start === asked.start && answer.end === asked.end && (answer.compare === null || isWindow(answer.compare));

export function isMessages(answer, asked) {
  const isRoom = ({ id, name, type, messages, before, lastDay, trend }) =>
    isText(id) && (isText(name) || name === null || name === undefined) && isText(type) && isCount(messages) && isCount(before) && (lastDay === undefined || isDayOrNull(lastDay)) && isTrend(trend);
  return (
    isPeriod(answer, asked) &&
    listOf(answer.days, isMessagesDay) &&
    answer.days.length > 0 &&
    listOf(answer.compareDays, isMessagesDay) &&
    listOf(answer.rooms, isRoom) &&
    (asked.room !== undefined || (typeof answer.direct === 'object' && answer.direct !== null && isCount(answer.direct.messages) && isCount(answer.direct.before)))
  );
}

export function isPeople(answer, asked) {
  const isHours = ({ weekday, days, people }) => Number.isInteger(weekday) && weekday >= 1 && weekday <= 7 && isCount(days) && isTrend(people) && people.length === 24;
  return (
    isPeriod(answer, asked) &&
    listOf(answer.new?.days, isPeopleDay) &&
    listOf(answer.new?.compareDays, isPeopleDay) &&
    isDayOrNull(answer.active?.since) &&
    listOf(answer.active?.days, isActiveDay) &&
    listOf(answer.active?.compareDays, isActiveDay) &&
    isDayOrNull(answer.hours?.since) &&
    listOf(answer.hours?.weekdays, isHours)
  );
}
