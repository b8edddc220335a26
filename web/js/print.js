//! On paper: always light, hatched, and charts as wide as their cards there.

import { fit, redraw } from './charts.js';

export function startPrint() {
  const root = document.documentElement;
  addEventListener('beforeprint', () => {
    root.classList.add('printing');
    redraw();
    fit();
  });
  addEventListener('afterprint', () => {
    root.classList.remove('printing');
    redraw();
  });
}
