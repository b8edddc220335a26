//! Days in groups: by day up to 92 days, by week up to 400, else by month. Pure.

import { addDays, countDays, firstOfMonth, lastOfMonth, listDays, mondayOf } from './days.js';

export function unitOf(start, end) {
  const length = countDays(start, end);
  return length <= 92 ? 'day' : length <= 400 ? 'week' : 'month';
}

/**
 * The groups of a period. `from` and `to` are days of the period; `cut` says that the week or month has further days outside of it, `today` that today is among
 * them, so that the group is not over yet. `first` and `last` are indexes into the days of the period.
 */
export function groupsOf({ start, end }, today) {
  const unit = unitOf(start, end);
  const groups = [];
  listDays(start, end).forEach((day, index) => {
    const whole = unit === 'day' ? day : unit === 'week' ? mondayOf(day) : firstOfMonth(day);
    const group = groups.at(-1);
    if (group?.whole === whole) {
      group.to = day;
      group.last = index;
      return;
    }
    groups.push({ unit, whole, from: day, to: day, first: index, last: index });
  });
  for (const group of groups) {
    const wholeEnd = unit === 'day' ? group.whole : unit === 'week' ? addDays(group.whole, 6) : lastOfMonth(group.whole);
    group.cut = group.from !== group.whole || group.to !== wholeEnd;
    group.today = group.from <= today && today <= group.to;
  }
  return groups;
}

/** The sum of `value(item)` over each group; null where every one of its items has none. */
export function sumByGroup(groups, items, value) {
  return groups.map(({ first, last }) => {
    let sum = null;
    for (let index = first; index <= last && index < items.length; index += 1) {
      const one = value(items[index]);
      if (one !== null && one !== undefined) sum = (sum ?? 0) + one;
    }
    return sum;
  });
}

/** The days that a group is compared with, by `range`. */
export function comparisonGroup(group, { start, compare }, range) {
  const back = countDays(compare.start, start) - 1;
  return range(addDays(group.from, -back), addDays(group.to, -back));
}
