//! What concerns the whole page, said once at its top.

import { byId, h } from './dom.js';

/** Each notice: `name`, `title`, `text`, `button` as `{ text, act }`, `link` as `{ text, href }`, `quiet` for what is no trouble. */
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
      notice.button ? h('button', { type: 'button', class: 'button', on: { click: notice.button.act } }, notice.button.text) : null,
    );
  });
  if (elements.length !== place.children.length || elements.some((element, index) => place.children[index] !== element)) place.replaceChildren(...elements);
}
