//! The last choice of period and comparison in this browser. Nothing else is kept.

import { isDay } from './days.js';
import { COMPARISONS, PERIODS } from './periods.js';

const KEY = 'engagement.view';

export function lastChoice() {
  try {
    const { period, start, end, compare } = JSON.parse(localStorage.getItem(KEY) ?? '{}') ?? {};
    const choice = {};
    if (PERIODS.includes(period)) choice.period = period;
    else if (period === 'custom' && isDay(start) && isDay(end) && start <= end) Object.assign(choice, { period, start, end });
    if (COMPARISONS.includes(compare)) choice.compare = compare;
    return choice;
  } catch {
    return {};
  }
}

export function remember({ period, start, end, compare }) {
  const choice = period === 'custom' ? { period, start, end, compare } : { period, compare };
  try {
    localStorage.setItem(KEY, JSON.stringify(choice));
  } catch {
    // A browser that keeps nothing begins with the defaults again.
  }
}
