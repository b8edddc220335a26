import assert from 'node:assert/strict';
import test from 'node:test';
import { Login, concernsLogin, pairs } from '../js/requests.js';

function store(items) {
  const map = new Map(Object.entries(items));
  return {
    get length() {
      return map.size;
    },
    key: (index) => [...map.keys()][index] ?? null,
    getItem: (key) => map.get(key) ?? null,
  };
}

const pair = (name, suffix = '') => ({ [`Meteor.userId${suffix}`]: name, [`Meteor.loginToken${suffix}`]: `${name}-token` });
const users = (root, ...stores) => pairs(root, stores.map(store)).map(({ userId }) => userId);

test('without a path the bare pair, and no other', () => {
  assert.deepEqual(users('', { ...pair('other', ':/:/chat'), ...pair('own') }, {}), ['own']);
});

test('with a path the pair whose suffix ends in it, then the bare pair', () => {
  const all = { ...pair('bare'), ...pair('own', ':/:/chat'), ...pair('foreign', ':/:/team/chat'), ...pair('longer', ':/:/chat2') };
  assert.deepEqual(users('/chat', all, {}), ['own', 'bare']);
  assert.deepEqual(users('/team/chat', all, {}), ['foreign', 'bare']);
});

test('sessionStorage after localStorage, own pairs before bare ones', () => {
  assert.deepEqual(users('/chat', pair('bare'), { ...pair('own', ':/chat'), ...pair('session') }), ['own', 'bare', 'session']);
  assert.deepEqual(users('', {}, pair('session')), ['session']);
});

test('half a pair is none, and a storage that throws is as good as none', () => {
  assert.deepEqual(users('', { 'Meteor.userId': 'u' }, { 'Meteor.loginToken': 't' }), []);
  const broken = {
    get length() {
      throw new Error('denied');
    },
    getItem() {
      throw new Error('denied');
    },
  };
  assert.deepEqual(pairs('/chat', [broken, store(pair('own', ':/chat'))]), [{ userId: 'own', token: 'own-token' }]);
  assert.deepEqual(pairs('', [null, null]), []);
});

test('a refused pair comes last, the other one is asked once', () => {
  globalThis.localStorage = store({ ...pair('bare'), ...pair('own', ':/chat') });
  const login = new Login('/chat');
  const first = login.current();
  assert.equal(first.userId, 'own');
  assert.equal(login.other(first).userId, 'bare');
  assert.equal(login.current().userId, 'bare');
  login.type('typed', 'secret');
  assert.deepEqual([login.current().userId, login.other(login.current())], ['typed', null]);
  login.forget();
  assert.equal(login.isTyped, false);
  delete globalThis.localStorage;
});

test('which changes of the storage concern the login', () => {
  assert.ok(concernsLogin({ key: null }));
  assert.ok(concernsLogin({ key: 'Meteor.loginToken:/:/chat' }));
  assert.ok(concernsLogin({ key: 'Meteor.userId' }));
  assert.ok(!concernsLogin({ key: 'Meteor.loginTokenExpires'.slice(0, 6) }));
});
