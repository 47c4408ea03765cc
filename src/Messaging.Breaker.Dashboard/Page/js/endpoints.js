import { figure, h, icon, list, part, parts, set, setIcon, show, text, byId } from './dom.js';
import { aboutShort, count, duration, plural, rate, time } from './format.js';
import { legible } from './legible.js';
import { until } from './clock.js';
import { allDown, rampOf } from './breakers.js';
import { ask } from './steer.js';

export function showEndpoints(state) {
  const others = state.otherQueues.map(queue => ({ name: queue.name, queue, breakers: [], alternatives: [], hold: null, limit: null, state: null }));
  list(byId('endpoints'), [...state.endpoints, ...others], keyOf, make, (row, endpoint) => update(row, endpoint, state.breakers));
  show(byId('no-endpoints'), state.endpoints.length === 0);
  show(byId('no-queues'), !state.queuesAreWatched && state.endpoints.length > 0);
}

const keyOf = endpoint => `${endpoint.state === null ? 'queue' : endpoint.address} ${endpoint.name}`;

function make(endpoint) {
  const row = h('tr', {},
    h('td', {}, part('span', 'pill', { class: 'pill' }, icon('running'), part('span', 'state'))),
    h('td', { class: 'wide' }, part('span', 'name', { class: 'name' }), part('span', 'guards', { class: 'reason' })),
    number('Waiting', 'waiting', part('span', 'dead', { class: 'sub' })),
    number('Unacked', 'unacked'),
    number('Consumers', 'consumers'),
    number('In / out per second', 'rates'),
    number('At once', 'limit'),
    number('Drained in', 'drained', part('span', 'condition', { class: 'sub' })),
    number('Loss in', 'loss'),
    h('td', {}, part('button', 'toggle', { type: 'button', 'aria-haspopup': 'dialog' })));
  parts(row).toggle.addEventListener('click', () => ask('endpoints', endpoint.name, parts(row).toggle.dataset.action));
  return row;
}

const number = (label, name, ...more) => h('td', { class: 'number', 'data-label': label }, part('span', name), ...more);

function update(row, endpoint, breakers) {
  const at = parts(row);
  const queue = endpoint.queue;
  set(row, 'data-state', endpoint.hold ? 'Held' : endpoint.state ?? 'Stopped');
  set(row, 'data-endpoint', endpoint.name);
  show(at.pill, endpoint.state !== null);
  if (endpoint.state !== null) setIcon(at.pill.firstChild, endpoint.state);
  text(at.state, endpoint.state ?? '');
  text(at.name, endpoint.name);
  text(at.guards, describeGuards(endpoint, breakers));

  figure(at.waiting, count(queue?.ready));
  text(at.dead, queue?.deadLetters > 0 ? `${count(queue.deadLetters)} in _error` : '');
  figure(at.unacked, count(queue?.unacknowledged));
  figure(at.consumers, count(queue?.consumers));
  figure(at.rates, queue && queue.arrivalRate !== null ? `${rate(queue.arrivalRate)} / ${rate(queue.serviceRate)}` : '–');
  figure(at.limit, atOnce(endpoint, rampOf(endpoint, breakers)));
  figure(at.drained, drained(queue));
  text(at.condition, at.drained.textContent !== '–' && queue.ready > 0 && endpoint.state !== 'Running' ? 'once it runs' : '');
  figure(at.loss, queue?.secondsUntilLoss != null ? duration(queue.secondsUntilLoss) : '–');
  set(at.loss, 'class', queue?.secondsUntilLoss != null ? 'fact-open' : null);

  const action = endpoint.hold ? 'resume' : 'pause';
  show(at.toggle, endpoint.state !== null);
  set(at.toggle, 'data-action', action);
  text(at.toggle, action === 'resume' ? 'Resume' : 'Pause');
  set(at.toggle, 'aria-label', legible(`${at.toggle.textContent} ${endpoint.name}`));
}

function describeGuards(endpoint, breakers) {
  if (!endpoint.hold) return describeBreakers(endpoint, breakers);
  const end = endpoint.hold.until ? `, for ${duration(until(endpoint.hold.until))} more` : '';
  return `Held ${scope(endpoint.hold)}since ${time(endpoint.hold.since)}${end}: ${endpoint.hold.reason}`;
}

function scope(hold) {
  const by = hold.by ? `by ${hold.by} ` : '';
  return hold.instance ? `${by}on the whole fleet ` : by;
}

function describeBreakers(endpoint, breakers) {
  const down = endpoint.state === 'Paused' ? allDown(endpoint, breakers) : undefined;
  if (down) return `none of ${down.map(name => `'${name}'`).join(', ')} is closed`;
  const alone = endpoint.breakers.filter(name => !endpoint.alternatives.some(group => group.includes(name)));
  const guards = [...alone, ...endpoint.alternatives.map(group => `any of ${group.join(' or ')}`)];
  return guards.length ? `guarded by ${guards.join(', ')}` : 'no breaker';
}

function atOnce(endpoint, ramp) {
  if (endpoint.limit !== null) return plural(endpoint.limit, 'probe');
  if (endpoint.state !== 'Running') return '–';
  return ramp === null ? 'no limit' : `${ramp}, rising`;
}

function drained(queue) {
  if (!queue || queue.ready === 0 || queue.secondsUntilDrained === null) return '–';
  return aboutShort(queue.secondsUntilDrained);
}
