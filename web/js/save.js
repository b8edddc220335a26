//! CSV files out of sheets, given to the browser to keep.

import { csvOf, document as csvDocument, fileName } from './csv.js';
import { h } from './dom.js';
import { SOURCE, sheets } from './sheets.js';
import * as words from './words.js';

const MINUTE = 60_000;

const about = ({ context, start, end, compare }) => [
  ['Workspace', context.workspace],
  ['Period', words.fromTo(start, end)],
  ['Compared with', compare ? words.fromTo(compare.start, compare.end) : words.COMPARISON_NAMES.none],
  ['Time zone', context.zone],
];

const nameFor = ({ context, start, end }, card) => fileName(['engagement', context.workspace, card, start, end], 'csv');

export function saveCard(view, name, sheet = sheets[name](view)) {
  save(csvDocument([csvOf(sheet, about(view))]), nameFor(view, name));
}

export function saveEverything(view) {
  const there = Object.keys(sheets).filter((name) => view[SOURCE[name]]);
  save(csvDocument(there.map((name) => csvOf(sheets[name](view), about(view)))), nameFor(view, 'everything'));
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
