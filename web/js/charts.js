//! What all charts share: colours out of the stylesheet, hatching, axes, tooltips, and when they are drawn.

import { comparisonGroup } from './days.js';
import { h } from './dom.js';
import * as f from './format.js';
import * as words from './words.js';

const drawn = new Map();

// Chart.js comes after the modules, so that the first request does not wait for it.
const loaded = () => (document.readyState === 'complete' ? Promise.resolve() : new Promise((resolve) => addEventListener('load', resolve, { once: true })));

export function colour(name) {
  const probe = document.getElementById('announcement');
  probe.style.setProperty('color', `var(--${name})`);
  const resolved = getComputedStyle(probe).color;
  probe.style.removeProperty('color');
  return resolved;
}

const withoutColours = () => matchMedia('(forced-colors: active), print').matches || document.documentElement.classList.contains('printing');

function hatch(context, ink, rising) {
  const size = 7;
  const tile = document.createElement('canvas');
  tile.width = size;
  tile.height = size;
  const on = tile.getContext('2d');
  on.fillStyle = colour('surface');
  on.fillRect(0, 0, size, size);
  on.strokeStyle = ink;
  on.lineWidth = 2.6;
  for (const shift of [-size, 0, size]) {
    on.moveTo(shift, rising ? size : 0);
    on.lineTo(shift + size, rising ? 0 : size);
  }
  on.stroke();
  return context.createPattern(tile, 'repeat');
}

/** The fill of a column: hatched while it is not over, faint where a week or month is cut; without colours each type has its own hatching. */
export function fill(canvas, type, group) {
  const ink = colour(['c', 'p', 'd'].includes(type) ? `type-${type}` : 'type-other');
  const own = withoutColours() && type !== 'c';
  if (group?.today || own) return hatch(canvas.getContext('2d'), ink, group?.today || type === 'p');
  return group?.cut ? ink.replace('rgb(', 'rgba(').replace(')', ', 0.5)') : ink;
}

export const tooltip = () => ({
  backgroundColor: colour('tooltip'),
  titleColor: colour('tooltip-ink'),
  bodyColor: colour('tooltip-ink'),
  footerColor: colour('tooltip-ink'),
  footerFont: { weight: 'normal' },
  titleFont: { size: 13 },
  bodyFont: { size: 13 },
  padding: 10,
  boxPadding: 5,
  usePointStyle: true,
});

export function options({ groups, open, label, sum, stacked }) {
  const ticks = { color: colour('ink-soft'), maxRotation: 0, autoSkipPadding: 14, precision: 0, maxTicksLimit: 6 };
  const line = colour('line');
  return {
    animation: false,
    maintainAspectRatio: false,
    interaction: { mode: 'index', intersect: false },
    onClick: (_, [element]) => element && open(element.index),
    onHover: ({ native }, elements) => native?.target.style.setProperty('cursor', elements.length ? 'pointer' : 'default'),
    scales: {
      x: { stacked, grid: { display: false }, border: { color: line }, ticks: { ...ticks, maxTicksLimit: 12 } },
      y: {
        stacked,
        beginAtZero: true,
        border: { display: false },
        grid: { color: line, drawTicks: false },
        ticks: { ...ticks, padding: 8, callback: (value) => f.shortNumber(value) },
      },
    },
    plugins: {
      legend: { display: false },
      tooltip: {
        ...tooltip(),
        filter: ({ raw }) => raw !== null,
        callbacks: {
          title: ([{ dataIndex }]) => [words.groupName(groups[dataIndex]), ...(sum ? [sum(dataIndex)] : [])],
          label: ({ dataset, raw, dataIndex }) => ` ${label(dataset, raw, dataIndex)}`,
          footer: ([{ dataIndex }]) => words.groupMarks(groups[dataIndex]),
        },
      },
    },
  };
}

export const tick = (group) => (group.unit === 'month' ? f.monthOf(group.whole) : f.shortDay(group.from));

export const alone =
  (data) =>
  ({ dataIndex: at }) =>
    data[at] !== null && (data[at - 1] ?? null) === null && (data[at + 1] ?? null) === null ? 4 : 0;

export function columns(name, canvas, { sheet, groups, start, compare }, sets, open, sum) {
  const column = (key) => sheet.rows.map(({ cells }) => cells[sheet.columns.findIndex((one) => one.key === key)]);
  const before = compare ? column('before') : [];
  const comparing = before.some((value) => value !== null);
  const { unit } = groups[0];
  draw(name, canvas, () => {
    const datasets = sets.map(([key, type, label]) => ({
      label,
      data: column(key),
      backgroundColor: groups.map((group) => fill(canvas, type, group)),
      pointStyle: 'rectRounded',
      maxBarThickness: 56,
      categoryPercentage: 0.86,
      barPercentage: 0.94,
    }));
    const ink = colour('before');
    if (comparing)
      datasets.push({
        type: 'line',
        data: before,
        borderColor: ink,
        backgroundColor: ink,
        borderWidth: 1.75,
        borderDash: [5, 4],
        pointRadius: alone(before),
        pointStyle: 'line',
        order: -1,
      });
    const label = ({ type, label: of }, value, index) =>
      `${f.number(value)} ${type === 'line' ? words.onDays(comparisonGroup(groups[index], { start, compare }, f.shortRange)) : of.toLowerCase()}`;
    return {
      type: 'bar',
      data: { labels: groups.map(tick), datasets },
      options: options({
        groups,
        open: (index) => open(sheet.rows[index]),
        label,
        sum: sum && ((index) => sum(column(sum.key ?? 'messages')[index])),
        stacked: true,
      }),
    };
  });
  return legend([
    ...sets.map(([, type, text]) => ['fill', text, type]),
    comparing && ['dashed', words.comparisonLegend(f.range(compare.start, compare.end))],
    groups.some(({ today }) => today) && ['hatched', words.notOver[unit]],
    groups.some(({ cut, today }) => cut && !today) && ['faint', words.cutGroup[unit]],
  ]);
}

export const legend = (items) =>
  h(
    'ul',
    { class: 'legend' },
    items.filter(Boolean).map(([kind, text, type]) => h('li', {}, h('span', { class: `swatch ${kind}`, data: { type }, 'aria-hidden': 'true' }), text)),
  );

function put(name) {
  const one = drawn.get(name);
  if (!one || !globalThis.Chart) return;
  one.chart?.destroy();
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  one.chart = new Chart(one.canvas, one.make());
}

export function draw(name, canvas, make) {
  if (drawn.get(name)?.canvas !== canvas) erase(name);
  drawn.set(name, { canvas, make, chart: drawn.get(name)?.chart });
  if (globalThis.Chart) put(name);
  else {
    loaded().then(() => {
      if (globalThis.Chart) put(name);
      else if (canvas.parentElement?.children.length === 1) canvas.after(h('p', { class: 'wrong' }, words.chartMissing));
    });
  }
}

export function erase(name) {
  drawn.get(name)?.chart?.destroy();
  drawn.delete(name);
}

export const redraw = () => [...drawn.keys()].forEach(put);

export const fit = () => drawn.forEach(({ chart }) => chart?.resize());
