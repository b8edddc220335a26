//! Every number of the page is the one that was written, and they add up.

import assert from 'node:assert/strict';

import { cellsOf, dataOf, given, scenario, sum, valueOf } from '../browser.mjs';

await scenario(async (open) => {
  const visit = await open();
  const query = `?start=${given.start}&end=${given.end}&compare=previous&tables=messages-chart,active,new`;
  const page = await visit.go(query);

  assert.equal(await page.locator('#workspace').innerText(), 'Known workspace');
  assert.match(await page.locator('footer.foot').innerText(), /permission view-engagement-dashboard/, 'who may see this');
  for (const [card, now, before] of [
    ['messages', given.total, given.before],
    ['active-channels', given.activeRooms, given.activeRoomsBefore],
    ['new-people', given.newPeople, given.newPeopleBefore],
  ]) {
    assert.equal(await visit.number(card), now, card);
    assert.equal(await valueOf(page, `[data-card="${card}"] [data-change]`), now - before, `${card}: its change`);
  }
  const near = (got, wanted, what) => assert.ok(Math.abs(got - wanted) < 1e-9, `${what}: ${got} instead of ${wanted}`);
  near(await visit.number('active-people'), given.active, 'active people');
  near(await valueOf(page, '[data-card="active-people"] [data-change]'), given.active - given.activeBefore, 'their change');
  assert.equal(await visit.number('today'), given.todayTotal, 'today');
  const share = await page.locator('[data-card="messages"] [data-change]').getAttribute('data-share');
  near(Number(share), (given.total - given.before) / given.before, 'the share of the change');

  const types = await dataOf(page, '[data-card="where"] li[data-type][data-value]', ['type', 'value']);
  assert.deepEqual(types, given.types, 'by type');
  const top = await dataOf(page, '[data-card="top-channels"] li[data-room]', ['room', 'value']);
  const active = given.rooms.filter(([, , , now]) => now > 0);
  assert.deepEqual(top, active.slice(0, 5).map(([id, , , now]) => [id, now]), 'top channels');

  const rooms = await cellsOf(page, '[data-card="channels"] tr[data-room]', ['name', 'type', 'messages', 'change']);
  assert.deepEqual(rooms, given.rooms.map(([, name, type, now, before]) => [name, type, now, now - before]), 'all channels');
  const direct = await cellsOf(page, '[data-card="channels"] tr[data-direct]', ['messages', 'change']);
  assert.deepEqual(direct, [[given.direct[0], given.direct[0] - given.direct[1]]], 'direct messages');
  assert.match(await page.locator('[data-card="channels"] tr[data-direct]').innerText(), /2 conversations/);
  assert.equal(await page.locator('tr[data-room="old-project"][data-quiet]').count(), 1, 'the quiet channel');

  const days = await cellsOf(page, '[data-card="messages-chart"] tr[data-day]', ['day', 'type-c', 'type-p', 'type-d', 'messages', 'before']);
  assert.deepEqual(days, given.days, 'day by day');
  const activeDays = await cellsOf(page, '[data-card="active"] tr[data-day]', ['day', 'day1']);
  assert.deepEqual(activeDays, given.activeDays, 'active people, day by day');

  const shown = await visit.number('messages');
  assert.equal(sum(types.map(([, value]) => value)), shown, 'the types add up');
  assert.equal(sum(days.map((day) => day[4])), shown, 'the days add up');
  assert.equal(sum(rooms.map((room) => room[2])) + direct[0][0], shown, 'the channels add up');
  const newDays = await cellsOf(page, '[data-card="new"] tr[data-day]', ['people']);
  assert.equal(sum(newDays.map(([people]) => people)), given.newPeople, 'new people add up');
  const shares = await cellsOf(page, '[data-card="channels"] tbody tr', ['share']);
  near(sum(shares.map(([value]) => value)), 1, 'the shares');
});
