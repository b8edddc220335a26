//! The bar, what is asked, what is shown, and in which state the page is.

import * as cards from './charts.js';
import {
  announce,
  bdi,
  byId,
  card,
  disclosure,
  fit,
  h,
  placeOf,
  redraw,
  saveCard,
  saveEverything,
  showActive,
  showBusiest,
  showHours,
  showMessagesChart,
  showNew,
  showNotices,
  showTable,
  showTopChannels,
  showWhere,
} from './charts.js';
import { COMPARISONS, PERIODS, comparisonOf, daysOf, format, isPeriod, lastChoice, nameOf, parse, remember, step } from './days.js';
import * as f from './format.js';
import { SOURCE, around, askAround, forgetAround, makeView, sheets } from './numbers.js';
import { Failure, GENERAL, Login, Service, concernsLogin } from './requests.js';
import {
  clearChannels,
  closePanel,
  failPanel,
  openPanel,
  showChanged,
  showChannel,
  showChannels,
  showDay,
  showMessagesNumbers,
  showPeopleNumbers,
  showToday,
  shownRooms,
  startChannels,
  startPanel,
} from './sections.js';
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
    showChoice(current());
    return byId('range').click();
  });
  byId('custom').addEventListener('submit', (event) => {
    event.preventDefault();
    if (!isPeriod(start.value, end.value)) {
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
      // Nothing is kept.
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

cards.makeTools();

const REFRESH_MS = 60_000;
const HISTORY_MS = 10_000;
const LONGEST_WAIT = 60;

const { page, root, version } = document.documentElement.dataset;

const login = new Login(root);
let otherVersion = false;
const service = new Service({
  page,
  login,
  version(answered) {
    otherVersion = answered !== version;
  },
});

let state = begin(location.search, history.state);
let context = null;
let view = null;
let held = { messages: null, people: null, todayMessages: null };
let failures = { context: null, messages: null, people: null, todayMessages: null };
let controller = new AbortController();
let busy = false;
let silent = false;
let askedAs = null;
let attempts = 0;
let retryAt = null;
let loadedAt = null;
let panelShows = null;
let panelController = new AbortController();

// The view and the address.

function begin(query, kept) {
  const parsed = parse(query);
  const choice = lastChoice();
  if (parsed.period === null) Object.assign(parsed, { period: choice.period ?? '30d', start: choice.start ?? null, end: choice.end ?? null });
  else if (parsed.period === 'custom' && PERIODS.includes(kept?.period)) Object.assign(parsed, { period: kept.period, start: null, end: null });
  parsed.compare ??= choice.compare ?? 'previous';
  return parsed;
}

const days = () => (state.start && state.end ? { start: state.start, end: state.end } : null);

const question = () => `${state.start} ${state.end} ${state.compare}`;

function writeAddress({ push = false, panel = Boolean(history.state?.panel) } = {}) {
  const kept = { period: state.period === 'custom' ? null : state.period, panel };
  history[push ? 'pushState' : 'replaceState'](kept, '', `${page}${format(state)}`);
}

function change(patch, options) {
  state = { ...state, ...patch };
  writeAddress(options);
}

function settleDays() {
  const { today, firstMessageDay } = context;
  if (state.period === 'custom') state.period = nameOf(days(), today, firstMessageDay);
  else Object.assign(state, daysOf(state.period, today, firstMessageDay));
  writeAddress();
}

function showBar() {
  showChoice({ period: state.period, days: days(), compare: state.compare, today: context?.today });
}

// Asking.

async function load({ quiet = false } = {}) {
  controller.abort();
  controller = new AbortController();
  const { signal } = controller;
  retryAt = null;
  const pair = login.current();
  if (!pair) return signedOut('');
  askedAs = pair.userId;
  busy = true;
  silent = quiet;
  if (!quiet) cards.NAMES.filter((name) => !isCurrent(SOURCE[name])).forEach(cards.loading);
  showBar();
  showState();

  const asking = ask('context', () => service.context(signal), signal).then((answer) => {
    if (!answer) return null;
    context = answer;
    showContext();
    return answer;
  });
  let goesOn = true;
  if (!days() || state.period !== 'custom') {
    goesOn = (await asking) !== null;
    if (signal.aborted) return undefined;
    if (context) settleDays();
    showBar();
  }
  const asked = days();
  if (asked && goesOn) {
    const key = question();
    const whole = { ...asked, compare: state.compare };
    const show = (name, answer) => answer && asking.then(() => context && !signal.aborted && keep(name, key, answer));
    await Promise.all([
      ask('messages', () => service.messages(whole, signal), signal).then((answer) => show('messages', answer)),
      ask('people', () => service.people(whole, signal), signal).then((answer) => show('people', answer)),
      asking.then((answer) => answer && loadToday(signal)),
    ]);
  }
  if (signal.aborted) return undefined;
  busy = false;
  if (context && state.period === 'custom' && asked) {
    settleDays();
    showBar();
  }
  finish(quiet);
  return undefined;
}

function finish(quiet) {
  const failure = worst();
  if (failure) return failed(failure);
  attempts = 0;
  loadedAt = Date.now();
  showUpdated();
  showState();
  if (!quiet && view) announce(words.loaded(f.range(view.start, view.end)));
  syncPanel();
  return lookAround();
}

async function ask(name, request, signal) {
  try {
    const answer = await request();
    if (signal.aborted) return null;
    failures[name] = null;
    return answer;
  } catch (error) {
    if (signal.aborted) return null;
    failures[name] = error instanceof Failure ? error : new Failure('wrong-answer');
    showState();
    return null;
  }
}

async function loadToday(signal) {
  const { today } = context;
  const answer = await ask('todayMessages', () => service.messages({ start: today, end: today }, signal), signal);
  if (answer && !signal.aborted) keep('todayMessages', today, answer);
}

function keep(name, key, answer) {
  const text = JSON.stringify([answer, context]);
  const isSame = held[name]?.key === key && held[name].text === text;
  held[name] = { key, answer, text };
  if (isSame) return;
  const goBack = document.activeElement?.closest('[data-card]') && placeOf(document.activeElement);
  render(name);
  if (goBack && document.activeElement === document.body) goBack();
}

const keyOf = (name) => (name === 'todayMessages' ? context?.today : question());

const isCurrent = (name) => held[name] !== null && held[name].key === keyOf(name);

const current = (name) => (isCurrent(name) ? held[name].answer : null);

async function lookAround() {
  const key = question();
  if (!view?.messages || around(key).around) return;
  const { signal } = controller;
  const { start, end } = view;
  const there = await askAround({ service, context, start, end, key, signal }).catch(() => false);
  if (there && !signal.aborted && key === question()) renderChanged();
}

// Showing.

function showContext() {
  byId('workspace').textContent = context.workspace;
  document.title = context.workspace ? words.title(context.workspace) : words.title();
  byId('zone').textContent = words.zone(context.zone);
}

function showUpdated() {
  byId('updated').textContent = loadedAt && context ? words.updated(f.time(loadedAt, context.zone)) : '';
}

function makeCurrentView() {
  const { around: others, roomsBefore } = around(question());
  view = makeView({ context, messages: current('messages'), people: current('people'), todayMessages: current('todayMessages'), around: others, roomsBefore });
  byId('printed').textContent = words.printed(view);
}

function render(name) {
  if (name === 'todayMessages' && !current('messages') && !current('people')) {
    const today = { context, today: context.today, todayMessages: current('todayMessages') };
    cards.attempt('today', false, () => showToday(today, openRow));
    return;
  }
  makeCurrentView();
  if (name === 'messages') renderMessages();
  if (name === 'people') renderPeople();
  if (current('todayMessages')) cards.attempt('today', false, () => showToday(view, openRow));
  if (name !== 'todayMessages' && view.messages) renderChanged();
  showState();
}

function renderMessages() {
  const nobody = view.total === 0;
  cards.attempt('messages', nobody, () => showMessagesNumbers(view));
  cards.ready('active-channels', view.activeRooms.now === 0);
  cards.attempt('messages-chart', nobody, () => showMessagesChart(view, openRow));
  cards.attempt('where', nobody, () => showWhere(view));
  cards.attempt('top-channels', view.topRooms.length === 0, () => showTopChannels(view, openRoom));
  cards.attempt('channels', view.messages.rooms.length === 0, () => showChannels(view, state));
  cards.WITH_TABLE.forEach(syncTable);
  syncPanel();
}

function renderPeople() {
  const unknown = !view.people.active.since;
  cards.attempt('active-people', unknown, () => showPeopleNumbers(view));
  cards.ready('new-people', view.newPeople === 0);
  cards.attempt('active', unknown, () => showActive(view, openRow));
  cards.attempt('new', view.newPeople === 0, () => showNew(view, openRow));
  cards.attempt('hours', !view.people.hours.since, () => showHours(view));
  cards.attempt('busiest-hours', !view.people.hours.since, () => showBusiest(view));
  cards.ready('busiest-weekdays', unknown);
  cards.WITH_TABLE.forEach(syncTable);
}

function renderChanged() {
  makeCurrentView();
  cards.attempt('changed', view.findings.length === 0, () => showChanged(view, { openDay, openRoom, showQuiet }));
}

function syncTable(name) {
  if (view?.[SOURCE[name]]) showTable(name, state.tables.includes(name), () => sheets[name](view), openRow);
}

function showQuiet() {
  changeChannels({ quiet: true, page: 1 });
  card('channels').scrollIntoView({ block: 'start' });
  byId('channel-quiet').focus({ preventScroll: true });
}

function changeChannels(patch) {
  if (!view?.messages) return;
  change(patch);
  showChannels(view, state);
}

function openRow({ day, from, to, room }) {
  if (day) openDay(day);
  else if (room) openRoom(room);
  else if (from) stepTo({ start: from, end: to });
}

// States.

function general() {
  const all = Object.values(failures).filter(Boolean);
  const { messages, people } = failures;
  return all.find(({ kind }) => GENERAL.has(kind)) ?? failures.context ?? (messages && people && messages.kind === people.kind ? messages : null);
}

const worst = () => general() ?? failures.messages ?? failures.people ?? failures.todayMessages;

function failed(failure) {
  if (failure.kind === 'signed-out') return signedOut(failure.detail);
  if (failure.kind === 'forbidden') wipe();
  const waits = { unreachable: failure.wait ?? Math.min(LONGEST_WAIT, 2 ** attempts), limited: failure.wait, offline: LONGEST_WAIT }[failure.kind];
  attempts += 1;
  retryAt = waits ? Date.now() + waits * 1000 : null;
  showState();
  syncPanel();
  return undefined;
}

function signedOut(detail) {
  const typed = login.isTyped;
  controller.abort();
  login.forget();
  wipe();
  failures = { context: new Failure('signed-out', { detail: typed ? 'refusedTyped' : detail }), messages: null, people: null, todayMessages: null };
  busy = false;
  retryAt = null;
  askedAs = null;
  showBar();
  showState();
}

function wipe() {
  held = { messages: null, people: null, todayMessages: null };
  view = null;
  context = null;
  loadedAt = null;
  panelController.abort();
  panelShows = null;
  closePanel();
  clearChannels();
  forgetAround();
  cards.NAMES.forEach(cards.empty);
  for (const id of ['workspace', 'zone', 'updated', 'printed', 'announcement']) byId(id).textContent = '';
  document.title = words.title();
}

const secondsLeft = () => (retryAt ? Math.max(0, Math.ceil((retryAt - Date.now()) / 1000)) : 0);

function showState() {
  const failure = general();
  const newVersion = otherVersion && (!failure || failure.kind === 'wrong-answer');
  document.body.dataset.state =
    newVersion && !busy ? 'new-version' : failure && !(busy && !silent && attempts === 0) ? failure.kind : busy && !silent ? 'loading' : 'ready';
  const bySource = { messages: failures.messages, people: failures.people, todayMessages: failures.todayMessages };
  for (const name of cards.NAMES) {
    const own = bySource[SOURCE[name]] ?? failure;
    const element = card(name);
    if (own && (!busy || silent)) {
      if (!isCurrent(SOURCE[name])) cards.empty(name);
      cards.failed(name, own.kind, failure ? '' : words.cardFailed(own.kind, secondsLeft()));
    } else if (!own && isCurrent(SOURCE[name]) && !['ready', 'empty'].includes(element.dataset.state)) cards.ready(name, element.dataset.state === 'empty');
  }
  const nothingThere = !isCurrent('messages') && !isCurrent('people');
  byId('numbers').hidden = Boolean(failure) && nothingThere && !busy;
  byId('sign-in-section').hidden = failure?.kind !== 'signed-out';
  showNotices([...(newVersion ? [newVersionNotice()] : failure ? [failureNotice(failure, nothingThere)] : []), ...quietNotices(failure)]);
}

const again = () => ({ text: words.BUTTONS.again, act: () => load({ quiet: view !== null }) });

const newVersionNotice = () => ({ name: 'new-version', ...words.NOTICES['new-version'], button: { text: words.BUTTONS.reload, act: () => location.reload() } });

function failureNotice({ kind, detail }, nothingThere) {
  const said = words.NOTICES[kind];
  if (kind === 'signed-out') return { name: kind, title: said.title, text: said[detail] ?? said.text, link: { text: words.openRocketChat, href: `${root}/` } };
  if (kind === 'forbidden') return { name: kind, title: said.title, text: said.text, button: again() };
  const dated = !nothingThere && loadedAt && context ? ` ${words.numbersOf(f.time(loadedAt, context.zone), context.zone)}` : '';
  const text = kind === 'wrong-answer' ? said.text(detail) : said.text(secondsLeft());
  return { name: kind, title: said.title, text: text + dated, button: kind === 'limited' ? null : again(), counts: true };
}

function quietNotices(failure) {
  const notices = [];
  const say = (name, text) => notices.push({ name, text, quiet: true });
  if (!context || (failure && GENERAL.has(failure.kind))) return notices;
  const { source, loadedDays, historyDays } = context.counting;
  if (source === 'loading') say('history-loading', words.NOTICES['history-loading'](loadedDays ?? 0, historyDays ?? 0));
  else if (source && source !== 'live') say('counted-by-mongodb', words.NOTICES['counted-by-mongodb']);
  if (!view?.messages) return notices;
  if (context.firstMessageDay === null) say('empty', words.NOTICES.noMessagesAtAll);
  else if (view.total === 0) say('empty', words.NOTICES.empty);
  else if (view.known && includesToday()) say('today', words.NOTICES.today);
  if (context.firstMessageDay && view.total > 0 && view.start < context.firstMessageDay) say('young', words.NOTICES.young(context.firstMessageDay));
  return notices;
}

// Panels.

function openDay(day) {
  open({ day, room: null });
}

function openRoom(room) {
  open({ day: null, room });
}

function open(patch) {
  const isOpen = Boolean(state.day || state.room);
  change(patch, isOpen ? {} : { push: true, panel: true });
  syncPanel();
}

function leavePanel() {
  const pushed = history.state?.panel;
  state = { ...state, day: null, room: null };
  syncPanel();
  if (pushed) history.back();
  else writeAddress({ panel: false });
}

function syncPanel() {
  const { day, room } = state;
  const shows = day ? `day ${day}` : room ? `room ${room} ${question()}` : null;
  if (shows === panelShows) return;
  if (!shows) {
    panelController.abort();
    panelShows = null;
    closePanel();
    return;
  }
  if (!context || (room && !current('messages'))) return;
  panelShows = shows;
  panelController.abort();
  panelController = new AbortController();
  const { signal } = panelController;
  const act = day ? loadDay(day, signal) : loadRoom(room, signal);
  act.catch((error) => {
    if (signal.aborted) return;
    const failure = error instanceof Failure ? error : new Failure('wrong-answer');
    if (failure.kind === 'signed-out' || failure.kind === 'forbidden') {
      failures.context = failure;
      failed(failure);
      return;
    }
    failPanel(words.cardFailed(failure.kind, 0), () => {
      panelShows = null;
      syncPanel();
    });
  });
}

async function loadDay(day, signal) {
  openPanel('day', { day, title: f.day(day), today: context.today });
  const asked = { start: day, end: day, compare: 'weekdays' };
  const [messages, people] = await Promise.all([
    service.messages(asked, signal),
    service.people(asked, signal).catch((error) => (error.kind === 'wrong-answer' || error.kind === 'unreachable' ? null : Promise.reject(error))),
  ]);
  if (!signal.aborted) showDay({ context, messages, people, day });
}

async function loadRoom(id, signal) {
  const all = current('messages');
  const known = all.rooms.find((room) => room.id === id);
  openPanel('channel', { title: bdi(words.roomName(known ?? { id })) });
  const messages = await service.messages({ ...days(), compare: state.compare, room: id }, signal);
  if (signal.aborted) return;
  const room = known ?? messages.rooms.find((one) => one.id === id) ?? { id, name: '', type: '', lastDay: null };
  byId('panel-title').replaceChildren(bdi(words.roomName(room)));
  showChannel({ context, messages, all, room, root });
}

// Choosing.

function choosePeriod({ period, start = null, end = null }) {
  const chosen = period === 'custom' ? { start, end } : context ? daysOf(period, context.today, context.firstMessageDay) : { start: null, end: null };
  change({ period, ...chosen, page: 1 }, { push: true, panel: false });
  remember(state);
  load();
}

function stepTo(moved) {
  change({ period: context ? nameOf(moved, context.today, context.firstMessageDay) : 'custom', ...moved, page: 1 }, { push: true, panel: false });
  load();
}

function chooseComparison(compare) {
  change({ compare, page: 1 }, { push: true, panel: false });
  remember(state);
  load();
}

addEventListener('popstate', (event) => {
  const before = question();
  const tableBefore = JSON.stringify(tableOf(state));
  state = begin(location.search, event.state);
  if (context) settleDays();
  showBar();
  if (question() !== before || !view) load();
  else if (JSON.stringify(tableOf(state)) !== tableBefore) {
    if (view.messages) showChannels(view, state);
    cards.WITH_TABLE.forEach(syncTable);
  }
  syncPanel();
});

const tableOf = ({ search, type, quiet, sort, page: at, size, tables }) => [search, type, quiet, sort, at, size, tables];

document.addEventListener('click', ({ target }) => {
  const button = target.closest?.('[data-card] [data-action]');
  if (!button) return;
  const { card: name } = button.closest('[data-card]').dataset;
  if (!view?.[SOURCE[name]]) return;
  if (button.dataset.action === 'table') {
    const tables = state.tables.includes(name) ? state.tables.filter((other) => other !== name) : [...state.tables, name];
    change({ tables });
    syncTable(name);
    redraw();
  } else saveCard(view, name, name === 'channels' ? sheets.channels(view, shownRooms()) : undefined);
});

startBar({
  choosePeriod,
  stepTo,
  chooseComparison,
  refresh: () => load({ quiet: view !== null }),
  exportEverything: () => view && saveEverything(view),
  print: () => window.print(),
  current: () => ({ period: state.period, days: days(), compare: state.compare, today: context?.today }),
});
startChannels({ changed: changeChannels, openRoom });
startPanel({ closed: leavePanel, openDay, openRoom });
startTheme(redraw);
startPrint();

// Signing in and out.

byId('sign-in').addEventListener('submit', (event) => {
  event.preventDefault();
  const user = byId('sign-in-user');
  const token = byId('sign-in-token');
  login.type(user.value.trim(), token.value.trim());
  token.value = '';
  failures.context = null;
  load();
});

function checkLogin() {
  const pair = login.current();
  if (!pair) {
    if (askedAs !== null || view) signedOut('');
  } else if (pair.userId !== askedAs) {
    if (askedAs !== null) wipe();
    failures.context = null;
    load();
  }
}

addEventListener('storage', (event) => concernsLogin(event) && checkLogin());
addEventListener('pageshow', (event) => event.persisted && checkLogin());

// Time.

const includesToday = () => context !== null && state.start <= context.today && context.today <= state.end;

function refreshQuietly() {
  if (busy || document.hidden || !context || general() || !view) return;
  const isPartFailed = worst() !== null;
  if (includesToday() || isPartFailed) {
    load({ quiet: true });
    return;
  }
  const { signal } = controller;
  const { today } = context;
  ask('context', () => service.context(signal), signal).then((answer) => {
    if (!answer || signal.aborted) return;
    context = answer;
    if (answer.today !== today) load({ quiet: true });
    else loadToday(signal).then(() => finish(true));
  });
}

setInterval(refreshQuietly, REFRESH_MS);

setInterval(() => {
  if (busy || document.hidden || context?.counting.source !== 'loading' || general()) return;
  const { signal } = controller;
  ask('context', () => service.context(signal), signal).then((answer) => {
    if (!answer || signal.aborted) return;
    context = answer;
    showState();
  });
}, HISTORY_MS);

setInterval(() => {
  if (!retryAt || busy) return;
  if (secondsLeft() === 0) load({ quiet: view !== null });
  else showState();
}, 1000);

addEventListener('online', () => failures && general()?.kind === 'offline' && load({ quiet: view !== null }));
addEventListener('offline', () => {
  if (busy || general()) return;
  failures.context = new Failure('offline');
  failed(failures.context);
});
document.addEventListener('visibilitychange', () => {
  if (document.hidden) return;
  checkLogin();
  if (loadedAt && Date.now() - loadedAt > REFRESH_MS) refreshQuietly();
});

load();
