//! A small line without axes: only its shape speaks, the number stands beside it.

import { svg } from './dom.js';

const WIDTH = 100;
const HEIGHT = 28;
const EDGE = 2;

/** `values` may hold null where nothing is known. Null where there is no shape to see. */
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

/** At most `most` points: sums of days side by side. */
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
