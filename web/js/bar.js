//! The sticky bar, the theme, and paper.

import { fit, redraw } from './charts.js';
import { COMPARISONS, PERIODS, comparisonOf, isDay, step } from './days.js';
import { announce, byId, disclosure, h } from './dom.js';
import * as f from './format.js';
import * as words from './words.js';

export function startBar({ choosePeriod, stepTo, chooseComparison, refresh, exportEverything, print, current }) {
  byId('period').replaceChildren(
    ...PERIODS.map((period) => h('option', { value: period }, words.PERIOD_NAMES[period])),
    h('option', { value: 'custom' }, words.PERIOD_NAMES.custom),
  );
  byId('compare').replaceChildren(...COMPARISONS.map((comparison) => h('option', { value: comparison }, words.COMPARISON_NAMES[comparison])));

  const start = byId('custom-start');
  const end = byId('custom-end');
  const custom = disclosure(byId('range'), byId('custom'), {
    opened() {
      const { days } = current();
      byId('custom-wrong').textContent = '';
      start.value = days?.start ?? '';
      end.value = days?.end ?? '';
      start.focus();
    },
  });
  byId('period').addEventListener('change', ({ target }) => {
    if (target.value !== 'custom') return choosePeriod({ period: target.value });
    // Own dates are chosen in the form; until then what is shown stays what is named.
    showChoice(current());
    return byId('range').click();
  });
  byId('custom').addEventListener('submit', (event) => {
    event.preventDefault();
    if (!isDay(start.value) || !isDay(end.value) || start.value > end.value) {
      byId('custom-wrong').textContent = words.wrongDates;
      return;
    }
    custom.close();
    byId('range').focus();
    choosePeriod({ period: 'custom', start: start.value, end: end.value });
  });
  for (const [id, direction] of [
    ['earlier', -1],
    ['later', 1],
  ]) {
    byId(id).addEventListener('click', () => {
      const { days, today } = current();
      const moved = days && today && step(days, direction, today);
      if (moved) stepTo(moved);
    });
  }
  byId('compare').addEventListener('change', ({ target }) => chooseComparison(target.value));
  byId('refresh').addEventListener('click', refresh);
  const choices = disclosure(byId('export'), byId('export-choices'));
  byId('export-everything').addEventListener('click', () => {
    choices.close();
    byId('export').focus();
    exportEverything();
  });
  byId('print').addEventListener('click', () => {
    choices.close();
    byId('export').focus();
    print();
  });
  byId('copy-link').addEventListener('click', () => copyLink(byId('copy-link')));
}

/** By selection: the policy of the page may keep the clipboard's own interface off, and asking for it would be an error. */
function copyLink(button) {
  const field = h('textarea', { class: 'hidden', readonly: true });
  field.value = location.href;
  document.body.append(field);
  field.select();
  const isCopied = document.execCommand('copy');
  field.remove();
  const label = button.dataset.label ?? button.textContent;
  Object.assign(button, { textContent: isCopied ? words.BUTTONS.copied : words.BUTTONS.notCopied }).dataset.label = label;
  button.focus();
  announce(button.textContent);
  setTimeout(() => (button.textContent = label), 2500);
}

export function showChoice({ period, days, compare, today }) {
  byId('period').value = period ?? 'custom';
  byId('compare').value = compare;
  const range = byId('range');
  const against = byId('compare-range');
  const comparison = days ? comparisonOf(compare, days) : null;
  range.textContent = days ? f.range(days.start, days.end) : '…';
  put(range, days);
  against.textContent = comparison ? f.range(comparison.start, comparison.end) : '';
  put(against, comparison);
  byId('earlier').disabled = !days || !today || !step(days, -1, today);
  byId('later').disabled = !days || !today || !step(days, 1, today);
}

function put(element, days) {
  if (days) Object.assign(element.dataset, { start: days.start, end: days.end });
  else {
    delete element.dataset.start;
    delete element.dataset.end;
  }
}

const KEY = 'engagement.theme';

export function startTheme(changed) {
  const choice = byId('theme');
  choice.value = document.documentElement.dataset.theme ?? '';
  choice.addEventListener('change', () => {
    apply(choice.value);
    try {
      if (choice.value) localStorage.setItem(KEY, choice.value);
      else localStorage.removeItem(KEY);
    } catch {
      // Not remembered, but chosen.
    }
    changed();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
  matchMedia('(forced-colors: active)').addEventListener('change', changed);
}

function apply(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

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
    fit();
  });
}
