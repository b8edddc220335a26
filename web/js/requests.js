//! Who asks, the three questions to the service, and why one of them has no answer.

import { isDay } from './days.js';

const USER = 'Meteor.userId';
const TOKEN = 'Meteor.loginToken';

function storage(name) {
  try {
    return globalThis[name] ?? null;
  } catch {
    return null;
  }
}

function suffixesFor(root, store) {
  if (!root) return [''];
  const suffixes = [];
  for (let index = 0; index < store.length; index += 1) {
    const key = store.key(index);
    if (key?.startsWith(TOKEN) && key.endsWith(`:${root}`)) suffixes.push(key.slice(TOKEN.length));
  }
  return [...suffixes.sort(), ''];
}

export function pairs(root, stores = [storage('localStorage'), storage('sessionStorage')]) {
  const found = [];
  for (const own of root ? [true, false] : [false]) {
    for (const store of stores) {
      if (!store) continue;
      try {
        for (const suffix of suffixesFor(root, store)) {
          if ((suffix !== '') !== own) continue;
          const userId = store.getItem(USER + suffix);
          const token = store.getItem(TOKEN + suffix);
          if (userId && token) found.push({ userId, token });
        }
      } catch {
        // Nothing is kept.
      }
    }
  }
  return found;
}

export const same = (a, b) => a?.userId === b?.userId && a?.token === b?.token;

export const concernsLogin = (event) => event.key === null || event.key.startsWith(USER) || event.key.startsWith(TOKEN);

export class Login {
  #root;
  #typed = null;
  #refused = null;

  constructor(root) {
    this.#root = root;
  }

