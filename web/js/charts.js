//! What all charts share: colours out of the stylesheet, hatching, axes, tooltips, and when they are drawn.

import * as f from './format.js';
import { h } from './dom.js';
import * as words from './words.js';

const drawn = new Map();

// Chart.js comes after the modules, so that the first request does not wait for it.
const ready = new Promise((resolve) => {
  if (globalThis.Chart || document.readyState === 'complete') resolve();
  else globalThis.addEventListener('load', resolve, { once: true });
});

/** A colour of the stylesheet as the canvas needs it: resolved for the theme in force. */
export function colour(name) {
  const probe = document.getElementById('announcement');
  probe.style.setProperty('color', `var(--${name})`);
  const resolved = getComputedStyle(probe).color;
  probe.style.removeProperty('color');
  return resolved;
}

export const typeColour = (type) => colour(['c', 'p', 'd'].includes(type) ? `type-${type}` : 'type-other');

const plain = () => matchMedia('(forced-colors: active)').matches || matchMedia('print').matches || document.documentElement.classList.contains('printing');

const HATCHES = { c: null, p: 'rising', d: 'falling', today: 'rising' };

/** Lines on the colour of the paper; `direction` is `rising` or `falling`. */
function hatch(context, ink, direction, strong) {
  const size = 7;
  const tile = document.createElement('canvas');
  tile.width = size;
  tile.height = size;
  const on = tile.getContext('2d');
  on.fillStyle = colour('surface');
  on.fillRect(0, 0, size, size);
  on.strokeStyle = ink;
  on.lineWidth = strong ? 2.6 : 2;
  on.beginPath();
  for (const shift of [-size, 0, size]) {
    on.moveTo(shift, direction === 'rising' ? size : 0);
    on.lineTo(shift + size, direction === 'rising' ? 0 : size);
  }
  on.stroke();
  return context.createPattern(tile, 'repeat');
}

/** The fill of a column: hatched while it is not over, faint where a week or month is cut, and each type its own hatching where colours do not count. */
export function fill(canvas, type, group) {
  const ink = typeColour(type);
  const context = canvas.getContext('2d');
  if (group?.today) return hatch(context, ink, 'rising', true);
  if (plain() && HATCHES[type]) return hatch(context, ink, HATCHES[type], false);
  return group?.cut ? faint(ink) : ink;
}

function faint(ink) {
  const [red, green, blue] = ink.match(/[\d.]+/g);
  return `rgba(${red}, ${green}, ${blue}, 0.5)`;
}

/** Options of every chart with a time axis. */
export function options({ groups, open, title, footer, ticks, label }) {
  const ink = colour('ink-soft');
  const line = colour('line');
  return {
    animation: false,
    responsive: true,
    maintainAspectRatio: false,
    normalized: true,
    interaction: { mode: 'index', intersect: false },
    onClick: (event, elements) => elements[0] && open?.(elements[0].index),
    onHover: (event, elements) => event.native?.target.style.setProperty('cursor', elements.length && open ? 'pointer' : 'default'),
    layout: { padding: { top: 4 } },
    scales: {
      x: {
        stacked: true,
        grid: { display: false },
        border: { color: line },
        ticks: { color: ink, maxRotation: 0, autoSkipPadding: 14, font: { size: 12 }, callback: (_, index) => ticks(groups[index], index) },
      },
      y: {
        stacked: true,
        beginAtZero: true,
        border: { display: false },
        grid: { color: line, drawTicks: false },
        ticks: { color: ink, padding: 8, precision: 0, maxTicksLimit: 6, font: { size: 12 }, callback: (value) => f.shortNumber(value) },
      },
    },
    plugins: {
      legend: { display: false },
      tooltip: {
        backgroundColor: colour('tooltip'),
        titleColor: colour('tooltip-ink'),
        bodyColor: colour('tooltip-ink'),
        footerColor: colour('tooltip-ink'),
        footerFont: { weight: 'normal', size: 12 },
        titleFont: { weight: '600', size: 13 },
        bodyFont: { size: 13 },
        padding: 10,
        cornerRadius: 6,
        boxPadding: 5,
        usePointStyle: true,
        filter: ({ raw }) => raw !== null,
        callbacks: { title, footer, label },
      },
    },
  };
}

export const tick = (group) => (group.unit === 'month' ? f.monthOf(group.whole) : f.shortDay(group.from));

/** Dashes of the comparison, everywhere the same. */
export const beforeLine = (data, label) => ({
  type: 'line',
  label,
  data,
  borderColor: colour('before'),
  backgroundColor: colour('before'),
  borderWidth: 1.75,
  borderDash: [5, 4],
  pointRadius: data.filter((value) => value !== null).length === 1 ? 4 : 0,
  pointHitRadius: 8,
  pointStyle: 'line',
  tension: 0,
  spanGaps: false,
  order: -1,
});

function put(name) {
  const one = drawn.get(name);
  if (!one || !globalThis.Chart) return;
  one.chart?.destroy();
  const { Chart } = globalThis;
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  one.chart = new Chart(one.canvas, one.make(one.canvas));
}

/** Draws a chart, now or as soon as Chart.js is there. `make` gets the canvas and gives a configuration in the colours of the moment. */
export function draw(name, canvas, make) {
  const known = drawn.get(name);
  if (known && known.canvas !== canvas) erase(name);
  drawn.set(name, { canvas, make, chart: drawn.get(name)?.chart ?? null });
  if (globalThis.Chart) put(name);
  else ready.then(() => (globalThis.Chart ? drawn.get(name)?.make === make && put(name) : missing(canvas)));
}

function missing(canvas) {
  if (canvas.parentElement && !canvas.parentElement.querySelector('.wrong')) canvas.parentElement.append(h('p', { class: 'wrong' }, words.chartMissing));
}

export function erase(name) {
  drawn.get(name)?.chart?.destroy();
  drawn.delete(name);
}

export const redraw = () => [...drawn.keys()].forEach(put);

export const fit = () => drawn.forEach(({ chart }) => chart?.resize());

/** Swatches with their names. `kind` is `fill`, `line`, `dashed`, `dotted`, `hatched` or `faint`. */
export function legend(items) {
  return h(
    'ul',
    { class: 'legend' },
    items.map(({ kind, type, text }) => h('li', {}, h('span', { class: `swatch ${kind}`, data: { type }, 'aria-hidden': 'true' }), text)),
  );
}
