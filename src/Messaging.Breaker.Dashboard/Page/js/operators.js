// What operators did on the whole fleet, and who, fetched every few seconds while the page is visible.

import { byId, h, list, part, parts, show, text } from './dom.js';
import { count, duration, time } from './format.js';

const pollMilliseconds = 5000;
const most = 20;

export function prepareOperators() {
  document.addEventListener('visibilitychange', refresh);
  setInterval(refresh, pollMilliseconds);
  refresh();
}

async function refresh() {
  if (document.hidden) return;
  const response = await fetch('api/operators', { headers: { accept: 'application/json' } }).catch(() => null);
  if (!response?.ok) return;
  const { operators, problem } = await response.json();
  show(byId('operators'), operators.length > 0 || problem !== null);
  text(byId('operators-problem'), problem ? `What operators did cannot be read: ${problem}` : '');
  // The previous list stays until the store answers again.
  if (problem) return;
  list(byId('operators-list'), [...operators.slice(0, most).entries()], ([place]) => `${place}`, make, (row, [, one]) => update(row, one));
  text(byId('operators-more'), operators.length > most ? `And ${count(operators.length - most)} before.` : '');
}

const cell = (label, name, kind = null) => h('td', { 'data-label': label }, part('span', name, { class: kind }));

const make = () => h('tr', {},
  h('td', { class: 'wide' }, part('span', 'what', { class: 'name' }), part('span', 'reason', { class: 'reason' })),
  cell('When', 'at', 'fit'), cell('For', 'length', 'fit'), cell('Who', 'by', 'why'));

function update(row, one) {
  const at = parts(row);
  text(at.what, `${one.action} ${one.kind} ${one.subject}`);
  text(at.reason, one.reason);
  text(at.at, time(one.at));
  text(at.length, one.seconds === null ? '–' : duration(one.seconds));
  text(at.by, one.by);
}
