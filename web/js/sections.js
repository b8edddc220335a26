//! The four numbers and what changed, the table of channels, and the two panels.

import { bdi, byId, card, changeMark, columns, erase, h, partList, placeOf, press, saveCard, sparkline, tableBox, tableOf, thin } from './charts.js';
import { addDays, groupsOf } from './days.js';
import * as f from './format.js';
import {
  busiestDay,
  changeOf,
  isAsUsual,
  isQuiet,
  newestWindows,
  nothing,
  rankOf,
  roomRows,
  roomSheet,
  sumOfDay,
  sumOfDays,
  sumOfType,
  timeSheet,
  typesOf,
} from './numbers.js';
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
  const { channels } = view.context;
  put(
    'active-channels',
    numberLine(now, f.number(now), channels === undefined ? null : words.ofAll(channels)),
    changeMark(view.activeRoomsChange, { before: view.compared ? before : null, unknown }),
    sparkline(channelsInParts(view.messages)),
  );
}

function channelsInParts({ rooms }) {
  const trends = rooms.filter(({ type }) => type === 'c' || type === 'p').map(({ trend }) => trend);
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
    sparkline(people.active.days.filter(({ day }) => since && since <= day && day <= view.today).map(({ day1 }) => day1)),
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
  const asUsual = view.findings.length > 0 && isAsUsual(view.totalChange) ? h('p', { class: 'verdict' }, words.asUsual(view.totalChange.share)) : null;
  put('changed', asUsual, h('ul', { class: 'findings' }, items));
}

const folded = (text) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

export const rowsOf = (messages) => roomRows(messages).map((row) => ({ ...row, key: folded(row.label), rise: rise(row.trend) }));

function rise(trend) {
  const third = Math.floor(trend.length / 3);
  const sum = (values) => values.reduce((a, b) => a + b, 0);
  return third ? sum(trend.slice(-third)) - sum(trend.slice(0, third)) : 0;
}

const compareTexts = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

const ORDERS = {
  name: (a, b) => compareTexts(a.key, b.key),
  type: (a, b) => compareTexts(words.typeOfOne(a.type), words.typeOfOne(b.type)),
  messages: (a, b) => a.messages - b.messages,
  change: (a, b) => a.messages - a.before - (b.messages - b.before),
  share: (a, b) => a.messages - b.messages,
  last: (a, b) => compareTexts(a.lastDay ?? '', b.lastDay ?? ''),
  trend: (a, b) => a.rise - b.rise,
};

export function select(rows, { search, type, quiet, sort, page, size }) {
  const wanted = folded(search.trim());
  const found = rows.filter((row) => (!wanted || row.key.includes(wanted)) && (!type || row.type === type) && (!quiet || isQuiet(row)));
  const order = ORDERS[sort.replace(/^-/, '')];
  const direction = sort.startsWith('-') ? -1 : 1;
  found.sort((a, b) => order(a, b) * direction || b.messages - a.messages || b.before - a.before || compareTexts(a.id ?? '', b.id ?? ''));
  const pages = Math.max(1, Math.ceil(found.length / size));
  const at = Math.min(page, pages);
  return { found, pages, page: at, shown: found.slice((at - 1) * size, at * size), from: (at - 1) * size + 1, to: Math.min(at * size, found.length) };
}

const COLUMNS = [
  { key: 'name', text: true },
  { key: 'type', text: true },
  { key: 'messages' },
  { key: 'change', compared: true },
  { key: 'share' },
  { key: 'last', text: true },
  { key: 'trend', text: true, long: true },
];

let rows = [];
let view = null;
let state = null;
let acts = null;

export function startChannels({ changed, openRoom }) {
  acts = { changed, openRoom };
  const first = (patch) => changed({ ...patch, page: 1 });
  byId('channel-search').addEventListener('input', (event) => first({ search: event.target.value }));
  byId('channel-type').addEventListener('change', (event) => first({ type: event.target.value }));
  byId('channel-quiet').addEventListener('change', (event) => first({ quiet: event.target.checked }));
  byId('channel-size').addEventListener('change', (event) => first({ size: Number(event.target.value) }));
  byId('channel-earlier').addEventListener('click', () => changed({ page: Math.max(1, state.page - 1) }));
  byId('channel-later').addEventListener('click', () => changed({ page: state.page + 1 }));
}

