// The past outages of the whole fleet, fetched every few seconds while the page is visible.

import { byId, h, list, part, parts, set, show, text } from './dom.js';
import { count, duration, plural, time } from './format.js';

const pollMilliseconds = 5000;
const most = 20;

export function prepareOutages() {
  document.addEventListener('visibilitychange', refresh);
  setInterval(refresh, pollMilliseconds);
  refresh();
}

async function refresh() {
  if (document.hidden) return;
  const response = await fetch('api/outages', { headers: { accept: 'application/json' } }).catch(() => null);
  if (!response?.ok) return;
  const { outages, problem } = await response.json();
  show(byId('outages'), outages.length > 0 || problem !== null);
  text(byId('outages-problem'), problem ? `The reports of other instances cannot be read: ${problem}` : '');
  list(byId('outages-list'), outages.slice(0, most), outage => outage.id, make, update);
  text(byId('outages-more'), outages.length > most ? `And ${count(outages.length - most)} before.` : '');
}

const cell = (label, name, kind = null) => h('td', { 'data-label': label, class: kind }, part('span', name));

const make = () => h('tr', {},
  h('td', { class: 'wide' }, part('span', 'name', { class: 'name' }), part('span', 'reason', { class: 'reason' })),
  cell('From', 'began'), cell('To', 'ended'), cell('Length', 'length', 'number'), cell('Reopened', 'reopens', 'number'),
  cell('Calls', 'calls', 'number'), cell('Waited', 'delayed', 'number'), cell('Longest', 'longest', 'number'), cell('Spared', 'spared', 'number'), cell('Then', 'drained'));

function update(row, outage) {
  const at = parts(row);
  set(row, 'data-outage', outage.id);
  text(at.name, outage.breaker);
  text(at.reason, outage.reason);
  text(at.began, `${time(outage.began)}${outage.beganEarlier ? ' or earlier' : ''}`);
  text(at.ended, time(outage.ended));
  set(at.ended, 'title', outage.endReason);
  text(at.length, duration(outage.seconds));
  text(at.reopens, count(outage.reopens));
  text(at.calls, outage.failedCalls ? `${count(outage.calls)}, ${count(outage.failedCalls)} failed` : count(outage.calls));
  text(at.delayed, count(outage.delayed));
  text(at.longest, outage.longestWaitSeconds === null ? '–' : duration(outage.longestWaitSeconds));
  text(at.spared, count(outage.callsSpared));
  text(at.drained, `${outage.drained}${outage.instances > 1 ? `; counted on ${plural(outage.instances, 'instance')}` : ''}`);
}
