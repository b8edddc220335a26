//! The two panels at the side, one native dialog: a day, and a channel. What they show comes from answers of their own.

import { changeMark, partList, tableOf } from './cards.js';
import { columns, erase } from './charts.js';
import { saveCard } from './csv.js';
import { addDays, groupsOf } from './days.js';
import { bdi, byId, h, placeOf, press, tableBox } from './dom.js';
import * as f from './format.js';
import { busiestDay, changeOf, rankOf, sumOfDay, sumOfDays, sumOfType, typesOf } from './numbers.js';
import { roomRows, roomSheet, timeSheet } from './view.js';
import * as words from './words.js';

const MOST_ROOMS = 25;

let handlers = null;
let saved = null;

export function startPanel({ closed, openDay, openRoom }) {
  handlers = { closed, openDay, openRoom };
  const panel = byId('panel');
  byId('panel-close').addEventListener('click', closed);
  panel.addEventListener('cancel', (event) => {
    event.preventDefault();
    closed();
  });
  // A browser may close it without asking first.
  panel.addEventListener('close', () => panel.dataset.panel && closed());
  panel.addEventListener('click', (event) => event.target === panel && closed());
  byId('panel-earlier').addEventListener('click', () => openDay(addDays(panel.dataset.day, -1)));
  byId('panel-later').addEventListener('click', () => openDay(addDays(panel.dataset.day, 1)));
  byId('panel-csv').addEventListener('click', () => saved?.());
}

let returnTo = null;

export function openPanel(kind, { day = null, title, today = null }) {
  const panel = byId('panel');
  Object.assign(panel.dataset, { panel: kind, state: 'loading' });
  if (day) panel.dataset.day = day;
  else delete panel.dataset.day;
  byId('panel-earlier').hidden = !day;
  byId('panel-later').hidden = !day;
  byId('panel-later').disabled = Boolean(day && today && day >= today);
  byId('panel-csv').disabled = true;
  byId('panel-title').replaceChildren(title);
  erase('panel');
  byId('panel-body').replaceChildren(h('div', { class: 'blocks', 'aria-hidden': 'true' }, h('div', {}), h('div', {}), h('div', {})));
  if (!panel.open) {
    returnTo = placeOf(document.activeElement);
    panel.showModal();
    byId('panel-title').focus();
  }
}

export function closePanel() {
  const panel = byId('panel');
  erase('panel');
  saved = null;
  byId('panel-body').replaceChildren();
  byId('panel-title').replaceChildren();
  delete panel.dataset.panel;
  delete panel.dataset.state;
  if (!panel.open) return;
  panel.close();
  returnTo?.();
}

export function failPanel(text, again) {
  byId('panel').dataset.state = 'wrong';
  byId('panel-body').replaceChildren(h('p', { class: 'wrong', role: 'alert' }, text), press(words.BUTTONS.again, again, 'button'));
}

const numbers = (...items) =>
  h(
    'dl',
    { class: 'figures' },
    items
      .filter(Boolean)
      .map(({ key, title, value, text, extra }) =>
        h('div', {}, h('dt', {}, title), h('dd', {}, h('span', { data: { number: key, value } }, text ?? f.number(value)), extra ?? null)),
      ),
  );

function done(...parts) {
  byId('panel-body').replaceChildren(...parts.flat().filter(Boolean));
  byId('panel').dataset.state = 'ready';
}

