//! The table of all channels: search, filters, order, pages.

import { changeMark } from './cards.js';
import { bdi, byId, card, h, press, sparkline, tableBox } from './dom.js';
import * as f from './format.js';
import { changeOf, isQuiet } from './numbers.js';
import { roomRows } from './view.js';
import * as words from './words.js';

const folded = (text) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

export const rowsOf = (messages) => roomRows(messages).map((row) => ({ ...row, key: folded(row.label), rise: rise(row.trend) }));

/** Whether a trend goes up: its last third less its first. */
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
  { key: 'trend', text: true },
];

let rows = [];
let view = null;
let state = null;
let handlers = null;

export function startChannels({ changed, openRoom }) {
  handlers = { changed, openRoom };
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
  const columns = COLUMNS.filter(({ compared }) => !compared || view.compared);
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
  byId('channel-count').textContent = words.found(chosen.from, chosen.to, chosen.found.length);
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
  handlers.changed({ sort, page: 1 });
  // The header was made anew: the keyboard stays where it was.
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
        row.direct ? bdi(row.label) : press(bdi(row.label), () => handlers.openRoom(row.id)),
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
    trend: () => h('td', { class: 'trend', data: { column: 'trend', value: row.rise } }, row.messages > 0 ? sparkline(view.trendOf(row.trend)) : null),
  };
  return h(
    'tr',
    { data: { room: row.direct ? null : row.id, direct: row.direct ? '' : null, quiet: quiet ? '' : null } },
    columns.map(({ key }) => cells[key]()),
  );
}
