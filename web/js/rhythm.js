//! When people are there: weekday by hour as a table whose cells are shaded, the busiest hours and weekdays as bars.

import { h } from './dom.js';
import { figure } from './figure.js';
import * as f from './format.js';
import { busiestHours, hourMeans, weekdayMeans } from './totals.js';
import * as words from './words.js';

const LEVELS = 6;
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

export function showHours(view) {
  const { hours } = view.people;
  const rows = hourMeans(hours);
  const cells = rows.flatMap(({ weekday, means }) => means.map((mean, hour) => ({ weekday, hour, mean })).filter(({ mean }) => mean !== null));
  const most = cells.reduce((best, cell) => (cell.mean > (best?.mean ?? 0) ? cell : best), null);
  const least = quietest(rows);
  const body = figure('hours', words.hoursCaption({ most, least, zone: hours.zone, since: hours.since, start: view.start }));
  body.plot.hidden = !hours.since;
  const level = (mean) => (mean > 0 ? Math.max(1, Math.ceil((mean / most.mean) * LEVELS)) : 0);
  const cell = (weekday, days, mean, hour) => {
    const data = { weekday, hour, value: mean, level: mean === null ? null : level(mean) };
    const title = mean === null ? null : words.hourTitle(weekday, hour, mean, days);
    return h('td', { data, title }, mean === null ? '' : mean === 0 ? '·' : f.shortMean(mean));
  };
  body.plot.replaceChildren(
    h(
      'div',
      { class: 'scroller', tabindex: '0', role: 'region', 'aria-label': words.tableLabel(words.CARD_TITLES.hours) },
      h(
        'table',
        { class: 'heat' },
        h('caption', { class: 'hidden' }, words.hoursTable),
        h('thead', {}, h('tr', {}, h('td', {}), HOURS.map((hour) => h('th', { scope: 'col' }, h('span', { 'aria-hidden': 'true' }, String(hour)), h('span', { class: 'hidden' }, f.hour(hour)))), h('th', { scope: 'col', class: 'days' }, words.daysColumn))),
        h(
          'tbody',
          {},
          rows.map(({ weekday, days, means }) =>
            h('tr', {}, h('th', { scope: 'row' }, h('abbr', { title: f.weekdayName(weekday) }, f.weekdayLetters(weekday))), means.map((mean, hour) => cell(weekday, days, mean, hour)), h('td', { class: 'days' }, days ? f.number(days) : words.NOT_KNOWN)),
          ),
        ),
      ),
    ),
    h('p', { class: 'scale', 'aria-hidden': 'true' }, words.fewer, Array.from({ length: LEVELS + 1 }, (_, index) => h('span', { data: { level: index } })), words.more),
  );
}

/** The weekday with the fewest people all in all, of those that have days; null where fewer than two have. */
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
    shown.map(({ hour, mean }) => ({ name: words.hourSpan(hour), mean, data: { busiestHour: hour } })),
  );
  const weekdays = weekdayMeans(view.people.active, view.today);
  const best = weekdays.reduce((most, one) => (one.mean !== null && one.mean > (most?.mean ?? 0) ? one : most), null);
  bars(
    'busiest-weekdays',
    words.busiestWeekdaysCaption(best),
    weekdays.map(({ weekday, mean, days: count }) => ({ name: f.weekdayName(weekday), mean, data: { busiestWeekday: weekday }, rest: count ? words.days(count) : '' })).filter(({ mean }) => mean !== null),
  );
}

function bars(name, caption, items) {
  const body = figure(name, caption);
  const most = items.reduce((max, { mean }) => Math.max(max, mean), 0) || 1;
  body.plot.replaceChildren(
    h(
      'ol',
      { class: 'bars plain' },
      items.map(({ name: text, mean, data, rest }) =>
        h('li', { data: { ...data, value: mean } }, h('span', { class: 'name' }, text), h('span', { class: 'bar', 'aria-hidden': 'true', vars: { part: mean / most } }), h('span', { class: 'value' }, f.mean(mean)), rest === undefined ? null : h('span', { class: 'part' }, rest)),
      ),
    ),
  );
}