  current() {
    if (this.#typed) return this.#typed;
    const all = pairs(this.#root);
    return all.find((pair) => !same(pair, this.#refused)) ?? all[0] ?? null;
  }

  other(refused) {
    if (this.#typed) return null;
    const other = pairs(this.#root).find((pair) => !same(pair, refused)) ?? null;
    if (other) this.#refused = refused;
    return other;
  }

  get isTyped() {
    return this.#typed !== null;
  }

  type(userId, token) {
    this.#typed = { userId, token };
  }

  forget() {
    this.#typed = null;
  }
}

export const GENERAL = new Set(['signed-out', 'forbidden', 'limited', 'offline', 'blocked', 'misrouted']);

export class Failure extends Error {
  constructor(kind, { wait = null, detail = '' } = {}) {
    super(kind);
    this.kind = kind;
    this.wait = wait;
    this.detail = detail;
  }
}

const isCount = (value) => value >= 0 && Number.isFinite(value);
const isCountOrNull = (value) => value === null || isCount(value);
const isDayOrNull = (value) => value === null || isDay(value);
const isText = (value) => typeof value === 'string';

const isContext = ({ workspace, zone, today, firstMessageDay, roomTypes, counting }) =>
  [workspace, zone, counting.source, ...roomTypes].every(isText) && isDay(today) && isDayOrNull(firstMessageDay);

const isPeriod = (answer, asked) =>
  answer.start === asked.start && answer.end === asked.end && [...answer.days, ...answer.compareDays].every(({ day }) => isDay(day));
const countsOf = ({ day, ...counts }) => Object.values(counts);

const isMessages = (answer, asked) =>
  isPeriod(answer, asked) &&
  answer.days.length > 0 &&
  [...answer.days, ...answer.compareDays].flatMap(countsOf).every(isCount) &&
  answer.rooms.every(
    ({ id, type, messages, before, lastDay, trend }) => isText(id) && isText(type) && isDayOrNull(lastDay) && [messages, before, ...trend].every(isCount),
  ) &&
  isCount(answer.direct.messages) &&
  isCount(answer.direct.before);

const isPeople = ({ start, end, new: newcomers, active, hours }, asked) =>
  isPeriod({ start, end, ...newcomers }, asked) &&
  isPeriod({ start, end, ...active }, asked) &&
  [newcomers, active].flatMap(({ days, compareDays }) => [...days, ...compareDays].flatMap(countsOf)).every(isCountOrNull) &&
  isDayOrNull(active.since) &&
  isDayOrNull(hours.since) &&
  hours.weekdays.every(({ weekday, days, people }) => weekday >= 1 && weekday <= 7 && people.length === 24 && [days, ...people].every(isCount));

function isShown(isGood, answer, asked) {
  try {
    return isGood(answer, asked);
  } catch {
    return false;
  }
}

const TOO_LONG_MS = 45_000;

export class Service {
  #page;
  #login;
  #version;

  constructor({ page, login, version }) {
    this.#page = page;
    this.#login = login;
    this.#version = version;
  }

  context(signal) {
    return this.#ask('context', {}, isContext, signal);
  }

  messages(question, signal) {
    return this.#ask('messages', question, isMessages, signal);
  }

  people(question, signal) {
    return this.#ask('people', question, isPeople, signal);
  }

  async #ask(name, { start, end, compare, room }, isGood, signal) {
    const url = new URL(`${this.#page}/api/${name}`, globalThis.location.origin);
    const asked = { start, end, compare: compare === 'none' ? undefined : compare, room };
    for (const [key, value] of Object.entries(asked)) if (value !== undefined && value !== null) url.searchParams.set(key, value);
    const limited = AbortSignal.timeout(TOO_LONG_MS);
    const either = AbortSignal.any([signal, limited]);
    const pair = this.#login.current();
    if (!pair) throw new Failure('signed-out');
    try {
      let response = await this.#send(url, pair, either);
      if (response.status === 401) {
        const other = this.#login.other(pair);
        if (other) response = await this.#send(url, other, either);
      }
      return await this.#read(response, isGood, asked);
    } catch (error) {
      if (signal.aborted) throw error;
      if (limited.aborted) throw new Failure('unreachable');
      throw error instanceof Failure ? error : await this.#whyNoAnswer(url, either);
    }
  }

  #send(url, { userId, token }, signal) {
    let headers;
    try {
      headers = new Headers({ 'X-User-Id': userId, 'X-Auth-Token': token, Accept: 'application/json' });
    } catch {
      throw new Failure('signed-out');
    }
    return fetch(url, { headers, mode: 'same-origin', redirect: 'error', cache: 'no-store', referrerPolicy: 'no-referrer', signal });
  }

  async #read(response, isGood, asked) {
    const { status } = response;
    const version = response.headers.get('X-Engagement-Version');
    const isJson = /^application\/json\b/i.test(response.headers.get('Content-Type') ?? '');
    const body = isJson ? await response.json().catch((error) => (error.name === 'SyntaxError' ? undefined : Promise.reject(error))) : undefined;
    const answer = typeof body === 'object' && body !== null ? body : null;
    if (status === 502 || status === 503 || status === 504) {
      const wait = Number(response.headers.get('Retry-After'));
      throw new Failure('unreachable', { wait: wait > 0 ? Math.min(wait, 60) : null, detail: String(status) });
    }
    if (status === 404 || (!isJson && status < 400)) throw new Failure('misrouted', { detail: String(status) });
    if (!answer) throw new Failure('wrong-answer', { detail: String(status) });
    if (version) this.#version(version);
    if (status === 401) throw new Failure('signed-out', { detail: 'refused' });
    if (status === 403) throw new Failure('forbidden');
    if (status === 429) throw new Failure('limited', { wait: secondsToWait(answer, response.headers) });
    if (status !== 200)
      throw new Failure('wrong-answer', { detail: typeof answer.error === 'string' ? `${status}: ${answer.error.slice(0, 200)}` : String(status) });
    if (!isShown(isGood, answer, asked)) throw new Failure('wrong-answer', { detail: '200' });
    return answer;
  }

  async #whyNoAnswer(url, signal) {
    if (globalThis.navigator.onLine === false) return new Failure('offline');
    const plain = { mode: 'same-origin', cache: 'no-store', referrerPolicy: 'no-referrer', signal };
    try {
      const response = await fetch(url, { ...plain, redirect: 'manual' });
      return new Failure(response.type === 'opaqueredirect' ? 'misrouted' : 'unreachable');
    } catch {
      try {
        const response = await fetch(this.#page, { ...plain, method: 'HEAD', redirect: 'manual' });
        return new Failure(response.ok ? 'blocked' : 'unreachable');
      } catch {
        return new Failure(globalThis.navigator.onLine === false ? 'offline' : 'unreachable');
      }
    }
  }
}

function secondsToWait(answer, headers) {
  const said = /must wait (\d+) seconds/.exec(answer.error ?? '');
  const reset = Number(headers.get('X-RateLimit-Reset'));
  const seconds = said ? Number(said[1]) : reset > 0 ? Math.ceil((reset - Date.now()) / 1000) : 30;
  return Math.max(1, Math.min(seconds, 600));
}
