//! Everything one screen shows, made of the answers once. Pure.

import { changeOf } from './change.js';
import { countDays } from './days.js';
import { groupsOf } from './grouping.js';
import { findings } from './insights.js';
import { activeChange, activeRooms, sumOfDays, sumOfPeople, sumOfType, typesOf } from './totals.js';

/**
 * `messages` and `people` may be null (not there yet). `known` says that the comparison does not begin before the first message: only then is anything
 * said about a change.
 */
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
