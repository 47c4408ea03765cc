import { figure, h, icon, list, part, parts, set, setIcon, show, text, byId } from './dom.js';
import { count, duration, plural, time, word } from './format.js';
import { legible } from './legible.js';
import { since, until } from './clock.js';
import { ask } from './steer.js';

export function showBreakers(breakers) {
  list(byId('breakers'), breakers, breaker => breaker.name, make, update);
  show(byId('no-breakers'), breakers.length === 0);
}

export function nextProbe(breaker) {
  if (breaker.nextProbeAt) return until(breaker.nextProbeAt) > 0.5 ? `in ${duration(until(breaker.nextProbeAt))}` : 'now';
  return { HalfOpen: 'in progress', Isolated: 'when released' }[breaker.state] ?? '–';
}

function make(breaker) {
  const row = h('tr', {},
    h('td', {}, part('span', 'pill', { class: 'pill' }, icon('closed'), part('span', 'state'))),
    h('td', { class: 'wide' }, part('span', 'name', { class: 'name' }), part('span', 'mode', { class: 'mode' }), part('span', 'reason', { class: 'reason' })),
    h('td', { class: 'fit', 'data-label': 'Since' }, part('span', 'since'), part('span', 'age', { class: 'sub' })),
    h('td', { class: 'fit', 'data-label': 'Next probe' }, part('span', 'probe')),
    h('td', { class: 'fit', 'data-label': 'Window' },
      part('span', 'bar', { class: 'meter', 'aria-hidden': 'true' }, part('span', 'meter')), part('span', 'window', { class: 'sub' })),
    h('td', { class: 'number', 'data-label': 'Calls' }, part('span', 'calls'), part('span', 'failed', { class: 'sub' })),
    h('td', {},
      part('button', 'first', { type: 'button' }), part('button', 'second', { type: 'button' })));
  for (const button of ['first', 'second'])
    parts(row)[button].addEventListener('click', () => ask('breakers', breaker.name, parts(row)[button].dataset.action));
  return row;
}

function update(row, breaker) {
  const at = parts(row);
  set(row, 'data-state', breaker.state);
  set(row, 'data-breaker', breaker.name);
  setIcon(at.pill.firstChild, breaker.state);
  text(at.state, word(breaker.state));
  text(at.name, breaker.name);
  text(at.mode, breaker.mode === 'Enforcing' ? '' : breaker.mode);
  show(at.mode, breaker.mode !== 'Enforcing');
  text(at.reason, breaker.reason);
  text(at.since, time(breaker.since));
  text(at.age, duration(since(breaker.since)));
  figure(at.probe, nextProbe(breaker));

  const { total, failures, slow } = breaker.window;
  const bad = total > 0 ? (failures + slow) / total : 0;
  at.meter.style.width = `${Math.round(bad * 100)}%`;
  const unit = breaker.state === 'HalfOpen' ? ' probes' : '';
  show(at.bar, total > 0);
  figure(at.window, total === 0 ? '–' : `${count(failures)} of ${count(total)}${unit} failed${slow ? `, ${count(slow)} slow` : ''}`);
  text(at.calls, count(breaker.calls));
  text(at.failed, breaker.failedCalls ? `${count(breaker.failedCalls)} failed` : 'none failed');

  label(at.first, breaker.state === 'Closed' ? 'trip' : 'reset', breaker);
  label(at.second, breaker.state === 'Isolated' ? 'release' : 'isolate', breaker);
}

function label(button, action, breaker) {
  set(button, 'data-action', action);
  text(button, action[0].toUpperCase() + action.slice(1));
  set(button, 'aria-label', legible(`${button.textContent} ${breaker.name}`));
  set(button, 'aria-haspopup', 'dialog');
}

// One closed alternative is enough: then the endpoint does without the others.
const isClosed = breaker => breaker.mode !== 'Enforcing' || breaker.state === 'Closed';

export const isReplaced = (endpoint, name, breakers) => endpoint.alternatives.some(group =>
  group.includes(name) && breakers.some(breaker => breaker.name !== name && group.includes(breaker.name) && isClosed(breaker)));

export const allDown = (endpoint, breakers) => endpoint.alternatives.find(group =>
  !breakers.some(breaker => group.includes(breaker.name) && (isClosed(breaker) || breaker.state === 'HalfOpen')));

export const rampOf = (endpoint, breakers) => breakers
  .filter(breaker => endpoint.breakers.includes(breaker.name) && breaker.rampLimit !== null && !isReplaced(endpoint, breaker.name, breakers))
  .reduce((least, breaker) => Math.min(least ?? Infinity, breaker.rampLimit), null);

export const describe = breaker => `${breaker.name} is ${word(breaker.state).toLowerCase()}: ${breaker.reason}`;

export const waitingText = waiting => waiting === null ? 'unknown' : plural(waiting, 'message');
