//! Messages over time: columns stacked by type of room, the comparison as a line.

import { beforeLine, draw, fill, legend, options, tick } from './charts.js';
import { comparisonGroup } from './grouping.js';
import * as f from './format.js';
import { sheets } from './sheets.js';
import { busiestDay } from './totals.js';
import * as words from './words.js';
import { figure } from './figure.js';

export function showMessagesChart(view, open) {
  const sheet = sheets['messages-chart'](view);
  const { groups, types } = view;
  const at = (key) => sheet.columns.findIndex((column) => column.key === key);
  const column = (key) => sheet.rows.map(({ cells }) => cells[at(key)]);
  const body = figure('messages-chart', words.messagesCaption({ total: view.total, length: view.length, busiest: busiestDay(view.messages.days) }));
  const before = view.compared ? column('before') : null;
  const comparing = before?.some((value) => value !== null);
  body.legend(
    legend([
      ...types.filter((type) => column(`type-${type}`).some((value) => value > 0) || ['c', 'p', 'd'].includes(type)).map((type) => ({ kind: 'fill', type, text: words.typeName(type) })),
      ...(comparing ? [{ kind: 'dashed', text: words.comparisonLegend(f.range(view.compare.start, view.compare.end)) }] : []),
      ...(groups.some(({ today }) => today) ? [{ kind: 'hatched', text: words.notOver[groups[0].unit] }] : []),
      ...(groups.some(({ cut, today }) => cut && !today) ? [{ kind: 'faint', text: words.cutGroup[groups[0].unit] }] : []),
    ]),
  );
  draw('messages-chart', body.canvas, (canvas) => ({
    type: 'bar',
    data: {
      labels: groups.map(tick),
      datasets: [
        ...types.map((type) => ({
          label: words.typeName(type),
          data: column(`type-${type}`),
          backgroundColor: groups.map((group) => fill(canvas, type, group)),
          pointStyle: 'rectRounded',
          maxBarThickness: 56,
          categoryPercentage: 0.86,
          barPercentage: 0.94,
          stack: 'now',
        })),
        ...(comparing ? [beforeLine(before, words.beforeLabel)] : []),
      ],
    },
    options: options({
      groups,
      open: (index) => open(sheet.rows[index]),
      ticks: tick,
      title: ([{ dataIndex }]) => [words.groupName(groups[dataIndex]), words.messages(column('messages')[dataIndex])],
      label: ({ dataset, raw, dataIndex }) =>
        dataset.type === 'line'
          ? ` ${f.number(raw)} ${words.onDays(comparisonGroup(groups[dataIndex], view, f.shortRange))}`
          : ` ${f.number(raw)} ${dataset.label.toLowerCase()}`,
      footer: ([{ dataIndex }]) => words.groupMarks(groups[dataIndex]),
    }),
  }));
}
