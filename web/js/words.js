//! Every text of the page that a script puts there. A text of the database is never part of a sentence's string: sentences are lists of parts.

import * as f from './format.js';

export const PERIOD_NAMES = {
  '7d': '7 days',
  '30d': '30 days',
  '90d': '90 days',
  '12m': '12 months',
  yesterday: 'Yesterday',
  today: 'Today',
  'this-week': 'This week',
  'last-week': 'Last week',
  'this-month': 'This month',
  'last-month': 'Last month',
  'this-year': 'This year',
  all: 'All time',
  custom: 'Own dates',
};

export const COMPARISON_NAMES = { previous: 'the period before', weekdays: 'the same weekdays before', year: 'a year before', none: 'nothing' };

export const CARD_TITLES = {
  messages: 'Messages',
  'active-people': 'Active people',
  'new-people': 'New people',
  'active-channels': 'Active channels',
  changed: 'What changed',
  today: 'Today so far',
  'messages-chart': 'Messages over time',
  where: 'Where',
  'top-channels': 'Top five channels',
  channels: 'All channels',
  active: 'Active people per day',
  new: 'New people over time',
  hours: 'People by hour and weekday',
  'busiest-hours': 'Busiest hours',
  'busiest-weekdays': 'Busiest weekdays',
};

const TYPES = {
  c: ['Channels', 'Channel'],
  p: ['Private groups', 'Private group'],
  d: ['Direct messages', 'Direct'],
};
export const typeName = (type) => TYPES[type]?.[0] ?? `Type ${type}`;
export const typeOfOne = (type) => TYPES[type]?.[1] ?? `Type ${type}`;

export const NOT_KNOWN = '–';

const plural = (count, one, many) => `${f.number(count)} ${count === 1 ? one : many}`;
export const messages = (count) => plural(count, 'message', 'messages');
export const people = (count) => plural(count, 'person', 'people');
export const days = (count) => plural(count, 'day', 'days');
export const channels = (count) => plural(count, 'channel', 'channels');

export const directRow = (conversations) =>
  Number.isFinite(conversations) ? `Direct messages, ${plural(conversations, 'conversation', 'conversations')}` : 'Direct messages';
export const unnamed = (id) => `(without a name, ${id})`;

export const arrow = (difference) => (difference > 0 ? '▲' : difference < 0 ? '▼' : '=');

export function change(change, format = f.difference) {
  switch (change.kind) {
    case 'share':
      return { main: f.change(change.share), detail: format(change.difference) };
    case 'same':
      return { main: 'unchanged' };
    default:
      return { main: format(change.difference), detail: change.kind === 'new' ? 'new' : '' };
  }
}

export const noDataBefore = (day) => (day ? `no data before ${f.plainDay(day)}` : 'no data before');
export const before = (text) => `${text} before`;
export const notCompared = 'not compared';

export function groupName({ unit, whole, from, to }) {
  if (unit === 'day') return f.dayOfWeek(from);
  if (unit === 'week') return f.shortRange(from, to);
  return f.monthOf(whole);
}

export const groupMarks = ({ cut, today, unit }) => [cut && `only part of the ${unit}`, today && 'not over yet'].filter(Boolean);

export function messagesCaption({ total, length, busiest }) {
  if (total === 0) return 'No messages in this period.';
  const mean = length > 1 ? `, ${f.mean(total / length)} a day on average` : '';
  const most = busiest && length > 1 ? `; most on ${f.day(busiest.day)}: ${f.number(busiest.messages)}` : '';
  return `${messages(total)}${mean}${most}.`;
}

export function whereCaption(parts, total) {
  if (total === 0) return 'No messages in this period.';
  const shares = parts.filter(({ now }) => now > 0).map(({ type, now }) => `${f.share(now / total)} in ${typeName(type).toLowerCase()}`);
  const list = shares.length > 1 ? `${shares.slice(0, -1).join(', ')} and ${shares.at(-1)}` : shares[0];
  return `Of all messages, ${list}.`;
}

