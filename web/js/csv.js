//! CSV as RFC 4180 has it, safe to open in a spreadsheet.

import { h } from './dom.js';
import { SOURCE, sheets } from './view.js';
import * as words from './words.js';

/** A text that a spreadsheet would take for a formula gets an apostrophe. Numbers are ours and stay numbers. */
export function cell(value) {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  const text = /^[=+\-@\t\r\n]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export const line = (values) => `${values.map(cell).join(',')}\r\n`;

export function csvOf(sheet, about) {
  const head = [['Card', sheet.title], ...about].map(line).join('');
  const columns = line(sheet.columns.map(({ title }) => title));
  return head + '\r\n' + columns + sheet.rows.map(({ cells }) => line(cells)).join('');
}

/** Without the mark some spreadsheets take UTF-8 for something else. */
export const csvFile = (parts) => `\uFEFF${parts.join('\r\n')}`;

export function fileName(words, extension) {
  const clean = words
    .map((word) =>
      word
        .normalize('NFKC')
        .replace(/[^\p{L}\p{N}]+/gu, '-')
        .replace(/^-+|-+$/g, '')
        .slice(0, 60),
    )
    .filter(Boolean);
  return `${clean.join('_').toLowerCase()}.${extension}`;
}

const MINUTE = 60_000;

const about = ({ context, start, end, compare }) => [
  ['Workspace', context.workspace],
  ['Period', words.fromTo(start, end)],
  ['Compared with', compare ? words.fromTo(compare.start, compare.end) : words.COMPARISON_NAMES.none],
  ['Time zone', context.zone],
];

const nameFor = ({ context, start, end }, card) => fileName(['engagement', context.workspace, card, start, end], 'csv');

export function saveCard(view, name, sheet = sheets[name](view)) {
  save(csvFile([csvOf(sheet, about(view))]), nameFor(view, name));
}

export function saveEverything(view) {
  const there = Object.keys(sheets).filter((name) => view[SOURCE[name]]);
  save(csvFile(there.map((name) => csvOf(sheets[name](view), about(view)))), nameFor(view, 'everything'));
}

function save(text, name) {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  const link = h('a', { href: url, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  // Some browsers begin to read it only a while later.
  setTimeout(() => URL.revokeObjectURL(url), MINUTE);
}
