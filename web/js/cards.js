//! The cards: their state, their figures, lists and tables, and the notices above them.

import { erase } from './charts.js';
import { bdi, byId, card, h, press, tableBox } from './dom.js';
import * as f from './format.js';
import { SOURCE } from './view.js';
import * as words from './words.js';

export const NAMES = Object.keys(SOURCE);

export function ready(name, isEmpty) {
  const element = card(name);
  element.dataset.state = isEmpty ? 'empty' : 'ready';
  element.classList.add('filled');
  element.removeAttribute('aria-busy');
  element.querySelector('.failure')?.remove();
}

export function loading(name) {
  const element = card(name);
  element.dataset.state = 'loading';
  element.setAttribute('aria-busy', 'true');
  element.querySelector('.failure')?.remove();
}

/** A card without numbers says why; one that has its numbers keeps them. */
export function failed(name, kind, text) {
  const element = card(name);
  element.dataset.state = kind;
  element.removeAttribute('aria-busy');
  let line = element.querySelector('.failure');
  if (!text) line?.remove();
  else {
    line ??= element.insertBefore(h('p', { class: 'failure' }), element.querySelector('.body'));
    line.textContent = text;
  }
}

/** Draws one card; what goes wrong in it stays in it. */
export function attempt(name, isEmpty, act) {
  try {
    act();
    ready(name, isEmpty);
  } catch {
    empty(name);
    failed(name, 'wrong-answer', words.cardFailed('wrong-answer', 0));
  }
}

export function empty(name) {
  const element = card(name);
  erase(name);
  element.classList.remove('filled', 'as-table');
  const body = element.querySelector('.body');
  if (body.localName !== 'figure') return body.replaceChildren();
  body.querySelector('figcaption').replaceChildren();
  for (const part of body.querySelectorAll('.legend, .parts, .wrong')) part.remove();
  const place = body.querySelector('.table-place');
  place.replaceChildren();
  place.hidden = true;
  const plot = body.querySelector('.plot');
  const canvas = plot.querySelector('canvas');
  if (!canvas) plot.replaceChildren();
  else canvas.removeAttribute('aria-labelledby');
  return undefined;
}

export function figure(name, caption) {
  const element = card(name);
  const parts = [caption].flat().map((part) => (part?.room ? bdi(words.roomName(part.room)) : part));
  element.querySelector('figcaption').replaceChildren(...parts);
  const plot = element.querySelector('.plot');
  const canvas = plot.querySelector('canvas');
  canvas?.setAttribute('role', 'img');
  canvas?.setAttribute('aria-labelledby', `title-${name} caption-${name}`);
  return {
    element,
    plot,
    canvas,
    legend(list) {
      element.querySelector('.legend')?.remove();
      if (list) plot.before(list);
    },
  };
}

export function changeMark(change, { before = null, format = f.difference, formatBefore = f.number, unknown = '', short = false } = {}) {
  const data = { change: '', kind: change.kind, value: change.difference, share: change.share };
  if (change.kind === 'none') return h('p', { class: 'change', data }, short ? '' : words.notCompared);
  if (change.kind === 'no-data') return h('p', { class: 'change', data }, short ? '' : unknown);
  const { main, detail } = words.change(change, format);
  const direction = change.difference > 0 ? 'more' : change.difference < 0 ? 'less' : 'same';
  const pill = h('span', { class: `pill ${direction}` }, h('span', { 'aria-hidden': 'true' }, words.arrow(change.difference)), ` ${main}`);
  const rest = [detail, before === null ? '' : words.before(formatBefore(before))].filter(Boolean).join(', ');
  return h('p', { class: 'change', data, title: short ? rest : null }, pill, !short && rest ? h('span', { class: 'rest' }, ` ${rest}`) : null);
}

export const partList = (parts, total) =>
  h(
    'ul',
    { class: 'parts' },
    parts.map(({ type, now, change }) =>
      h(
        'li',
        { data: { type, value: now } },
        h('span', { class: 'swatch fill', data: { type }, 'aria-hidden': 'true' }),
        h('span', { class: 'name' }, words.typeName(type)),
        h('span', { class: 'value' }, f.number(now)),
        h('span', { class: 'part' }, total > 0 ? f.share(now / total) : ''),
        changeMark(change, { short: true }),
      ),
    ),
  );