export function topCaption(rooms, total) {
  if (rooms.length === 0) return ['No messages in channels in this period.'];
  const sum = rooms.reduce((all, { messages: count }) => all + count, 0);
  const first = rooms[0];
  if (rooms.length === 1) return [{ room: first }, ` has ${f.share(sum / total)} of all messages.`];
  return [`${f.share(sum / total)} of all messages are in these ${rooms.length} channels, ${f.share(first.messages / total)} in `, { room: first }, ' alone.'];
}

const knownFrom = (since) => ` Activity is known from ${f.plainDay(since)} on.`;

export function activeCaption({ now, seven, thirty, since }) {
  if (!since) return 'Rocket.Chat has not recorded yet who is active.';
  if (!now) return `Who is active is known from ${f.plainDay(since)} on.`;
  const windows = [
    seven && `${f.number(seven.day7)} different people in the 7 days to ${f.shortDay(seven.day)}`,
    thirty && `${f.number(thirty.day30)} in the 30 days to ${f.shortDay(thirty.day)}`,
  ].filter(Boolean);
  return `${f.mean(now.mean)} people on an average day${windows.length ? `, ${windows.join(', ')}` : ''}.${knownFrom(since)}`;
}

export function newCaption({ total, busiest, length }) {
  if (total === 0) return 'Nobody is new in this period.';
  const most = busiest && length > 1 ? `, most on ${f.day(busiest.day)}: ${f.number(busiest.people)}` : '';
  return `${people(total)} ${total === 1 ? 'is' : 'are'} new${most}.`;
}

export function hoursCaption({ most, least, zone, since, days: count }) {
  if (!since) return 'Rocket.Chat has not recorded yet when people are there.';
  if (!most) return 'Nobody was there on the days that are known.';
  const quiet = least ? `, fewest on ${f.weekdayName(least.weekday)}s` : '';
  const on = count === 1 ? `were there on ${f.weekdayName(most.weekday)}` : `are there on ${f.weekdayName(most.weekday)}s`;
  const average = count === 1 ? '' : ' on average';
  return `Most people ${on} from ${f.hour(most.hour)} to ${f.hour((most.hour + 1) % 24)}: ${f.mean(most.mean)}${average}${quiet}. Hours of ${zone}.${knownFrom(since)}`;
}

function moved(what, { now, before: then, difference, share }, format) {
  const by = share === undefined ? '' : ` by ${f.share(Math.abs(share))}`;
  return [{ strong: `${what} ${difference > 0 ? 'rose' : 'fell'}${by}` }, `, from ${format(then)} to ${format(now)}`];
}

export function finding(found) {
  switch (found.kind) {
    case 'total': {
      const text = moved('Messages', found, f.number);
      if (!found.room) return [...text, '.'];
      const part = Math.abs(found.roomDifference) * 2 > Math.abs(found.difference) ? '; most of it in ' : '; the largest part of it in ';
      return [...text, part, found.room.direct ? 'direct messages' : { room: found.room }, ` (${f.difference(found.roomDifference)}).`];
    }
    case 'busiest-day':
      return [{ strong: 'Busiest day of the last 12 months: ' }, { day: found.day }, ` with ${messages(found.messages)}.`];
    case 'rise':
    case 'fall': {
      const { room } = found;
      const share = found.share === undefined ? '' : ` (${f.change(found.share)})`;
      return [
        { strong: found.kind === 'rise' ? 'Largest rise: ' : 'Largest fall: ' },
        { room },
        `, from ${f.number(room.before)} to ${messages(room.messages)}${share}.`,
      ];
    }
    case 'quiet':
      if (found.count === 1) return [{ strong: 'Gone quiet: ' }, { room: found.room }, `, after ${messages(found.room.before)} before.`];
      return [{ quiet: `${channels(found.count)} went quiet` }, ', the busiest of them ', { room: found.room }, ` with ${f.number(found.room.before)} before.`];
    case 'first':
      if (found.count === 1) return [{ strong: 'First messages ever: ' }, { room: found.room }, ` (${f.number(found.room.messages)}).`];
      return [{ strong: `${channels(found.count)} had their first message` }, ', most in ', { room: found.room }, ` (${f.number(found.room.messages)}).`];
    case 'active':
      return [...moved('Active people', found, f.mean), ' on an average day.'];
    case 'new':
      return [{ strong: `${people(found.now)} are new` }, found.before === 0 ? ', after none before.' : `, after ${f.number(found.before)} before.`];
    default:
      return [];
  }
}

