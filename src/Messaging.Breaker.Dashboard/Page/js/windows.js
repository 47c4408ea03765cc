// Planned isolations and holds, fetched every few seconds while the page is visible. Visitors who may steer can plan and remove them.

import { byId, h, list, part, parts, set, show, text } from './dom.js';
import { duration, time } from './format.js';
import { post } from './api.js';

const pollMilliseconds = 5000;
let subjects = '';

export function prepareWindows() {
  document.addEventListener('visibilitychange', refresh);
  setInterval(refresh, pollMilliseconds);
  byId('windows-form').addEventListener('submit', plan);
  byId('windows-open').addEventListener('click', () => open(byId('windows-form').hidden));
  refresh();
}

// The choices: unchanged while nothing has been added or removed, so that a selection is not lost.
export function showSubjects(state) {
  const all = [...state.breakers.filter(one => !one.name.startsWith('endpoint.')).map(one => ['breaker', one.name]), ...state.endpoints.map(one => ['endpoint', one.name])];
  const known = JSON.stringify(all);
  if (known === subjects) return;
  subjects = known;
  const options = all.map(([kind, name]) => {
    const option = h('option', { value: JSON.stringify([kind, name]) });
    text(option, `${kind === 'breaker' ? 'Isolate' : 'Hold'} ${name}`);
    return option;
  });
  byId('windows-subject').replaceChildren(...options);
}

async function refresh() {
  if (document.hidden) return;
  const response = await fetch('api/windows', { headers: { accept: 'application/json' } }).catch(() => null);
  if (response?.ok) showWindows(await response.json());
}

function showWindows({ windows }) {
  list(byId('windows-list'), windows, one => one.name, make, update);
  show(byId('windows-table'), windows.length > 0);
  show(byId('no-windows'), windows.length === 0);
}

function make(one) {
  const remove = part('button', 'remove', { type: 'button' }, 'Remove');
  remove.addEventListener('click', () => send(`windows/${encodeURIComponent(one.name)}/remove`, {}));
  const cell = (label, name) => h('td', { 'data-label': label }, part('span', name));
  return h('tr', {},
    h('td', { class: 'wide' }, part('span', 'subject', { class: 'name' }), part('span', 'reason', { class: 'reason' })),
    cell('From', 'start'), cell('To', 'end'), cell('When', 'when'), cell('Planned', 'name'), h('td', { class: 'actions' }, remove));
}

function update(row, one) {
  const at = parts(row);
  set(row, 'data-window', one.name);
  const [now, start, end] = [Date.now(), Date.parse(one.start), Date.parse(one.end)];
  text(at.subject, one.breaker ? `Isolate ${one.breaker}` : `Hold ${one.endpoint}`);
  text(at.reason, one.reason);
  text(at.start, time(one.start));
  text(at.end, time(one.end));
  text(at.when, start > now ? `in ${duration((start - now) / 1000)}` : `now, ${duration((end - now) / 1000)} left`);
  set(at.when, 'class', start > now ? null : 'fact-open');
  text(at.name, one.isRemovable ? `by ${one.by ?? 'somebody'}` : `${one.name}${one.cron ? `: ${one.cron}, ${one.timeZone}` : ''}`);
  show(at.remove, one.isRemovable);
}

function open(isOpen) {
  show(byId('windows-form'), isOpen);
  set(byId('windows-open'), 'aria-expanded', String(isOpen));
}

async function plan(event) {
  event.preventDefault();
  const reason = byId('windows-reason').value.trim();
  const start = byId('windows-start').value;
  if (!reason) {
    text(byId('windows-problem'), 'Say why: the reason is shown to the next operator on call.');
    byId('windows-reason').focus();
    return;
  }
  const [kind, name] = JSON.parse(byId('windows-subject').value || '["breaker",""]');
  const order = { [kind]: name, reason, durationSeconds: Number(byId('windows-duration').value) };
  // Times are typed in the visitor's own zone.
  if (start) order.start = new Date(start).toISOString();
  if (await send('windows', order)) {
    byId('windows-form').reset();
    open(false);
  }
}

async function send(address, order) {
  if (document.documentElement.dataset.steering !== 'unlocked') {
    byId('steering-notice').scrollIntoView();
    return false;
  }
  const { state, problem } = await post(address, order).catch(() => ({ problem: 'The server does not answer. As far as this page knows, nothing was done.' }));
  text(byId('windows-problem'), problem ?? '');
  if (!problem) showWindows(state);
  return !problem;
}
