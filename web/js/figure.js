//! The parts of a card with a chart: its caption, its legend and the place of its drawing.

import { bdi, card, h } from './dom.js';
import * as words from './words.js';

/** `caption` is a text or a list of parts; a room in it is shown by its name. */
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
