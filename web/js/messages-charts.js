//! Messages: over time, by type of room, the five busiest channels.

import { bars, figure, partList } from './cards.js';
import { colour, columns, draw, fill, tooltip } from './charts.js';
import { bdi, press } from './dom.js';
import * as f from './format.js';
import { busiestDay } from './numbers.js';
import { sheets } from './view.js';
import * as words from './words.js';

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