export function showChannels(newView, newState) {
  if (view !== newView) rows = rowsOf(newView.messages);
  view = newView;
  state = newState;
  showControls();
  const chosen = select(rows, view.known ? state : { ...state, quiet: false });
  state.page = chosen.page;
  const columns = COLUMNS.filter(({ compared, long }) => (!compared || (view.compared && view.known)) && (!long || view.length > 1));
  card('channels')
    .querySelector('.body')
    .replaceChildren(
      tableBox(
        words.CARD_TITLES.channels,
        'rooms',
        columns.map(header),
        chosen.shown.length
          ? chosen.shown.map((row) => roomRow(row, columns))
          : h('tr', {}, h('td', { class: 'nothing', colspan: columns.length }, rows.length ? words.found(0, 0, 0) : words.noChannels)),
      ),
    );
  card('channels').querySelector('.pages').hidden = false;
  byId('channel-count').textContent = rows.length ? words.found(chosen.from, chosen.to, chosen.found.length) : '';
  byId('channel-earlier').disabled = chosen.page <= 1;
  byId('channel-later').disabled = chosen.page >= chosen.pages;
}

export const shownRooms = () => (view && state ? select(rows, view.known ? state : { ...state, quiet: false }).found : []);

export function clearChannels() {
  rows = [];
  view = null;
  card('channels').querySelector('.pages').hidden = true;
  byId('channel-count').textContent = '';
}

function showControls() {
  const search = byId('channel-search');
  if (document.activeElement !== search || !search.value.startsWith(state.search)) search.value = state.search;
  const types = [...new Set(rows.map(({ type }) => type))];
  const known = ['c', 'p', 'd'];
  types.sort((a, b) => ((known.indexOf(a) + 9) % 9) - ((known.indexOf(b) + 9) % 9) || (a < b ? -1 : 1));
  if (state.type && !types.includes(state.type)) types.push(state.type);
  byId('channel-type').replaceChildren(h('option', { value: '' }, words.allTypes), ...types.map((type) => h('option', { value: type }, words.typeName(type))));
  byId('channel-type').value = state.type;
  byId('channel-quiet').checked = state.quiet && view.known;
  byId('channel-quiet').disabled = !view.known;
  byId('channel-size').value = String(state.size);
}

function header({ key, text }) {
  const descending = state.sort === `-${key}`;
  const ascending = state.sort === key;
  const next = ascending ? `-${key}` : descending ? key : text && key !== 'last' && key !== 'trend' ? key : `-${key}`;
  const mark = ascending ? '▲' : descending ? '▼' : '';
  return h(
    'th',
    { scope: 'col', class: text ? null : 'number', 'aria-sort': ascending ? 'ascending' : descending ? 'descending' : 'none' },
    h(
      'button',
      { type: 'button', class: 'sort', data: { sort: key }, on: { click: () => sortBy(key, next) } },
      words.columnName(key),
      h('span', { 'aria-hidden': 'true', class: 'mark' }, mark),
    ),
  );
}

function sortBy(key, sort) {
  acts.changed({ sort, page: 1 });
  card('channels').querySelector(`[data-sort="${key}"]`).focus({ preventScroll: true });
}

function roomRow(row, columns) {
  const quiet = view.known && isQuiet(row);
  const share = view.total > 0 ? row.messages / view.total : 0;
  const cells = {
    name: () =>
      h(
        'th',
        { scope: 'row', data: { column: 'name', value: row.label } },
        row.direct ? bdi(row.label) : press(bdi(row.label), () => acts.openRoom(row.id)),
        quiet ? h('span', { class: 'tag' }, words.quietTag) : null,
      ),
    type: () => h('td', { data: { column: 'type', value: row.type } }, words.typeOfOne(row.type)),
    messages: () => h('td', { class: 'number', data: { column: 'messages', value: row.messages } }, f.number(row.messages)),
    change: () => {
      const change = changeOf(row.messages, row.before, { compared: view.compared, known: view.known });
      return h('td', { class: 'number', data: { column: 'change', value: change.difference } }, changeMark(change, { before: row.before, short: true }));
    },
    share: () => h('td', { class: 'number', data: { column: 'share', value: share } }, f.share(share)),
    last: () => h('td', { data: { column: 'last', value: row.lastDay } }, row.lastDay ? f.plainDay(row.lastDay) : words.NOT_KNOWN),
    trend: () => h('td', { class: 'trend', data: { column: 'trend', value: row.rise } }, row.messages > 0 ? sparkline(row.trend) : null),
  };
  return h(
    'tr',
    { data: { room: row.direct ? null : row.id, direct: row.direct ? '' : null, quiet: quiet ? '' : null } },
    columns.map(({ key }) => cells[key]()),
  );
}

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

/** Rocket.Chat's own address of a room, by its id: it takes that in place of the name, which may be one for people only. */
function linkTo(root, { id, type }) {
  const place = { c: 'channel', p: 'group' }[type];
  return place ? `${root}/${place}/${encodeURIComponent(id)}` : null;
}
