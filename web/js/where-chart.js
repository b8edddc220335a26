//! Where messages are: a doughnut by type of room, and beside it the numbers with their change.

import { draw, fill } from './charts.js';
import { colour } from './charts.js';
import { h } from './dom.js';
import { figure } from './figure.js';
import * as f from './format.js';
import { changeMark } from './change-mark.js';
import * as words from './words.js';

export function showWhere(view) {
  const parts = view.parts.filter(({ type, now, before }) => now > 0 || before > 0 || ['c', 'p', 'd'].includes(type));
  const body = figure('where', words.whereCaption(parts, view.total));
  const list = h(
    'ul',
    { class: 'parts' },
    parts.map(({ type, now, change }) =>
      h(
        'li',
        { data: { type, value: now } },
        h('span', { class: 'swatch fill', data: { type }, 'aria-hidden': 'true' }),
        h('span', { class: 'name' }, words.typeName(type)),
        h('span', { class: 'value' }, f.number(now)),
        h('span', { class: 'part' }, view.total > 0 ? f.share(now / view.total) : ''),
        changeMark(change, { short: true }),
      ),
    ),
  );
  body.element.querySelector('.parts')?.remove();
  body.plot.after(list);
  body.plot.hidden = view.total === 0;
  draw('where', body.canvas, (canvas) => ({
    type: 'doughnut',
    data: {
      labels: parts.map(({ type }) => words.typeName(type)),
      datasets: [{ data: parts.map(({ now }) => now), backgroundColor: parts.map(({ type }) => fill(canvas, type)), borderColor: colour('surface'), borderWidth: 2, hoverOffset: 3 }],
    },
    options: {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      cutout: '66%',
      layout: { padding: 4 },
      plugins: {
        legend: { display: false },
        tooltip: {
          backgroundColor: colour('tooltip'),
          bodyColor: colour('tooltip-ink'),
          padding: 10,
          cornerRadius: 6,
          boxPadding: 5,
          callbacks: { title: () => '', label: ({ label, raw }) => ` ${label}: ${f.number(raw)} (${f.share(raw / view.total)})` },
        },
      },
    },
  }));
}
