//! A change as it is shown beside its number. Direction by arrow, sign and words, never by colour alone.

import { h } from './dom.js';
import * as f from './format.js';
import * as words from './words.js';

/** `before` is the number before, `unknown` what to say where the comparison reaches before the first known day. */
export function changeMark(change, { before = null, format = f.difference, formatBefore = f.number, unknown = '', short = false } = {}) {
  const data = { change: '', kind: change.kind, value: change.difference, share: change.share };
  const { arrow, main, detail } = words.change(change, format);
  if (change.kind === 'none') return h('p', { class: 'change', data }, short ? '' : words.notCompared);
  if (change.kind === 'no-data') return h('p', { class: 'change', data }, short ? '' : unknown);
  const direction = change.difference > 0 ? 'more' : change.difference < 0 ? 'less' : 'same';
  const pill = h('span', { class: `pill ${direction}` }, h('span', { 'aria-hidden': 'true' }, arrow), ` ${main}`);
  const rest = [detail, before === null ? '' : words.before(formatBefore(before))].filter(Boolean).join(', ');
  return h('p', { class: 'change', data, title: short ? rest : null }, pill, !short && rest ? h('span', { class: 'rest' }, ` ${rest}`) : null);
}