export function nothingChanged({ compared, known, firstMessageDay, now, difference, share, normal }) {
  if (!compared) return `${messages(now)}. Choose a comparison to see what changed.`;
  if (!known) return `Nothing to compare with yet: ${noDataBefore(firstMessageDay)}.`;
  if (difference === 0) return 'A normal period: as many messages as before, and no channel stands out.';
  if (normal) return `A normal period: messages moved by ${f.change(share)}, and no channel stands out.`;
  return `${messages(now)}, after ${f.number(now - difference)} before: a difference too small to say more.`;
}

export const asUsual = (share) => `About as many messages as before (${f.change(share)}). What stands out:`;

export const emptyChanged = 'No messages in this period, and none in the one it is compared with.';

export const NOTICES = {
  'signed-out': {
    title: 'You are not signed in to Rocket.Chat in this browser',
    text: 'Sign in to Rocket.Chat here, then this page goes on by itself.',
    refused: 'Your login is no longer accepted. Sign in to Rocket.Chat again, then this page goes on by itself.',
    refusedTyped: 'This user id and token were not accepted.',
  },
  forbidden: {
    title: 'You may not see this page',
    text: 'It needs the permission “View Engagement Dashboard” (view-engagement-dashboard), which an administrator gives to a role under Administration → Permissions.',
  },
  limited: { title: 'Too many requests', text: (seconds) => `The page goes on by itself in ${seconds} s.` },
  unreachable: {
    title: 'The service cannot be reached',
    text: (seconds) => (seconds > 0 ? `The page tries again in ${seconds} s.` : 'The page is trying again.'),
  },
  offline: { title: 'This computer is offline', text: () => 'The page goes on by itself when the network is back.' },
  blocked: {
    title: 'Something in this browser blocks the requests of this page',
    text: () => 'An extension such as an ad blocker does that. Allow this page in it, then try again.',
  },
  misrouted: {
    title: 'The proxy does not lead to the service',
    text: () =>
      'The answer came from elsewhere, probably from Rocket.Chat. The proxy’s rule for the path of this page must hold for all below it, without a fall-back.',
  },
  'wrong-answer': {
    title: 'The service gave an answer that this page does not understand',
    text: (detail) => `Try again. If it stays so, tell an administrator${detail ? ` (${detail})` : ''}.`,
  },
  'new-version': { title: 'A new version of this page is there', text: () => 'Reload it, so that numbers and page belong together.' },
  empty: 'No messages in this period.',
  today: 'Today is not over yet, the day it is compared with is.',
  young: (day) => `The first message of this workspace is of ${f.day(day)}; days before it are empty.`,
  noMessagesAtAll: 'There are no messages in this workspace yet.',
  'history-loading': (loaded, all) => `History is still being counted: ${f.number(loaded)} of ${f.number(all)} days. Until then answers take longer.`,
  'counted-by-mongodb': 'MongoDB counts for each request, so answers take longer.',
};

export const BUTTONS = {
  again: 'Try again',
  reload: 'Reload',
  table: 'Table',
  chart: 'Chart',
  copied: 'Link copied',
  notCopied: 'Copy the address of this page instead',
};

export const numbersOf = (time, zone) => `Numbers of ${time} (${zone}).`;
export const updated = (time) => `Updated ${time}`;

export const cardFailed = (kind, seconds) => {
  const { title } = NOTICES[kind];
  return seconds > 0 ? `${title}. Trying again in ${seconds} s.` : `${title}.`;
};

export const chartMissing = 'The chart could not be drawn. Its numbers are in the table.';

export const loaded = (range) => `Showing ${range}.`;
export const found = (from, to, all) => (all === 0 ? 'No channels match.' : `${f.number(from)}–${f.number(to)} of ${f.number(all)}`);

export const roomName = ({ id, name }) => name || unnamed(id);

