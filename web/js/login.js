//! Who is logged in to Rocket.Chat in this browser. Read for each request and kept nowhere else.

const USER = 'Meteor.userId';
const TOKEN = 'Meteor.loginToken';

function storage(name) {
  try {
    return globalThis[name] ?? null;
  } catch {
    return null;
  }
}

/** What Meteor puts behind both names where `ROOT_URL` has a path: it ends in a colon and that path. */
function suffixesFor(root, store) {
  if (!root) return [''];
  const suffixes = [];
  for (let index = 0; index < store.length; index += 1) {
    const key = store.key(index);
    if (key?.startsWith(TOKEN) && key.endsWith(`:${root}`)) suffixes.push(key.slice(TOKEN.length));
  }
  return [...suffixes.sort(), ''];
}

/**
 * The pairs there are, best first: those of our own path, then the bare ones; `localStorage` before `sessionStorage`. `stores` can be given by tests.
 */
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
        // The browser took the storage away: nobody is logged in there.
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

  /** The pair to ask with, or null. A pair that was refused comes last. */
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
