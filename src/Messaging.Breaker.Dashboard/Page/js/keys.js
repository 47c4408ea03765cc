// The keys of breakers that are split: the worst, and those that the visitor searches for. The server sends only a few, however many there are.

import { byId, figure, h, icon, list, part, parts, set, setIcon, show, text } from './dom.js';
import { bytes, count, duration, plural, time, word } from './format.js';
import { legible, shorten } from './legible.js';
import { since } from './clock.js';
import { nextProbe } from './breakers.js';
import { findKeys } from './api.js';
import { ask } from './steer.js';

const typingMilliseconds = 250;
const pollMilliseconds = 2000;

let views = [];
let found = null; // The result of the latest search: { breaker, search, view or problem }.
let timer = null;

export function prepareKeys() {
  byId('keys-search').addEventListener('input', () => later(typingMilliseconds));
  byId('keys-breaker').addEventListener('change', () => later(0));
}

export function showKeys(state) {
  views = state.keys;
  show(byId('keys'), views.length > 0);
  if (!views.length) return;
  offer(views.map(view => view.breaker));
  render();
}

const chosen = () => ({ breaker: byId('keys-breaker').value, search: byId('keys-search').value });

function offer(names) {
  const select = byId('keys-breaker');
  if (select.options.length === names.length && names.every((name, index) => select.options[index].value === name)) return;
  const before = select.value;
  select.replaceChildren(...names.map(name => h('option', { value: name }, legible(name))));
  select.value = names.includes(before) ? before : names[0];
}

function later(milliseconds) {
  clearTimeout(timer);
  timer = setTimeout(look, milliseconds);
  render();
}

async function look() {
  const { breaker, search } = chosen();
  if (search) {
    const answer = await findKeys(breaker, search).catch(() => ({ problem: 'The server does not answer.' }));
    const now = chosen();
    if (now.breaker !== breaker || now.search !== search) return; // The visitor has typed more, and that search is already running.
    found = { breaker, search, ...answer };
    timer = setTimeout(look, pollMilliseconds);
  }
  render();
}

function render() {
  const { breaker, search } = chosen();
  const worst = views.find(view => view.breaker === breaker);
  const isFound = search && found?.breaker === breaker && found.search === search;
  const view = search ? isFound ? found.view : null : worst;
  const keys = (view?.keys ?? []).map(key => ({ ...key, breaker }));
  if (isFound && view && !keys.some(key => key.key === search)) keys.push(unknown(breaker, search));
  text(byId('keys-summary'), worst ? summary(view?.summary ?? worst.summary) : '');
  list(byId('keys-list'), keys, key => `${key.breaker} ${key.key}`, make, update);
  show(byId('keys-table'), keys.length > 0);
  text(byId('keys-more'), more(view, search, isFound));
}

const unknown = (breaker, key) => ({ key, breaker, state: 'Closed', isUnknown: true, reason: 'This instance does not know this key. You can steer it anyway.', parked: 0, nextProbeAt: null });

function more(view, search, isFound) {
  if (search && !isFound) return 'Looking…';
  if (search && found.problem) return found.problem;
  if (view?.areMore) return search ? 'More keys contain this text.' : `${count(total(view.summary) - view.keys.length)} more are not closed: find them by part of their name.`;
  return view && !search && view.keys.length === 0 ? 'No key is down.' : '';
}

export const downIn = view => view.summary.open + view.summary.halfOpen;

const total = keys => keys.open + keys.halfOpen + keys.isolated + keys.emptying;

export function waitingOf(keys) {
  if (keys.parked === null) return 'not counted yet';
  if (keys.parked === 0) return 'no message waits';
  const size = keys.parkedBytes === null ? '' : `, ${bytes(keys.parkedBytes)}`;
  return `${plural(keys.parked, 'message')} wait${keys.parked === 1 ? 's' : ''}${size}${keys.oldestParkedAt ? `, the oldest for ${duration(since(keys.oldestParkedAt))} at most` : ''}`;
}

function summary(keys) {
  const states = [[keys.open, 'open'], [keys.halfOpen, 'half-open'], [keys.isolated, 'isolated'], [keys.emptying, 'catching up']]
    .filter(([number]) => number > 0).map(([number, name]) => `${count(number)} ${name}`);
  return [...states, waitingOf(keys), `${plural(keys.remembered, 'key')} known here`].join(' · ');
}

function make({ breaker, key }) {
  const row = h('tr', {},
    h('td', {}, part('span', 'pill', { class: 'pill' }, icon('closed'), part('span', 'state'))),
    h('td', { class: 'wide' }, part('span', 'name', { class: 'name' }), part('span', 'reason', { class: 'reason' })),
    h('td', { class: 'fit', 'data-label': 'Since' }, part('span', 'since'), part('span', 'age', { class: 'sub' })),
    h('td', { class: 'fit', 'data-label': 'Next probe' }, part('span', 'probe')),
    h('td', { class: 'number', 'data-label': 'Waiting' }, part('span', 'parked'), part('span', 'oldest', { class: 'sub' })),
    h('td', {}, part('button', 'first', { type: 'button' }), part('button', 'second', { type: 'button' })));
  for (const button of ['first', 'second'])
    parts(row)[button].addEventListener('click', () => ask('breakers', breaker, parts(row)[button].dataset.action, { key, done: () => later(0) }));
  return row;
}

function update(row, key) {
  const at = parts(row);
  const isHealthy = key.state === 'Closed' && !key.hasQueue;
  set(row, 'data-state', key.state);
  set(row, 'data-breaker-key', key.key);
  setIcon(at.pill.firstChild, key.state);
  text(at.state, key.isUnknown ? 'Unknown' : word(key.state));
  text(at.name, shorten(key.key));
  set(at.name, 'title', legible(key.key));
  text(at.reason, key.state === 'Closed' && key.hasQueue ? 'is catching up with its waiting messages' : isHealthy && !key.isUnknown ? '' : key.reason);
  figure(at.since, isHealthy ? '–' : time(key.since));
  text(at.age, isHealthy ? '' : duration(since(key.since)));
  figure(at.probe, nextProbe(key));
  figure(at.parked, key.hasQueue ? count(key.parked) : '–');
  text(at.oldest, key.parked > 0 && key.oldestParkedAt ? `≤ ${duration(since(key.oldestParkedAt))}` : '');
  label(at.first, key.state === 'Closed' ? 'trip' : 'reset', key);
  label(at.second, key.state === 'Isolated' ? 'release' : 'isolate', key);
}

function label(button, action, key) {
  set(button, 'data-action', action);
  text(button, action[0].toUpperCase() + action.slice(1));
  set(button, 'aria-label', legible(`${button.textContent} ${key.key}`));
  set(button, 'aria-haspopup', 'dialog');
}
