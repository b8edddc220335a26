//! Who is asked for: everybody whom Rocket.Chat has logged in in this browser, or who gives a token, and nobody else.

import assert from 'node:assert/strict';

import { eventually, given, scenario } from '../browser.mjs';

const REFUSED = /status of 401/;
const query = `?start=${given.start}&end=${given.end}&compare=previous`;

const digits = (page) => page.locator('main').evaluate((main) => [...main.querySelectorAll('[data-value], [data-number]')].length);

await scenario(async (open) => {
  // As it is, and in workspaces that forget sessions.
  for (const login of ['local', 'session']) {
    const visit = await open({ login, suffix: given.suffix });
    await visit.go(query);
    assert.equal(await visit.number('messages'), given.total, `logged in by ${login}Storage`);
  }
  if (given.suffix) {
    // The login of another Rocket.Chat on this origin is not taken, and the bare one only where there is no own, or where that is refused.
    const other = await open({ login: 'local', suffix: ':/other' });
    await other.go(query, 'signed-out');
    const bare = await open({ login: 'local' });
    await bare.go(query);
    assert.equal(await bare.number('messages'), given.total, 'the bare pair');
    const both = await open({ login: 'local', user: given.user, token: 'an-old-token', suffix: given.suffix });
    await both.logIn(both.page, 'local', given.user, given.token);
    both.expect(REFUSED);
    await both.go(query);
    assert.equal(await both.number('messages'), given.total, 'the bare pair, after the own one was refused');
    assert.equal(await both.page.locator('#back').getAttribute('href'), `${new URL(given.address).pathname.replace('/engagement', '')}/`);
    return;
  }

  // Nobody.
  const nobody = await open({ login: null });
  const { page } = nobody;
  await nobody.go(query, 'signed-out');
  assert.equal(nobody.asked.filter((url) => url.includes('/api/')).length, 0, 'nothing is asked in the name of nobody');
  assert.match(await page.locator('[data-notice="signed-out"]').innerText(), /not signed in to Rocket.Chat in this browser/);
  assert.equal(await page.locator('[data-notice="signed-out"] a').getAttribute('href'), '/');
  nobody.expect(REFUSED);
  await page.fill('#sign-in-user', given.user);
  await page.fill('#sign-in-token', 'a-wrong-token');
  const answered = page.waitForResponse((response) => response.status() === 401);
  await page.click('#sign-in-submit');
  await answered;
  await nobody.until('signed-out');
  await page.fill('#sign-in-user', given.user);
  await page.fill('#sign-in-token', given.token);
  await page.keyboard.press('Enter');
  await nobody.until('ready');
  assert.equal(await nobody.number('messages'), given.total, 'signed in by the form');
  const kept = await page.evaluate(() => JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage), document.cookie, history.state]));
  assert.ok(!kept.includes(given.token) && !kept.includes(given.user), `kept: ${kept}`);
  assert.equal(await page.inputValue('#sign-in-token'), '', 'the field is empty');
  await nobody.check();
  await page.reload();
  await nobody.until('signed-out');

  // Another person's login that the service refuses.
  const refused = await open({ token: 'an-old-token' });
  refused.expect(REFUSED);
  await refused.go(query, 'signed-out');
  assert.equal(await digits(refused.page), 0);

  // It is lost in another tab, and comes again.
  const lost = await open();
  await lost.go(`${query}&tables=messages-chart,new&room=channel`);
  await lost.page.waitForSelector('#panel[open][data-state="ready"]');
  assert.ok((await digits(lost.page)) > 100);
  const tab = await lost.context.newPage();
  await tab.goto(`${given.origin}/`);
  await tab.evaluate(() => localStorage.removeItem('Meteor.loginToken'));
  await lost.until('signed-out');
  assert.equal(await digits(lost.page), 0, 'no number stays');
  assert.equal(await lost.page.locator('#panel[open]').count(), 0, 'the panel is closed');
  const text = await lost.page.evaluate(() => document.documentElement.outerHTML);
  for (const name of ['general', 'Random talk', 'Known workspace']) assert.ok(!text.includes(name), `${name} stays`);
  await lost.logIn(tab, 'local', given.user, given.token);
  await lost.until('ready');
  await eventually('the numbers come again', () => lost.number('messages'), given.total);
});
