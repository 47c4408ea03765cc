// Dead letters: the messages in _error and _skipped, in groups, and their redrive. Read only on request.

import { byId, h, list, part, parts, set, show, text } from './dom.js';
import { count, plural, time } from './format.js';
import { ask, post } from './steer.js';
import { look, readLetters } from './api.js';

const pollMilliseconds = 1000;
let queue = null;
let timer = null;

export function prepareLetters() {
  byId('letters-look').addEventListener('click', lookNow);
  byId('letters-queue').addEventListener('change', () => forget());
  byId('letters-all').addEventListener('click', () => askFor('redrive', null));
  refresh();
}

export async function refresh() {
  const view = await readLetters().catch(() => null);
  if (!view) return;
  showQueues(view.queues);
  showRuns(view.runs, view.here);
  showTrips(view.trips);
  text(byId('ledger-problem'), view.problem ? `Only this instance's actions are listed: ${view.problem}` : '');
  clearTimeout(timer);
  if (view.runs.some(isUnderWay)) timer = setTimeout(refresh, pollMilliseconds);
}

const isUnderWay = run => run.ended === null;

function showQueues(queues) {
  show(byId('letters'), queues.length > 0);
  const select = byId('letters-queue');
  const names = queues.map(known => known.name);
  if (names.join('\n') === [...select.options].map(option => option.value).join('\n')) return;
  select.replaceChildren(...names.map(name => {
    const option = h('option', { value: name });
    text(option, name);
    return option;
  }));
}

function forget() {
  queue = null;
  byId('letters-groups').replaceChildren();
  text(byId('letters-summary'), '');
  show(byId('letters-table'), false);
  show(byId('letters-all'), false);
}

async function lookNow() {
  forget();
  const name = byId('letters-queue').value;
  byId('letters-look').disabled = true;
  text(byId('letters-summary'), 'Looking…');
  const { report, problem } = await look(name).catch(() => ({ problem: 'The server does not answer.' }));
  byId('letters-look').disabled = false;
  if (problem) {
    text(byId('letters-summary'), problem);
    return;
  }
  queue = name;
  text(byId('letters-summary'), summary(report));
  show(byId('letters-table'), report.groups.length > 0);
  show(byId('letters-all'), report.messages > 0);
  list(byId('letters-groups'), report.groups, group => group.key, makeGroup, showGroup);
}

function summary(report) {
  const words = [report.messages === 0 ? 'No messages.' : `${plural(report.messages, 'message')} in ${plural(report.groups.length, 'group')}.`];
  if (report.unread > 0) words.push(`${count(report.unread)} more were not read.`);
  if (report.ungrouped > 0) words.push(`${count(report.ungrouped)} are in other groups.`);
  if (report.otherConsumers > 0) words.push(`${plural(report.otherConsumers, 'other consumer')} may hold more.`);
  return words.join(' ');
}

function makeGroup(group) {
  const row = h('tr', {},
    h('td', { class: 'number', 'data-label': 'Messages' }, part('span', 'count')),
    h('td', { class: 'wide' }, part('span', 'exception', { class: 'name' }), part('span', 'text', { class: 'reason' }),
      h('details', {}, part('summary', 'sample'), part('pre', 'headers', { tabindex: '0' }))),
    h('td', { 'data-label': 'Message' }, part('span', 'type')),
    h('td', { 'data-label': 'First' }, part('span', 'first')),
    h('td', { 'data-label': 'Last' }, part('span', 'last')),
    h('td', {}, part('button', 'redrive', { type: 'button', 'aria-haspopup': 'dialog' }, 'Redrive'), ' ',
      part('button', 'discard', { type: 'button', 'aria-haspopup': 'dialog' }, 'Discard')));
  parts(row).redrive.addEventListener('click', () => askFor('redrive', group.key));
  parts(row).discard.addEventListener('click', () => askFor('discard', group.key));
  return row;
}

function showGroup(row, group) {
  const at = parts(row);
  set(row, 'data-group', group.key);
  text(at.count, count(group.count));
  text(at.exception, group.exception ?? 'No exception recorded');
  text(at.text, group.text);
  text(at.type, shortName(group.messageType));
  text(at.first, group.first ? time(group.first) : '–');
  text(at.last, group.last ? time(group.last) : '–');
  text(at.sample, ['A sample', group.consumer, group.host && `on ${group.host}`].filter(Boolean).join(', '));
  at.headers.replaceChildren(...Object.entries(group.sample.headers).map(([name, value]) => {
    const line = h('div');
    text(line, `${name}: ${value}`);
    return line;
  }));
}

const shortName = type => type?.split(/[.:]/).at(-1) ?? '–';

function askFor(action, group) {
  ask('dead-letters', queue, action, {
    more: group ? { group } : {},
    done() {
      refresh();
      forget();
    },
  });
}

function showRuns(runs, here) {
  show(byId('runs'), runs.length > 0);
  list(byId('runs'), runs.slice(0, 20), run => run.id, makeRun, (item, run) => showRun(item, run, here.includes(run.id)));
}

// What an outage left in _error, if anything.
function showTrips(trips) {
  const left = trips.filter(trip => trip.deadLetters > 0).slice(0, 20);
  show(byId('trips'), left.length > 0);
  list(byId('trips'), left, trip => trip.id, makeTrip, showTrip);
}

const makeTrip = () => h('li', {}, part('span', 'what', { class: 'name' }), part('span', 'figures'), part('span', 'detail', { class: 'reason' }));

function showTrip(item, trip) {
  const at = parts(item);
  text(at.what, `${trip.breaker}, ${time(trip.began)} to ${trip.ended ? time(trip.ended) : 'now'}`);
  text(at.figures, [`${plural(trip.deadLetters, 'message')} ended in _error`, trip.reopens > 0 && `reopened ${plural(trip.reopens, 'time')}`].filter(Boolean).join(', '));
  text(at.detail, [...trip.groups.map(group => `${count(group.count)} times ${[group.exception, group.text].filter(Boolean).join(': ')}`), `on ${trip.instance}: ${trip.reason}`].join('. '));
}

function makeRun(run) {
  const item = h('li', {},
    part('span', 'what', { class: 'name' }), part('progress', 'progress', { 'aria-label': 'Messages read' }), part('span', 'figures'),
    part('span', 'detail', { class: 'reason' }), part('button', 'cancel', { type: 'button' }, 'Cancel'));
  parts(item).cancel.addEventListener('click', () => post(`dead-letter-runs/${run.id}/cancel`, {}).then(refresh));
  return item;
}

function showRun(item, run, isHere) {
  const at = parts(item);
  set(item, 'data-run', run.state);
  text(at.what, `${run.action} of ${run.queue}: ${run.state}`);
  set(at.progress, 'max', Math.max(run.found, run.read, 1));
  set(at.progress, 'value', run.state === 'Completed' ? Math.max(run.found, run.read, 1) : run.read);
  text(at.figures, [`${count(run.read)} of ${count(Math.max(run.found, run.read))} read`, `${count(run.moved)} moved`, run.action === 'Redrive' && `${count(run.failedAgain)} failed again`].filter(Boolean).join(', '));
  text(at.detail, [run.detail, ...run.problems, run.file && `kept in ${run.file}`, `${run.by} on ${run.instance}, ${time(run.began)}: ${run.reason}`].filter(Boolean).join('. '));
  // Another instance's run can only be cancelled on that instance's page.
  show(at.cancel, isUnderWay(run) && isHere);
}