export const asText = (parts) =>
  parts
    .map((part) => (typeof part === 'string' ? part : part.room ? roomName(part.room) : part.day ? f.day(part.day) : (part.strong ?? part.quiet ?? '')))
    .join('');

export const groupTitle = 'Period';

export const comparisonLegend = (range) => `Before: ${range}`;
export const onDays = (range) => `before (${range})`;
export const notOver = { day: 'Today, not over yet', week: 'This week, not over yet', month: 'This month, not over yet' };
export const cutGroup = { day: '', week: 'Only part of the week', month: 'Only part of the month' };

export const ofAll = (all) => `of ${f.number(all)}`;
export const inSevenDays = (count) => `${f.number(count)} in 7 days`;
export const inThirtyDays = (count) => `${f.number(count)} in 30 days`;
export const onAverageDay = (length) => (length > 1 ? 'on an average day' : '');
export const activityKnownFrom = (since) => (since ? `activity is known from ${f.plainDay(since)} on` : 'activity is not known');
export const noActivity = 'Rocket.Chat has not recorded yet who is active.';
export const messagesUnit = (count) => (count === 1 ? 'message' : 'messages');

export const hourSpan = (hour) => `${f.hour(hour)}–${f.hour((hour + 1) % 24)}`;
export const hourTitle = (weekday, hour, mean, count) =>
  `${f.weekdayName(weekday)} ${hourSpan(hour)}: ${f.mean(mean)} ${mean === 1 ? 'person' : 'people'}, mean of ${days(count)}`;
export const hoursTable = 'People there in each hour of each weekday, means over the days of that weekday';
export const daysColumn = 'Days';
export const fewer = 'fewer';
export const more = 'more people';
const onAverageOf = (count) => (count === 1 ? '' : ` on average of ${days(count)}`);

export const busiestHoursCaption = (first, count) =>
  first
    ? `From ${f.hour(first.hour)} to ${f.hour((first.hour + 1) % 24)} most people ${count === 1 ? 'were' : 'are'} there: ${f.mean(first.mean)}${onAverageOf(count)}.`
    : 'Nobody was there on the days that are known.';
export const busiestWeekdaysCaption = (best) =>
  best
    ? `${f.weekdayName(best.weekday)}${best.days === 1 ? ' was' : 's are'} busiest: ${f.mean(best.mean)} active people${onAverageOf(best.days)}.`
    : 'No finished day of this period is known.';

const COLUMN_NAMES = { name: 'Name', type: 'Type', messages: 'Messages', change: 'Change', share: 'Share', last: 'Last message', trend: 'Trend' };
export const columnName = (key) => COLUMN_NAMES[key];
export const allTypes = 'All types';
export const noChannels = 'No channel has messages in this period.';
export const quietTag = 'quiet';

export const wrongDates = 'Give days from 1970 on, the first not after the last one, and not more than 36,600.';

export const fromTo = (start, end) => `${start} to ${end}`;

export const todayNotOver = 'Today is not over yet. ';
export const againstDay = (day) => `Compared with ${f.day(day)}, the same weekday a week before.`;
export const againstDays = ({ start, end }) => `compared with ${f.range(start, end)}`;
export const byType = 'By type of room';
export const moreRooms = (count) => `and ${f.number(count)} more, all of them in the CSV`;
export const rank = 'Rank';
export const rankOf = ({ rank: place, of }) => `${f.number(place)} of ${f.number(of)}`;
export const shareOfAll = 'Share of all messages';
export const busiestDayTitle = 'Busiest day';
export const lastDayTitle = 'Last message in these days';
export const openInRocketChat = 'Open in Rocket.Chat';
export const channelCaption = (total, length) => `${messages(total)} in ${days(length)}.`;

export const title = (workspace) => (workspace ? `Engagement – ${workspace}` : 'Engagement');
export const zone = (name) => `Days and hours of ${name}.`;
export const openRocketChat = 'Open Rocket.Chat';
export function printed({ context, start, end, compare }) {
  const against = compare ? `, compared with ${f.range(compare.start, compare.end)}` : '';
  return `${f.range(start, end)}${against}. Time zone ${context.zone}.`;
}
