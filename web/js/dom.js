//! Elements without markup: every text becomes a text node, whatever it holds.

const SVG = 'http://www.w3.org/2000/svg';

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'on') for (const [type, listener] of Object.entries(value)) element.addEventListener(type, listener);
    else if (name === 'data') for (const [key, item] of Object.entries(value)) { if (item !== null && item !== undefined) element.dataset[key] = String(item); }
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

export const byId = (id) => document.getElementById(id);

export const card = (name) => document.querySelector(`[data-card="${name}"]`);

/** For those who do not see what changed. */
export function announce(text) {
  byId('announcement').textContent = text;
}
