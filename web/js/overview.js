//! The four numbers, and today apart.

import { changeMark } from './cards.js';
import { bdi, card, h, press, sparkline, thin } from './dom.js';
import * as f from './format.js';
import { newestWindows, sumOfDay, sumOfDays, sumOfType, typesOf } from './numbers.js';
import { nothing } from './view.js';
import * as words from './words.js';

const numberLine = (value, text, beside = null) =>
  h('p', { class: 'number' }, h('span', { data: { number: '', value } }, text), beside && h('small', {}, ` ${beside}`));

function put(name, ...parts) {
  card(name)
    .querySelector('.body')
    .replaceChildren(...parts.flat().filter(Boolean));
}

export function showMessagesNumbers(view) {
  const unknown = words.noDataBefore(view.context.firstMessageDay);
  put(
    'messages',
    numberLine(view.total, f.number(view.total)),
    changeMark(view.totalChange, { before: view.totalBefore, unknown }),
    sparkline(thin(view.messages.days.map(sumOfDay))),
  );
  const { now, before } = view.activeRooms;
  const { existing } = view.messages;
  const all = existing ? (existing.c ?? 0) + (existing.p ?? 0) : null;
  put(
    'active-channels',
    numberLine(now, f.number(now), all === null ? null : words.ofAll(all)),
    changeMark(view.activeRoomsChange, { before: view.compared ? before : null, unknown }),
    sparkline(channelsInParts(view)),
  );
}

function channelsInParts({ messages, trendOf }) {
  const trends = messages.rooms.filter(({ type }) => type === 'c' || type === 'p').map(({ trend }) => trendOf(trend));
  return (trends[0] ?? []).map((_, part) => trends.filter((trend) => trend[part] > 0).length);
}

export function showPeopleNumbers(view) {
  const { people, active } = view;
  const { since } = people.active;
  const { seven, thirty } = newestWindows(people);
  const windows = [seven && words.inSevenDays(seven.day7), thirty && words.inThirtyDays(thirty.day30)].filter(Boolean).join(', ');
  put(
    'active-people',
    active.now
      ? numberLine(active.now.mean, f.mean(active.now.mean), words.onAverageDay(view.length))
      : h('p', { class: 'number' }, h('span', { data: { number: '' } }, words.NOT_KNOWN)),
    active.now
      ? changeMark(view.activeChange, {
          before: active.before?.mean ?? null,
          format: f.meanDifference,
          formatBefore: f.mean,
          unknown: words.activityKnownFrom(since),
        })
      : h('p', { class: 'change' }, since ? words.activityKnownFrom(since) : words.noActivity),
    windows && h('p', { class: 'note' }, windows),
    sparkline(people.active.days.filter(({ day }) => day <= view.today).map(({ day, day1 }) => (since && day >= since ? day1 : null))),
  );
  put(
    'new-people',
    numberLine(view.newPeople, f.number(view.newPeople)),
    changeMark(view.newChange, { before: view.newBefore, unknown: words.noDataBefore(view.context.firstMessageDay) }),
    sparkline(thin(people.new.days.map(({ people: count }) => count))),
  );
}

export function showToday(view, open) {
  const { todayMessages, today } = view;
  const total = sumOfDays(todayMessages.days);
  const types = typesOf(todayMessages, view.context.roomTypes);
  put(
    'today',
    numberLine(total, f.number(total), words.messagesUnit(total)),
    h(
      'ul',
      { class: 'today-types' },
      types.map((type) => h('li', {}, `${f.number(sumOfType(todayMessages.days, type))} ${words.typeName(type).toLowerCase()}`)),
    ),
    press(f.day(today), () => open({ day: today })),
  );
}

export function showChanged(view, { openDay, openRoom, showQuiet }) {
  const part = (one) => {
    if (typeof one === 'string') return one;
    if (one.room) return press(bdi(words.roomName(one.room)), () => openRoom(one.room.id));
    if (one.day) return press(f.day(one.day), () => openDay(one.day));
    if (one.quiet) return press(one.quiet, showQuiet);
    return h('strong', {}, one.strong);
  };
  const items = view.findings.map((finding) => h('li', { data: { insight: finding.kind } }, words.finding(finding).map(part)));
  if (items.length === 0) items.push(h('li', { data: { insight: 'nothing' } }, nothing(view)));
  const { kind, share } = view.totalChange;
  const asUsual = view.findings.length > 0 && kind === 'share' && Math.abs(share) < 0.05 ? h('p', { class: 'verdict' }, words.asUsual(share)) : null;
  put('changed', asUsual, h('ul', { class: 'findings' }, items));
}
