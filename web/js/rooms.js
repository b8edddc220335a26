//! Search, filters, order and pages of the table of channels. Pure, and fast enough for thousands of rooms at each key.

import { isQuiet } from './totals.js';
import * as words from './words.js';

/** Texts as people search them: without case and accents. */
const folded = (text) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** All rows: each room, and the direct messages as one. Done once for each answer. */
export function rowsOf(messages) {
  const { rooms, direct } = messages;
  const rows = rooms.filter(({ type }) => type !== 'd').map((room) => ({ ...room, label: words.roomName(room) }));
  if (direct.messages > 0 || direct.before > 0) {
    rows.push({ id: null, direct: true, type: 'd', label: words.directRow(direct.conversations), messages: direct.messages, before: direct.before, lastDay: direct.lastDay ?? null, trend: direct.trend ?? [] });
  }
  for (const row of rows) {
    row.key = folded(row.label);
    row.rise = rise(row.trend);
  }
  return rows;
}

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
