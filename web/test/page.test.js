import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import test from 'node:test';

const web = new URL('..', import.meta.url);
const page = readFileSync(new URL('page.html', web), 'utf8');
const modules = readdirSync(new URL('js', web));
const read = (name) => readFileSync(new URL(`js/${name}`, web), 'utf8');

test('every module is asked for at once, and no other', () => {
  const preloaded = [...page.matchAll(/modulepreload" nonce="\{\{nonce\}\}" href="\{\{assets\}\}\/js\/([\w-]+\.js)"/g)].map(([, name]) => name);
  assert.deepEqual(preloaded.sort(), modules.filter((name) => !['main.js', 'first.js'].includes(name)).sort());
});

test('nothing in the page needs more than its policy allows', () => {
  for (const tag of page.match(/<(script|link rel="(stylesheet|modulepreload)")[^>]*>/g)) assert.match(tag, /nonce="\{\{nonce\}\}"/);
  assert.doesNotMatch(page, /\sstyle=|\son\w+=|<style|javascript:|https?:/);
  for (const name of modules)
    assert.doesNotMatch(
      read(name),
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|https?:\/\/(?!www\.w3\.org\/2000\/svg)|console\./,
      name,
    );
});

test('every element that a script looks up by its id is in the page', () => {
  const ids = new Set([...page.matchAll(/\sid="([\w-]+)"/g)].map(([, id]) => id));
  for (const name of modules) for (const [, id] of read(name).matchAll(/byId\('([\w-]+)'\)/g)) assert.ok(ids.has(id), `${name}: ${id}`);
});

test('no name that blockers refuse', () => {
  for (const name of [...modules, 'page.html', 'style.css', 'icon.svg', 'vendor/chart.umd.js'])
    assert.doesNotMatch(name, /analytics|stats|track|metric|pixel|\bads?\b/i);
});