export function bars(name, caption, items) {
  const most = Math.max(...items.map(({ value }) => value), 1e-9);
  const bar = (value) => h('span', { class: 'length', 'aria-hidden': 'true', vars: { part: value / most } });
  const item = ({ name: of, value, text, rest, data }) =>
    h(
      'li',
      { data: { ...data, value } },
      of.nodeType ? of : h('span', { class: 'name' }, of),
      bar(value),
      h('span', { class: 'value' }, text),
      h('span', { class: 'part' }, rest ?? ''),
    );
  figure(name, caption).plot.replaceChildren(h('ol', { class: 'bars' }, items.map(item)));
}

const SHOWN = {
  text: (value) => bdi(value),
  day: (value) => f.day(value),
  number: (value) => f.number(value),
  mean: (value) => f.mean(value),
  share: (value) => f.share(value),
  change: (value) => f.change(value),
  difference: (value) => f.meanDifference(value),
};

export function tableOf(sheet, open) {
  const isText = ({ kind }) => kind === 'text' || kind === 'day';
  const grouped = sheet.columns[0]?.key === 'from';
  const columns = grouped ? sheet.columns.slice(1) : sheet.columns;
  const head = columns.map((column, index) =>
    h('th', { scope: 'col', class: isText(column) ? null : 'number' }, index === 0 && grouped ? words.groupTitle : column.title),
  );
  const rows = sheet.rows.map((row) => {
    const cells = grouped ? row.cells.slice(1) : row.cells;
    return h(
      'tr',
      { data: { day: row.day, from: row.from, to: row.to, room: row.room, type: row.type } },
      cells.map((value, index) => {
        const column = columns[index];
        const data = { column: column.key, value };
        const known = value !== null && value !== undefined;
        if (index > 0) return h('td', { class: isText(column) ? null : 'number', data }, known ? SHOWN[column.kind](value) : words.NOT_KNOWN);
        const text = row.label ?? SHOWN[column.kind](value);
        const opens = open && (row.day || row.from || row.room);
        const marks = row.marks?.length ? h('small', {}, ` ${row.marks.join(', ')}`) : null;
        return h('th', { scope: 'row', data }, opens ? press(text, () => open(row)) : text, marks);
      }),
    );
  });
  return tableBox(sheet.title, 'sheet', head, rows);
}

export function showTable(name, shown, makeSheet, open) {
  const element = card(name);
  const button = element.querySelector('[data-action="table"]');
  const place = element.querySelector('.table-place');
  button.setAttribute('aria-expanded', String(shown));
  button.textContent = shown ? words.BUTTONS.chart : words.BUTTONS.table;
  button.setAttribute('aria-label', `${button.textContent}: ${words.CARD_TITLES[name]}`);
  element.classList.toggle('as-table', shown);
  place.hidden = !shown;
  place.replaceChildren(...(shown ? [tableOf(makeSheet(), open)] : []));
}

export function showNotices(notices) {
  const place = byId('notices');
  const known = new Map([...place.children].map((element) => [element.dataset.notice, element]));
  const elements = notices.map((notice) => {
    const there = known.get(notice.name);
    // The same notice stays the same element: a countdown is not read out at each second, and a button keeps the focus.
    if (there && there.dataset.title === (notice.title ?? '')) {
      there.querySelector('.text').textContent = notice.text;
      return there;
    }
    return h(
      'div',
      { class: notice.quiet ? 'notice quiet' : 'notice', data: { notice: notice.name, title: notice.title ?? '' } },
      h('div', {}, notice.title ? h('h2', {}, notice.title) : null, h('p', { class: 'text', 'aria-live': notice.counts ? 'off' : null }, notice.text)),
      notice.link ? h('a', { class: 'button strong', href: notice.link.href }, notice.link.text) : null,
      notice.button ? press(notice.button.text, notice.button.act, 'button') : null,
    );
  });
  if (elements.length !== place.children.length || elements.some((element, index) => place.children[index] !== element)) place.replaceChildren(...elements);
}
