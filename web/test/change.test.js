import assert from 'node:assert/strict';
import test from 'node:test';
import { changeOf } from '../js/numbers.js';

test('a share from 20 before on', () => {
  assert.deepEqual(changeOf(30, 20), { kind: 'share', difference: 10, share: 0.5 });
  assert.deepEqual(changeOf(0, 20), { kind: 'share', difference: -20, share: -1 });
});

test('below 20 before only the difference', () => {
  assert.deepEqual(changeOf(190, 19), { kind: 'absolute', difference: 171 });
});

test('from nothing it is new, never endless', () => {
  assert.deepEqual(changeOf(5, 0), { kind: 'new', difference: 5 });
  assert.deepEqual(changeOf(0, 0), { kind: 'same', difference: 0 });
});

test('equal numbers', () => {
  assert.deepEqual(changeOf(500, 500), { kind: 'same', difference: 0 });
});

test('nothing is said without a comparison, or where it is not known', () => {
  assert.deepEqual(changeOf(5, 0, { compared: false }), { kind: 'none' });
  assert.deepEqual(changeOf(500, 100, { known: false }), { kind: 'no-data' });
  assert.deepEqual(changeOf(500, null), { kind: 'no-data' });
});
