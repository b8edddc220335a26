//! Active people as three lines, and new people as columns.

import { beforeLine, colour, draw, fill, legend, options, tick } from './charts.js';
import { comparisonGroup } from './grouping.js';
import { figure } from './figure.js';
import * as f from './format.js';
import { sheets } from './sheets.js';
import { newestWindows } from './totals.js';
import * as words from './words.js';

const LINES = [
  { key: 'day30', kind: 'dotted', dash: [2, 3], ink: 'line-30' },
  { key: 'day7', kind: 'dashed', dash: [7, 3], ink: 'line-7' },
  { key: 'day1', kind: 'line', dash: [], ink: 'line-1' },
];

export function showActive(view, open) {
  const { people, active, start } = view;
  const { since } = people.active;
  const sheet = sheets.active(view);
  const body = figure('active', words.activeCaption({ now: active.now, ...newestWindows(people), since, start }));
  const groups = sheet.rows.map(({ day }) => ({ unit: 'day', from: day, to: day, whole: day, today: day === view.today }));
  body.plot.hidden = groups.length === 0;
  const at = (key) => sheet.columns.findIndex((column) => column.key === key);
  const there = LINES.filter(({ key }) => sheet.rows.some(({ cells }) => cells[at(key)] !== null));
  body.legend(legend(there.map(({ key, kind }) => ({ kind: `${kind} ${key}`, text: sheet.columns[at(key)].title }))));
  draw('active', body.canvas, () => {
    const datasets = there.map(({ key, dash, ink }) => {
      const data = sheet.rows.map(({ cells }) => cells[at(key)]);
      const alone = (index) => data[index] !== null && (data[index - 1] ?? null) === null && (data[index + 1] ?? null) === null;
      return {
        label: sheet.columns[at(key)].title,
        data,
        borderColor: colour(ink),
        backgroundColor: colour(ink),
        borderDash: dash,
        borderWidth: 2,
        pointRadius: ({ dataIndex }) => (alone(dataIndex) ? 4 : 0),
        pointHoverRadius: 4,
        pointStyle: 'circle',
        spanGaps: false,
      };
    });
    const common = options({
      groups,
      open: (index) => open(sheet.rows[index]),
      ticks: tick,
      title: ([{ dataIndex }]) => words.groupName(groups[dataIndex]),
      label: ({ dataset, raw }) => ` ${f.number(raw)} ${dataset.label.toLowerCase()}`,
      footer: ([{ dataIndex }]) => words.groupMarks(groups[dataIndex]),
    });
    // Each line contains the one below it: they must never be added up.
    common.scales.x.stacked = false;
    common.scales.y.stacked = false;
    return { type: 'line', data: { labels: groups.map(tick), datasets }, options: common };
  });
}

export function showNew(view, open) {
  const { groups, people } = view;
  const sheet = sheets.new(view);
  const at = (key) => sheet.columns.findIndex((column) => column.key === key);
  const values = sheet.rows.map(({ cells }) => cells[at('people')]);
  const before = view.compared ? sheet.rows.map(({ cells }) => cells[at('before')]) : null;
  const comparing = before?.some((value) => value !== null);
  const busiest = people.new.days.reduce((best, day) => (day.people > 0 && day.people >= (best?.people ?? 0) ? day : best), null);
  const body = figure('new', words.newCaption({ total: view.newPeople, busiest, length: view.length }));
  body.legend(
    legend([
      { kind: 'fill', type: 'c', text: words.CARD_TITLES['new-people'] },
      ...(comparing ? [{ kind: 'dashed', text: words.comparisonLegend(f.range(view.compare.start, view.compare.end)) }] : []),
      ...(groups.some(({ today }) => today) ? [{ kind: 'hatched', text: words.notOver[groups[0].unit] }] : []),
      ...(groups.some(({ cut, today }) => cut && !today) ? [{ kind: 'faint', text: words.cutGroup[groups[0].unit] }] : []),
    ]),
  );
  draw('new', body.canvas, (canvas) => ({
    type: 'bar',
    data: {
      labels: groups.map(tick),
      datasets: [
        {
          label: words.CARD_TITLES['new-people'],
          data: values,
          backgroundColor: groups.map((group) => fill(canvas, 'c', group)),
          pointStyle: 'rectRounded',
          maxBarThickness: 56,
          categoryPercentage: 0.86,
          barPercentage: 0.94,
        },
        ...(comparing ? [beforeLine(before, words.beforeLabel)] : []),
      ],
    },
    options: options({
      groups,
      open: (index) => open(sheet.rows[index]),
      ticks: tick,
      title: ([{ dataIndex }]) => words.groupName(groups[dataIndex]),
      label: ({ dataset, raw, dataIndex }) =>
        dataset.type === 'line' ? ` ${f.number(raw)} ${words.onDays(comparisonGroup(groups[dataIndex], view, f.shortRange))}` : ` ${words.people(raw)}`,
      footer: ([{ dataIndex }]) => words.groupMarks(groups[dataIndex]),
    }),
  }));
}
