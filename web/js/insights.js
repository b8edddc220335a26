//! "What changed": findings in a fixed order, each with its numbers. No claim about causes.

import { addDays, addMonths, later } from './days.js';
import { activeChange, busiestDay, isQuiet, sumOfDays, sumOfPeople } from './numbers.js';

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
  return { kind: 'total', now, before, difference: moved, room, roomDifference: room ? difference(room) : 0 };
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
  return room ? { kind: direction > 0 ? 'rise' : 'fall', room } : null;
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
  return { kind: 'active', now: now.mean, before: before.mean, difference: change };
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

/** Beyond these days MongoDB would have to count for each request, so the page does not ask. */
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
