// The instances of the fleet with their reports, fetched every few seconds while the page is visible.

import { byId, h, list, part, parts, set, show, text } from './dom.js';
import { count, duration, time, word } from './format.js';

const pollMilliseconds = 5000;
let isShared = true;

export function prepareFleet() {
  document.addEventListener('visibilitychange', refresh);
  setInterval(refresh, pollMilliseconds);
  refresh();
}

async function refresh() {
  if (document.hidden || !isShared) return;
  const response = await fetch('api/fleet', { headers: { accept: 'application/json' } }).catch(() => null);
  if (!response?.ok) return;
  const fleet = await response.json();
  isShared = fleet.isShared;
  show(byId('fleet'), isShared);
  if (!isShared) return;
  text(byId('fleet-problem'), fleet.problem ? `The instances' reports cannot be read: ${fleet.problem}` : '');
  if (fleet.problem) return;
  list(byId('fleet-instances'), fleet.instances, one => one.instance, makeInstance, showInstance);
  list(byId('fleet-breakers'), fleet.breakers, breaker => breaker.name, makeBreaker, showBreaker);
  show(byId('no-instances'), fleet.instances.length === 0);
}

const cell = (label, name, kind = null) => h('td', { 'data-label': label, class: kind }, part('span', name));

const makeInstance = () => h('tr', {},
  h('td', { class: 'wide' }, part('span', 'name', { class: 'name' }), part('span', 'host', { class: 'reason' })),
  cell('Version', 'version'), cell('Since', 'since'), cell('Last report', 'age'), cell('Breakers', 'breakers'), cell('Endpoints', 'endpoints'));

function showInstance(row, one) {
  const at = parts(row);
  set(row, 'data-instance', one.instance);
  set(row, 'data-silent', one.isSilent);
  text(at.name, one.instance);
  text(at.host, one.host ? `on ${one.host}` : '');
  text(at.version, one.version || '–');
  text(at.since, time(one.since));
  text(at.age, one.isSilent ? `silent for ${duration(seconds(one.age))}` : `${duration(seconds(one.age))} ago`);
  set(at.age, 'class', one.isSilent ? 'fact-open' : null);
  text(at.breakers, breakersOf(one));
  text(at.endpoints, endpointsOf(one));
}

function breakersOf(one) {
  const away = one.breakers.filter(breaker => breaker.state !== 'Closed')
    .map(breaker => `${breaker.name} ${breaker.isProbing ? 'probes' : word(breaker.state).toLowerCase()}`);
  return away.length ? away.join(', ') : 'all closed';
}

function endpointsOf(one) {
  const away = one.endpoints.filter(endpoint => endpoint.state !== 'Running' || endpoint.heldBecause !== null).map(endpoint => {
    if (endpoint.heldBecause === null) return `${endpoint.name} ${endpoint.state.toLowerCase()}`;
    return `${endpoint.name} held${endpoint.isHeldForFleet ? '' : ' here only'}${endpoint.heldBy ? ` by ${endpoint.heldBy}` : ''}: ${endpoint.heldBecause}`;
  });
  return away.length ? away.join(', ') : one.endpoints.length ? 'all running' : '–';
}

const makeBreaker = () => h('tr', {},
  h('td', { class: 'wide' }, part('span', 'name', { class: 'name' })),
  cell('States', 'states'), cell('Probes', 'probing'), cell('Disagrees', 'disagreeing'), cell('Calls', 'calls', 'number'), cell('Failed', 'failed', 'number'));

function showBreaker(row, breaker) {
  const at = parts(row);
  set(row, 'data-fleet-breaker', breaker.name);
  text(at.name, breaker.name);
  text(at.states, Object.entries(breaker.states).map(([state, number]) => `${number} ${word(state).toLowerCase()}`).join(', '));
  text(at.probing, breaker.probing.join(', ') || '–');
  text(at.disagreeing, breaker.disagreeing.join(', ') || '–');
  set(at.disagreeing, 'class', breaker.disagreeing.length ? 'fact-open' : null);
  text(at.calls, count(breaker.calls));
  text(at.failed, count(breaker.failedCalls));
}

// A TimeSpan: days, hours, minutes and seconds.
function seconds(span) {
  const [, days, hours, minutes, rest] = /^(?:(\d+)\.)?(\d+):(\d+):([\d.]+)$/.exec(span) ?? [0, 0, 0, 0, 0];
  return Number(days ?? 0) * 86400 + hours * 3600 + minutes * 60 + Number(rest);
}
