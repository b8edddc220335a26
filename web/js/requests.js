//! The three questions to the service, and why one of them has no answer.

import { isDay } from './days.js';

export const GENERAL = new Set(['signed-out', 'forbidden', 'limited', 'offline', 'blocked', 'misrouted']);

export class Failure extends Error {
  constructor(kind, { wait = null, detail = '' } = {}) {
    super(kind);
    this.kind = kind;
    this.wait = wait;
    this.detail = detail;
  }
}

const isCount = (value) => Number.isFinite(value) && value >= 0;
const isText = (value) => typeof value === 'string';
const orNull = (good) => (value) => value === null || good(value);
const isDayOrNull = orNull(isDay);
const isObject = (value) => typeof value === 'object' && value !== null;
const listOf = (good) => (value) => Array.isArray(value) && value.every(good);
const isTrend = listOf(isCount);
/** Whether each named part is there and good; nothing is guessed from an answer that is not. */
const has = (parts) => (value) => isObject(value) && Object.entries(parts).every(([name, good]) => good(value[name]));

const isPeriod = (answer, asked) => answer.start === asked.start && answer.end === asked.end && orNull(has({ start: isDay, end: isDay }))(answer.compare);
const isMessagesDays = listOf((item) => isObject(item) && isDay(item.day) && Object.entries(item).every(([key, value]) => key === 'day' || isCount(value)));
const isNewDays = listOf(has({ day: isDay, people: isCount }));
const isActiveDays = listOf(has({ day: isDay, day1: orNull(isCount), day7: orNull(isCount), day30: orNull(isCount) }));
const isWeekday = (value) => Number.isInteger(value) && value >= 1 && value <= 7;
const optional = (good) => (value) => value === undefined || value === null || good(value);

const isContext = has({ workspace: isText, zone: isText, today: isDay, firstMessageDay: isDayOrNull, roomTypes: listOf(isText), counting: isObject });

const messagesParts = has({
  days: isMessagesDays,
  compareDays: isMessagesDays,
  rooms: listOf(has({ id: isText, name: optional(isText), type: isText, messages: isCount, before: isCount, lastDay: optional(isDay), trend: isTrend })),
});
const isMessages = (answer, asked) =>
  isPeriod(answer, asked) &&
  messagesParts(answer) &&
  answer.days.length > 0 &&
  (asked.room !== undefined || has({ messages: isCount, before: isCount })(answer.direct));

const peopleParts = has({
  new: has({ days: isNewDays, compareDays: isNewDays }),
  active: has({ since: isDayOrNull, days: isActiveDays, compareDays: isActiveDays }),
  hours: has({ since: isDayOrNull, weekdays: listOf(has({ weekday: isWeekday, days: isCount, people: (value) => isTrend(value) && value.length === 24 })) }),
});
const isPeople = (answer, asked) => isPeriod(answer, asked) && peopleParts(answer);

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
      // A text that no header can carry is no login.
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
    if (!isGood(answer, asked)) throw new Failure('wrong-answer', { detail: '200' });
    return answer;
  }

  /** A request that failed before any answer: asks once more without the login, to tell a redirect, a blocker and a server that is away apart. */
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

/** The service's own number of seconds first: it does not depend on this computer's clock. */
function secondsToWait(answer, headers) {
  const said = /must wait (\d+) seconds/.exec(answer.error ?? '');
  const reset = Number(headers.get('X-RateLimit-Reset'));
  const seconds = said ? Number(said[1]) : reset > 0 ? Math.ceil((reset - Date.now()) / 1000) : 30;
  return Math.max(1, Math.min(seconds, 600));
}
