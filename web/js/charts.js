//! Elements without markup, where every text becomes a text node; the cards made of them; and their charts.

import { comparisonGroup } from './days.js';
import * as f from './format.js';
import { SOURCE, busiestDay, busiestHours, csvFile, csvOf, dayOfMost, fileName, hourMeans, newestWindows, sheets, weekdayMeans } from './numbers.js';
import * as words from './words.js';

const SVG = 'http://www.w3.org/2000/svg';

function build(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'on') for (const [type, listener] of Object.entries(value)) element.addEventListener(type, listener);
    else if (name === 'data')
      for (const [key, item] of Object.entries(value)) {
        if (item !== null && item !== undefined) element.dataset[key] = String(item);
      }
    else if (name === 'vars') for (const [key, item] of Object.entries(value)) element.style.setProperty(`--${key}`, String(item));
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const h = (tag, attributes = {}, ...children) => build(document.createElement(tag), attributes, children);

export const svg = (tag, attributes = {}, ...children) => build(document.createElementNS(SVG, tag), attributes, children);

/** A text from the database: its direction is its own and does not reach what stands beside it. */
export const bdi = (text) => h('bdi', {}, text);

export const press = (text, act, className = 'link') => h('button', { type: 'button', class: className, on: { click: act } }, text);

export const tableBox = (title, className, columns, rows) =>
  h(
    'div',
    { class: 'scroller', tabindex: '0', role: 'region', 'aria-label': `Table: ${title}` },
    h('table', { class: className, data: { table: '' } }, h('caption', { class: 'hidden' }, title), h('thead', {}, h('tr', {}, columns)), h('tbody', {}, rows)),
  );

export function placeOf(element) {
  const inCard = element?.closest('[data-card]');
  const parts = [inCard && `[data-card="${inCard.dataset.card}"]`];
  for (const key of ['room', 'day', 'from', 'insight', 'sort']) {
    const value = element?.closest(`[data-${key}]`)?.dataset[key];
    if (value !== undefined) parts.push(key === 'sort' ? `[data-sort="${value}"]` : `[data-${key}="${CSS.escape(value)}"] button`);
  }
  return () => {
    if (element?.isConnected && element !== document.body) element.focus({ preventScroll: true });
    else ((parts.length > 1 && inCard && document.querySelector(parts.join(' '))) || byId('main')).focus({ preventScroll: true });
  };
}

export const byId = (id) => document.getElementById(id);

export const card = (name) => document.querySelector(`[data-card="${name}"]`);

export function announce(text) {
  byId('announcement').textContent = text;
}

export function disclosure(button, content, { opened } = {}) {
  const set = (open) => {
    content.hidden = !open;
    button.setAttribute('aria-expanded', String(open));
    if (open) opened?.();
  };
  button.addEventListener('click', () => set(content.hidden));
  document.addEventListener('pointerdown', (event) => {
    if (!content.hidden && !content.contains(event.target) && !button.contains(event.target)) set(false);
  });
  content.parentElement.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || content.hidden) return;
    event.stopPropagation();
    set(false);
    button.focus();
  });
  content.parentElement.addEventListener('focusout', (event) => {
    if (event.relatedTarget && !content.parentElement.contains(event.relatedTarget)) set(false);
  });
  return { close: () => set(false) };
}

const WIDTH = 100;
const HEIGHT = 28;
const EDGE = 2;

