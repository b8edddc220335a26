//! A sheet as a real table, and the button that shows it under its chart.

import { bdi, card, h } from './dom.js';
import * as f from './format.js';
import * as words from './words.js';

const SHOWN = {
  text: (value) => bdi(value),
  day: (value) => f.day(value),
  number: (value) => f.number(value),
  mean: (value) => f.mean(value),
  share: (value) => f.share(value),
  change: (value) => f.change(value),
  difference: (value) => f.meanDifference(value),
};

/** `open` hears the row whose first cell was pressed. */
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
        return h('th', { scope: 'row', data }, opens ? h('button', { type: 'button', class: 'link', on: { click: () => open(row) } }, text) : text, marks);
      }),
    );
  });
  return h(
    'div',
    { class: 'scroller', tabindex: '0', role: 'region', 'aria-label': words.tableLabel(sheet.title) },
    h('table', { class: 'sheet', data: { table: true } }, h('caption', { class: 'hidden' }, sheet.title), h('thead', {}, h('tr', {}, head)), h('tbody', {}, rows)),
  );
}

/** Shows or hides the table of a card. Rows are only made while they are seen. */
export function showTable(name, shown, makeSheet, open) {
  const element = card(name);
  const button = element.querySelector('[data-action="table"]');
  const place = element.querySelector('.table-place');
  button.setAttribute('aria-expanded', String(shown));
  button.textContent = shown ? words.BUTTONS.chart : words.BUTTONS.table;
  element.classList.toggle('as-table', shown);
  place.hidden = !shown;
  place.replaceChildren(...(shown ? [tableOf(makeSheet(), open)] : []));
}
