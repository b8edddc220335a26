//! People: active, new, and when they are there.

import { bars, figure } from './cards.js';
import { alone, colour, columns, draw, legend, options, tick } from './charts.js';
import { h, tableBox } from './dom.js';
import * as f from './format.js';
import { busiestHours, hourMeans, newestWindows, weekdayMeans } from './numbers.js';
import { sheets } from './view.js';
import * as words from './words.js';

/** Each line contains the one after it: they are never added up. */
const LINES = [
  ['day30', 'dotted', [2, 3]],
  ['day7', 'dashed', [7, 3]],
  ['day1', 'line', []],
];

const LEVELS = 6;
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

export function showActive(view, open) {
  const { people, active } = view;
  const { since } = people.active;
  const sheet = sheets.active(view);
  const body = figure('active', words.activeCaption({ now: active.now, ...newestWindows(people), since }));
  const groups = sheet.rows.map(({ day }) => ({ unit: 'day', from: day, today: day === view.today }));
  body.plot.hidden = groups.length === 0;
  const lines = LINES.map(([key, kind, borderDash]) => {
    const at = sheet.columns.findIndex((column) => column.key === key);
    return { key, kind, borderDash, label: sheet.columns[at].title, data: sheet.rows.map(({ cells }) => cells[at]) };
  }).filter(({ data }) => data.some((value) => value !== null));
  body.legend(legend(lines.map(({ key, kind, label }) => [`${kind} ${key}`, label])));
  draw('active', body.canvas, () => ({
    type: 'line',
    data: {
      labels: groups.map(tick),
      datasets: lines.map(({ key, borderDash, label, data }) => {
        const ink = colour(`line-${key}`);
        return { label, data, borderDash, borderColor: ink, backgroundColor: ink, borderWidth: 2, pointRadius: alone(data), pointHoverRadius: 4 };
      }),
    },
    options: options({
      groups,
      open: (index) => open(sheet.rows[index]),
      label: ({ label }, value) => `${f.number(value)} ${label.toLowerCase()}`,
      stacked: false,
    }),
  }));
}

export function showNew(view, open) {
  const { days } = view.people.new;
  const busiest = days.reduce((best, day) => (day.people > 0 && day.people >= (best?.people ?? 0) ? day : best), null);
  const body = figure('new', words.newCaption({ total: view.newPeople, busiest, length: view.length }));
  body.legend(columns('new', body.canvas, { ...view, sheet: sheets.new(view) }, [['people', 'c', words.CARD_TITLES['new-people']]], open));
}

export function showHours(view) {
  const { hours } = view.people;
  const rows = hourMeans(hours);
  const cells = rows.flatMap(({ weekday, means }) => means.map((mean, hour) => ({ weekday, hour, mean })).filter(({ mean }) => mean !== null));
  const most = cells.reduce((best, cell) => (cell.mean > (best?.mean ?? 0) ? cell : best), null);
  const least = quietest(rows);
  const body = figure('hours', words.hoursCaption({ most, least, zone: hours.zone, since: hours.since }));
  body.plot.hidden = !hours.since;
  const level = (mean) => (mean > 0 ? Math.max(1, Math.ceil((mean / most.mean) * LEVELS)) : 0);
  const cell = (weekday, days, mean, hour) => {
    const data = { weekday, hour, value: mean, level: mean === null ? null : level(mean) };
    const title = mean === null ? null : words.hourTitle(weekday, hour, mean, days);
    return h('td', { data, title }, mean === null ? '' : mean === 0 ? '·' : f.shortMean(mean));
  };
  body.plot.replaceChildren(
    tableBox(
      words.hoursTable,
      'heat',
      [
        h('td'),
        HOURS.map((hour) => h('th', { scope: 'col' }, h('span', { 'aria-hidden': 'true' }, String(hour)), h('span', { class: 'hidden' }, f.hour(hour)))),
        h('th', { scope: 'col', class: 'days' }, words.daysColumn),
      ],
      rows.map(({ weekday, days, means }) =>
        h(
          'tr',
          {},
          h('th', { scope: 'row' }, h('abbr', { title: f.weekdayName(weekday) }, f.weekdayLetters(weekday))),
          means.map((mean, hour) => cell(weekday, days, mean, hour)),
          h('td', { class: 'days' }, days ? f.number(days) : words.NOT_KNOWN),
        ),
      ),
    ),
    h(
      'p',
      { class: 'scale', 'aria-hidden': 'true' },
      words.fewer,
      Array.from({ length: LEVELS + 1 }, (_, index) => h('span', { data: { level: index } })),
      words.more,
    ),
  );
}

function quietest(rows) {
  const sums = rows.filter(({ days }) => days > 0).map(({ weekday, means }) => ({ weekday, sum: means.reduce((a, b) => a + b, 0) }));
  return sums.length < 2 ? null : sums.reduce((best, one) => (one.sum < best.sum ? one : best));
}

export function showBusiest(view) {
  const { days, hours } = busiestHours(view.people.hours);
  const shown = hours.slice(0, 7);
  bars(
    'busiest-hours',
    words.busiestHoursCaption(shown[0], days),
    shown.map(({ hour, mean }) => ({ name: words.hourSpan(hour), value: mean, text: f.mean(mean), data: { busiestHour: hour } })),
  );
  const weekdays = weekdayMeans(view.people.active, view.today);
  const best = weekdays.reduce((most, one) => (one.mean !== null && one.mean > (most?.mean ?? 0) ? one : most), null);
  bars(
    'busiest-weekdays',
    words.busiestWeekdaysCaption(best),
    weekdays
      .filter(({ mean }) => mean !== null)
      .map(({ weekday, mean, days: count }) => ({
        name: f.weekdayName(weekday),
        value: mean,
        text: f.mean(mean),
        data: { busiestWeekday: weekday },
        rest: words.days(count),
      })),
  );
}
