//! The five busiest channels as bars.

import { bdi, h } from './dom.js';
import { figure } from './figure.js';
import * as f from './format.js';
import * as words from './words.js';

export function showTopChannels(view, openRoom) {
  const body = figure('top-channels', words.topCaption(view.topRooms, view.total));
  const most = view.topRooms[0]?.messages ?? 1;
  body.plot.replaceChildren(
    h(
      'ol',
      { class: 'bars' },
      view.topRooms.map((room) =>
        h(
          'li',
          { data: { room: room.id, value: room.messages, type: room.type } },
          h('button', { type: 'button', class: 'link name', on: { click: () => openRoom(room.id) } }, bdi(words.roomName(room))),
          h('span', { class: 'bar', 'aria-hidden': 'true', vars: { part: room.messages / most } }),
          h('span', { class: 'value' }, f.number(room.messages)),
          h('span', { class: 'part' }, f.share(room.messages / view.total)),
        ),
      ),
    ),
  );
}
