import { h, icon, list, part, parts, set, setIcon, show, text, byId } from './dom.js';
import { about, count, duration, plural, rate, time, word } from './format.js';
import { now, since, until } from './clock.js';
import { legible, shorten } from './legible.js';
import { isReplaced, nextProbe } from './breakers.js';

// What is down, since when, how many messages wait, when they will be drained: readable in ten seconds.

export function showHeadline(state) {
  const troubles = [
    ...state.breakers.filter(isTrouble).map(breaker => ofBreaker(breaker, state)),
    ...state.keys.filter(keys => areTrouble(keys, state)).map(ofKeys),
    ...state.endpoints.filter(endpoint => endpoint.hold).map(ofHold),
  ];
  const items = troubles.length ? troubles : [{ key: 'well' }];
  list(byId('headline'), items, item => item.key, item => item.key === 'well' ? makeWell() : makeTrouble(),
    (element, item) => item.key === 'well' ? updateWell(element, state) : updateTrouble(element, item));
  document.title = legible(title(troubles, state));
}

const isTrouble = breaker => breaker.mode === 'Enforcing' && (breaker.state !== 'Closed' || breaker.rampLimit !== null);

function ofBreaker(breaker, state) {
  const guarded = state.endpoints.filter(endpoint => endpoint.breakers.includes(breaker.name));
  const needing = guarded.filter(endpoint => !isReplaced(endpoint, breaker.name, state.breakers));
  const isDoneWithout = breaker.state !== 'Closed' && guarded.length > 0 && needing.length === 0;
  const queues = needing.map(endpoint => endpoint.queue).filter(queue => queue);
  const isBack = breaker.state === 'Closed';
  const outage = state.outages.find(one => one.breaker === breaker.name);
  const start = outage?.since ?? breaker.since;
  return {
    key: `breaker ${breaker.name}`,
    state: breaker.state,
    icon: breaker.state,
    name: breaker.name,
    what: isBack ? 'back' : { Open: 'down', HalfOpen: 'being probed', Isolated: 'held open by an operator' }[breaker.state],
    word: isBack ? 'Ramping up' : word(breaker.state),
    why: outage && outage.reason !== breaker.reason ? `${outage.reason}; last, ${breaker.reason}` : breaker.reason,
    facts: [
      [isBack ? 'Back for' : 'Down for', duration(since(start)), `since ${time(start)}`],
      isDoneWithout ? ['Waiting', 'nothing', 'an alternative is in use'] : waiting(queues),
      isBack
        ? ['Messages at once', count(breaker.rampLimit), 'rising']
        : ['Next probe', nextProbe(breaker), breaker.nextProbeAt && until(breaker.nextProbeAt) > 0 ? `at ${time(breaker.nextProbeAt)}` : ''],
      isDoneWithout ? ['Drained', 'nothing waits', ''] : drained(queues, isBack && !needing.some(endpoint => endpoint.hold), breaker),
    ],
  };
}

// While the breaker of the whole is not closed, its state applies to its keys.
const isDown = key => key.state === 'Open' || key.state === 'HalfOpen';
const areTrouble = ({ breaker, summary, keys }, state) => summary.open + summary.halfOpen > 0 && keys.some(isDown)
  && state.breakers.some(whole => whole.name === breaker && whole.mode === 'Enforcing' && whole.state === 'Closed');

function ofKeys({ breaker, summary, keys }) {
  const down = keys.filter(isDown);
  const number = summary.open + summary.halfOpen;
  return {
    key: `keys ${breaker}`,
    state: 'HalfOpen',
    icon: 'warning',
    name: breaker,
    what: `down for ${plural(number, 'key')}`,
    word: 'Others served',
    title: `${plural(number, 'key')} down`,
    why: down.slice(0, 2).map(key => `${shorten(key.key)}: ${key.reason}`).join('; '),
    facts: [
      ['Not down', plural(Math.max(0, summary.remembered - number - summary.isolated), 'key'), 'of those known here'],
      ['Waiting', summary.parked === null ? 'unknown' : plural(summary.parked, 'message'), summary.oldestParkedAt ? `the oldest for ${duration(since(summary.oldestParkedAt))} at most` : ''],
      ['Held by operators', plural(summary.isolated, 'key'), ''],
      ['Catching up', plural(summary.emptying, 'key'), ''],
    ],
  };
}

function ofHold(endpoint) {
  const hold = endpoint.hold;
  const queues = endpoint.queue ? [endpoint.queue] : [];
  return {
    key: `endpoint ${endpoint.name}`,
    state: 'Held',
    icon: 'paused',
    name: endpoint.name,
    what: 'paused by an operator',
    word: 'Held',
    why: hold.reason,
    facts: [
      ['Paused for', duration(since(hold.since)), `since ${time(hold.since)}`],
      waiting(queues),
      ['Resumes', hold.until ? `in ${duration(until(hold.until))}` : 'by hand', hold.until ? `at ${time(hold.until)}` : 'no expiry'],
      drained(queues, false, null),
    ],
  };
}

