//! Elements without markup: every text becomes a text node, whatever it holds.

const SVG = 'http://www.w3.org/2000/svg';

function fill(element, attributes, children) {
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

export const h = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);

export const svg = (tag, attributes = {}, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

/** A text from the database: its direction is its own and does not reach what stands beside it. */
export const bdi = (text) => h('bdi', {}, text);

/** What looks like a link and acts here. */
export const press = (text, act, className = 'link') => h('button', { type: 'button', class: className, on: { click: act } }, text);

/** A table that scrolls in its own box. */
export const tableBox = (title, className, columns, rows) =>
  h(
    'div',
    { class: 'scroller', tabindex: '0', role: 'region', 'aria-label': `Table: ${title}` },
    h('table', { class: className, data: { table: '' } }, h('caption', { class: 'hidden' }, title), h('thead', {}, h('tr', {}, columns)), h('tbody', {}, rows)),
  );

/** Rows are made anew again and again: gives what takes the focus back to this element, or to the new one that stands for the same. */
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
  // From the end, so that the newest point is as full as the others.
  for (let end = values.length; end - size >= 0; end -= size) {
    const part = values.slice(end - size, end).filter((value) => value !== null);
    sums.unshift(part.length ? part.reduce((a, b) => a + b, 0) : null);
  }
  return sums;
}