export function showDay({ context, messages, people, day }) {
  const { firstMessageDay, today } = context;
  const known = firstMessageDay !== null && messages.compare.start >= firstMessageDay;
  const against = { compared: true, known };
  const total = sumOfDays(messages.days);
  const before = sumOfDays(messages.compareDays);
  const unknown = words.noDataBefore(firstMessageDay);
  const types = typesOf(messages, context.roomTypes);
  const one = people?.active.days[0];
  const knownPeople = Boolean(one && people.active.since && day >= people.active.since && one.day1 !== null);
  const other = people?.active.compareDays[0];
  const knownBefore = Boolean(other && people.active.since && other.day >= people.active.since && other.day1 !== null);
  const rooms = messages.rooms.filter(({ type }) => type !== 'd');
  const rows = rooms.slice(0, MOST_ROOMS);
  const sheet = roomSheet({ compared: true, known, total }, f.day(day), roomRows(messages));
  saved = () => saveCard({ context, ...messages }, 'day', sheet);
  byId('panel-csv').disabled = false;
  done(
    h('p', { class: 'against-line' }, day === today ? words.todayNotOver : '', words.againstDay(messages.compare.start)),
    numbers(
      { key: 'messages', title: words.CARD_TITLES.messages, value: total, extra: changeMark(changeOf(total, before, against), { before, unknown }) },
      knownPeople && {
        key: 'active',
        title: words.CARD_TITLES['active-people'],
        value: one.day1,
        extra: changeMark(changeOf(one.day1, knownBefore ? other.day1 : null, { known: knownBefore }), {
          before: other?.day1,
          unknown: words.activityKnownFrom(people.active.since),
        }),
      },
      people && {
        key: 'new',
        title: words.CARD_TITLES['new-people'],
        value: people.new.days[0].people,
        extra: changeMark(changeOf(people.new.days[0].people, people.new.compareDays[0]?.people ?? null, against), {
          before: people.new.compareDays[0]?.people ?? 0,
          unknown,
        }),
      },
    ),
    people && !knownPeople ? h('p', { class: 'note' }, words.activityKnownFrom(people.active.since)) : null,
    h('h3', {}, words.byType),
    partList(
      types.map((type) => {
        const now = sumOfType(messages.days, type);
        return { type, now, change: changeOf(now, sumOfType(messages.compareDays, type), against) };
      }),
      total,
    ),
    h('h3', {}, words.typeName('c')),
    rows.length
      ? tableBox(
          words.CARD_TITLES.channels,
          'sheet',
          ['name', 'messages', 'change'].map((key, index) => h('th', { scope: 'col', class: index ? 'number' : null }, words.columnName(key))),
          rows.map((room) =>
            h(
              'tr',
              { data: { room: room.id } },
              h(
                'th',
                { scope: 'row' },
                press(bdi(words.roomName(room)), () => handlers.openRoom(room.id)),
              ),
              h('td', { class: 'number', data: { column: 'messages', value: room.messages } }, f.number(room.messages)),
              h(
                'td',
                { class: 'number', data: { column: 'change', value: known ? room.messages - room.before : null } },
                changeMark(changeOf(room.messages, room.before, against), { before: room.before, short: true }),
              ),
            ),
          ),
        )
      : h('p', {}, words.noChannels),
    rooms.length > rows.length ? h('p', { class: 'note' }, words.moreRooms(rooms.length - rows.length)) : null,
  );
}

export function showChannel({ context, messages, all, room, root }) {
  const { firstMessageDay, today } = context;
  const compared = messages.compare !== null;
  const known = compared && firstMessageDay !== null && messages.compare.start >= firstMessageDay;
  const total = sumOfDays(messages.days);
  const before = compared ? sumOfDays(messages.compareDays) : null;
  const busiest = busiestDay(messages.days);
  const sum = sumOfDays(all.days);
  const rank = rankOf(all.rooms, room.id);
  const groups = groupsOf(messages, today);
  const view = { ...messages, groups, compared, firstMessageDay };
  const sheet = timeSheet(words.roomName(room), view, [['messages', words.CARD_TITLES.messages, messages.days, sumOfDay]], [messages.compareDays, sumOfDay]);
  const openRow = ({ day }) => day && handlers.openDay(day);
  const href = linkTo(root, room);
  saved = () => saveCard({ context, ...messages }, 'channel', sheet);
  byId('panel-csv').disabled = false;
  const canvas = h('canvas', { role: 'img', 'aria-label': words.channelCaption(total, messages.days.length) });
  done(
    h('p', { class: 'against-line' }, words.typeOfOne(room.type), compared ? `, ${words.againstDays(messages.compare)}` : ''),
    numbers(
      {
        key: 'messages',
        title: words.CARD_TITLES.messages,
        value: total,
        extra: changeMark(changeOf(total, before, { compared, known }), { before, unknown: words.noDataBefore(firstMessageDay) }),
      },
      rank && { key: 'rank', title: words.rank, value: rank.rank, text: words.rankOf(rank) },
      sum > 0 && { key: 'share', title: words.shareOfAll, value: total / sum, text: f.share(total / sum) },
    ),
    h('figure', {}, h('figcaption', {}, words.channelCaption(total, messages.days.length)), h('div', { class: 'plot' }, canvas)),
    h(
      'dl',
      { class: 'facts' },
      busiest &&
        h(
          'div',
          {},
          h('dt', {}, words.busiestDayTitle),
          h(
            'dd',
            { data: { busiest: busiest.day } },
            press(f.day(busiest.day), () => handlers.openDay(busiest.day)),
            `, ${words.messages(busiest.messages)}`,
          ),
        ),
      room.lastDay && h('div', {}, h('dt', {}, words.lastDayTitle), h('dd', { data: { last: room.lastDay } }, f.day(room.lastDay))),
    ),
    href ? h('p', {}, h('a', { class: 'button strong', id: 'panel-open', href }, words.openInRocketChat)) : null,
    h('details', {}, h('summary', {}, words.BUTTONS.table), tableOf(sheet, groups[0].unit === 'day' && openRow)),
  );
  columns('panel', canvas, { ...view, sheet }, [['messages', room.type, words.CARD_TITLES.messages]], openRow);
}

/** Rocket.Chat's own address of a room. Only a name that the service sent makes one, and only below our own path. */
function linkTo(root, { name, type }) {
  const place = { c: 'channel', p: 'group' }[type];
  return name && place ? `${root}/${place}/${encodeURIComponent(name)}` : null;
}