function waiting(queues) {
  if (!queues.length) return ['Waiting', 'unknown', 'no queue is watched'];
  const arrivals = queues.some(queue => queue.arrivalRate !== null) ? queues.reduce((sum, queue) => sum + (queue.arrivalRate ?? 0), 0) : null;
  return ['Waiting', plural(queues.reduce((sum, queue) => sum + queue.ready, 0), 'message'), arrivals === null ? '' : `${rate(arrivals)} more per second`];
}

function drained(queues, isBack, breaker) {
  const losses = queues.map(queue => queue.secondsUntilLoss).filter(loss => loss !== null);
  const loss = losses.length ? `messages are lost in ${duration(Math.min(...losses))}` : '';
  if (queues.length && queues.every(queue => queue.ready === 0)) return ['Drained', 'nothing waits', loss];
  const known = queues.filter(queue => queue.ready > 0).map(queue => queue.secondsUntilDrained);
  if (!known.length || known.includes(null)) return ['Drained', 'unknown', loss || 'no forecast yet'];
  const seconds = Math.max(...known);
  if (isBack) return ['Drained', `in ${about(seconds)}`, loss || `at ${time(now() + seconds * 1000)}`];
  if (breaker?.state === 'Closed') return ['Drained', `${about(seconds)} after resuming`, loss || 'an operator holds an endpoint'];
  const earliest = breaker?.nextProbeAt ? Math.max(now(), Date.parse(breaker.nextProbeAt)) + seconds * 1000 : null;
  return ['Drained', `${about(seconds)} after ${breaker ? 'recovery' : 'resuming'}`, loss || (earliest ? `at ${time(earliest)} if the next probe succeeds` : 'once messages flow again')];
}

function makeTrouble() {
  const fact = index => h('div', {}, part('dt', `term${index}`), h('dd', {}, part('span', `value${index}`), part('small', `more${index}`)));
  return h('article', { class: 'trouble' },
    h('h2', {}, part('span', 'icon', {}, icon('open')), h('span', { class: 'what' }, part('span', 'name', { class: 'name' }), ' is ', part('em', 'what')), h('span', { class: 'pill' }, part('span', 'word'))),
    part('p', 'why', { class: 'why' }),
    h('dl', { class: 'facts' }, fact(0), fact(1), fact(2), fact(3)));
}

function updateTrouble(element, trouble) {
  const at = parts(element);
  set(element, 'data-state', trouble.state);
  setIcon(at.icon.firstChild, trouble.icon);
  text(at.name, trouble.name);
  text(at.what, trouble.what);
  text(at.word, trouble.word);
  text(at.why, trouble.why);
  trouble.facts.forEach(([term, value, more], index) => {
    text(at[`term${index}`], term);
    text(at[`value${index}`], value);
    text(at[`more${index}`], more);
    show(at[`more${index}`], more !== '');
  });
}

function makeWell() {
  return h('p', { class: 'well' }, icon('closed'), h('span', {}, part('b', 'what'), ' ', part('span', 'more')));
}

function updateWell(element, state) {
  const at = parts(element);
  const closed = state.breakers.filter(breaker => breaker.mode === 'Enforcing').length;
  const others = state.breakers.filter(breaker => breaker.mode !== 'Enforcing').map(breaker => `${breaker.name} is in mode ${breaker.mode}`);
  const queues = [...state.endpoints.map(endpoint => endpoint.queue), ...state.otherQueues].filter(queue => queue);
  const waitingNow = queues.length ? [`${plural(queues.reduce((sum, queue) => sum + queue.ready, 0), 'message')} waiting`] : [];
  const held = state.keys.filter(keys => keys.summary.isolated > 0).map(keys => `${plural(keys.summary.isolated, 'key')} of ${keys.breaker} held by operators`);
  text(at.what, 'Nothing is down.');
  text(at.more, [`${plural(closed, 'breaker')} closed`, ...others, ...held, ...waitingNow].join(', '));
}

function title(troubles, state) {
  if (!troubles.length) return `Breakers · ${state.service}`;
  const [first] = troubles;
  const state0 = first.title ?? (first.state === 'Held' ? 'Paused' : first.state === 'Closed' ? 'Recovering' : word(first.state));
  return `${state0}: ${first.name}${troubles.length > 1 ? ` and ${troubles.length - 1} more` : ''} · ${state.service}`;
}