export function sparkline(values, { className = '' } = {}) {
  const known = values.filter((value) => value !== null);
  if (known.length < 2) return null;
  const top = Math.max(...known, 1);
  const x = (index) => (index / (values.length - 1)) * WIDTH;
  const y = (value) => HEIGHT - EDGE - (value / top) * (HEIGHT - 2 * EDGE);
  let path = '';
  let open = false;
  values.forEach((value, index) => {
    if (value !== null) path += `${open ? 'L' : 'M'}${x(index).toFixed(2)} ${y(value).toFixed(2)}`;
    open = value !== null;
  });
  const first = values.findIndex((value) => value !== null);
  const last = values.length - 1 - [...values].reverse().findIndex((value) => value !== null);
  const whole = known.length === last - first + 1;
  const area = whole ? svg('path', { class: 'area', d: `${path}L${x(last).toFixed(2)} ${HEIGHT}L${x(first).toFixed(2)} ${HEIGHT}Z` }) : null;
  return svg(
    'svg',
    { class: `sparkline ${className}`, viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true', focusable: 'false' },
    area,
    svg('path', { class: 'line', d: path }),
  );
}

export function thin(values, most = 60) {
  if (values.length <= most) return values;
  const size = Math.ceil(values.length / most);
  const sums = [];
  for (let end = values.length; end - size >= 0; end -= size) {
    const part = values.slice(end - size, end).filter((value) => value !== null);
    sums.unshift(part.length ? part.reduce((a, b) => a + b, 0) : null);
  }
  return sums;
}

export const NAMES = Object.keys(SOURCE);

export const WITH_TABLE = ['messages-chart', 'where', 'top-channels', 'active', 'new', 'busiest-hours', 'busiest-weekdays'];

export function makeTools() {
  for (const name of NAMES) {
    const tool = (action, text) => h('button', { type: 'button', class: 'tool', data: { action }, 'aria-label': `${text}: ${words.CARD_TITLES[name]}` }, text);
    const tools = h('div', { class: 'tools' }, WITH_TABLE.includes(name) && tool('table', words.BUTTONS.table), tool('csv', 'CSV'));
    card(name).querySelector('header').append(tools);
  }
}

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
      x: { stacked, offset: stacked || groups.length === 1, grid: { display: false }, border: { color: line }, ticks: { ...ticks, maxTicksLimit: 12 } },
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
  (data, radius = 4) =>
  ({ dataIndex: at }) =>
    data[at] !== null && (data[at - 1] ?? null) === null && (data[at + 1] ?? null) === null ? radius : 0;

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
        pointRadius: alone(before, 22),
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

export function showMessagesChart(view, open) {
  const body = figure('messages-chart', words.messagesCaption({ total: view.total, length: view.length, busiest: busiestDay(view.messages.days) }));
  const sets = view.types.map((type) => [`type-${type}`, type, words.typeName(type)]);
  body.legend(columns('messages-chart', body.canvas, { ...view, sheet: sheets['messages-chart'](view) }, sets, open, words.messages));
}

export function showWhere(view) {
  const { parts, total } = view;
  const body = figure('where', words.whereCaption(parts, total));
  body.element.querySelector('.parts')?.remove();
  body.plot.after(partList(parts, total));
  body.plot.hidden = total === 0;
  draw('where', body.canvas, () => ({
    type: 'doughnut',
    data: {
      labels: parts.map(({ type }) => words.typeName(type)),
      datasets: [
        {
          data: parts.map(({ now }) => now),
          backgroundColor: parts.map(({ type }) => fill(body.canvas, type)),
          borderColor: colour('surface'),
          borderWidth: 2,
        },
      ],
    },
    options: {
      animation: false,
      maintainAspectRatio: false,
      cutout: '66%',
      plugins: {
        legend: { display: false },
        tooltip: { ...tooltip(), callbacks: { title: () => '', label: ({ label, raw }) => ` ${label}: ${f.number(raw)} (${f.share(raw / total)})` } },
      },
    },
  }));
}

export function showTopChannels({ topRooms, total }, openRoom) {
  const name = (room) => press(bdi(words.roomName(room)), () => openRoom(room.id), 'link name');
  bars(
    'top-channels',
    words.topCaption(topRooms, total),
    topRooms.map((room) => ({
      name: name(room),
      value: room.messages,
      text: f.number(room.messages),
      rest: f.share(room.messages / total),
      data: { room: room.id, type: room.type },
    })),
  );
}

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
  const body = figure('new', words.newCaption({ total: view.newPeople, busiest: dayOfMost(days), length: view.length }));
  body.legend(columns('new', body.canvas, { ...view, sheet: sheets.new(view) }, [['people', 'c', words.CARD_TITLES['new-people']]], open));
}

export function showHours(view) {
  const { hours } = view.people;
  const rows = hourMeans(hours);
  const cells = rows.flatMap(({ weekday, means }) => means.map((mean, hour) => ({ weekday, hour, mean })).filter(({ mean }) => mean !== null));
  const most = cells.reduce((best, cell) => (cell.mean > (best?.mean ?? 0) ? cell : best), null);
  const least = quietest(rows);
  const body = figure('hours', words.hoursCaption({ most, least, zone: hours.zone, since: hours.since, days: rows.reduce((sum, { days }) => sum + days, 0) }));
  body.plot.hidden = !most;
  const level = (mean) => (mean > 0 ? Math.max(1, Math.ceil((mean / most.mean) * LEVELS)) : 0);
  const cell = (weekday, days, mean, hour) => {
    const data = { weekday, hour, value: mean, level: mean === null ? null : level(mean) };
    const title = mean === null ? null : words.hourTitle(weekday, hour, mean, days);
    return h('td', { data, title }, mean === null ? '' : mean === 0 ? '·' : f.shortMean(mean));
  };
  const longest = Math.max(2, ...cells.map(({ mean }) => f.shortMean(mean).length));
  body.plot.style.setProperty('--longest', longest);
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

const MINUTE = 60_000;

const about = ({ context, start, end, compare }) => [
  ['Workspace', context.workspace],
  ['Period', words.fromTo(start, end)],
  ['Compared with', compare ? words.fromTo(compare.start, compare.end) : words.COMPARISON_NAMES.none],
  ['Time zone', context.zone],
];

const nameFor = ({ context, start, end }, card) => fileName(['engagement', context.workspace, card, start, end], 'csv');

export function saveCard(view, name, sheet = sheets[name](view)) {
  save(csvFile([csvOf(sheet, about(view))]), nameFor(view, name));
}

export function saveEverything(view) {
  const there = Object.keys(sheets).filter((name) => view[SOURCE[name]]);
  save(csvFile(there.map((name) => csvOf(sheets[name](view), about(view)))), nameFor(view, 'everything'));
}

function save(text, name) {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  const link = h('a', { href: url, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), MINUTE);
}
