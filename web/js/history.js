//! What "What changed" must know of the days around the period: asked for once the numbers are there, and kept until the period is another.

import { addDays, addMonths, later } from './days.js';

/** Beyond these days MongoDB would have to count for each request, so the page does not ask. */
const MOST_DAYS_WITHOUT_MEMORY = 400;

let kept = { key: null, around: null, roomsBefore: null };

export const around = (key) => (kept.key === key ? kept : { around: null, roomsBefore: null });

export function forgetAround() {
  kept = { key: null, around: null, roomsBefore: null };
}

/** Findings that rest on this are left out where it cannot be had. */
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
