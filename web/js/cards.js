//! The state of each card, and emptying all of them.

import { erase } from './charts.js';
import { card, h } from './dom.js';
import { SOURCE } from './sheets.js';
import * as words from './words.js';

export const NAMES = Object.keys(SOURCE);

export const cardsOf = (source) => NAMES.filter((name) => SOURCE[name] === source);

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

/** A card without numbers says why; one that has its numbers keeps them. */
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

/** Draws one card; what goes wrong in it stays in it. */
export function attempt(name, isEmpty, act) {
  try {
    act();
    ready(name, isEmpty);
  } catch {
    empty(name);
    failed(name, 'wrong-answer', words.cardFailed('wrong-answer', 0));
  }
}

/** Takes every number of a card out of the document. */
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
