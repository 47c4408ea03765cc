import { byId, h, show, text } from './dom.js';
import { post, steer, whyLocked } from './api.js';
import { shorten } from './legible.js';

export { post };

const expiries = [[900, '15 minutes'], [3600, '1 hour'], [14400, '4 hours'], [43200, '12 hours'], [86400, '1 day'], [259200, '3 days'], [604800, '7 days'], [null, 'until released']];
const breaks = [[null, 'the configured break'], [60, 'at least 1 minute'], [300, 'at least 5 minutes'], [900, 'at least 15 minutes']];

const actions = {
  trip: { text: 'Opens the breaker now, as its own rules would: its endpoints pause, and probing follows the break.', duration: ['minimumBreakSeconds', 'How long', breaks] },
  isolate: { text: 'Holds the breaker open, and its endpoints paused, until it is released.', duration: ['expirySeconds', 'How long', expiries] },
  release: { text: 'Ends the isolation: a few probes test whether the dependency works.' },
  reset: { text: 'Closes the breaker at once, without probing: all messages flow again.' },
  pause: { text: 'Stops consuming, whatever the breakers say. The messages stay in the queue.', duration: ['expirySeconds', 'How long', expiries] },
  redrive: { text: 'Moves the messages back to the queue they came from, while its breakers are closed, and stops if most of them fail again.' },
  discard: { text: 'Moves the messages from the queue to a file on the server.', confirms: true },
  resume: { text: 'Ends the hold: the endpoint consumes again, unless a breaker pauses it too.', needsNoReason: true },
};

// The texts that differ for one key of a breaker.
const keyTexts = {
  trip: 'Opens this key now, as its own rules would: its messages wait, and probing follows the break. The other keys are served.',
  isolate: 'Holds this key open, and its messages waiting, until it is released. The other keys are served.',
  release: 'Ends the isolation: a few of its messages test whether it works.',
  reset: 'Closes this key at once, without probing: its messages flow again.',
};

// The outcome of an order for the fleet, if it differs from the order.
const outcomes = {
  FleetWhenStoreIsBack: 'Done on this instance only: the fleet\'s store is out of reach. The others will be told when it is back.',
  HeldByFleet: 'It stays held: the fleet holds it.',
};

let afterwards = () => {};
let order = null;

export async function prepareSteering(onState) {
  afterwards = onState;
  byId('steer-form').addEventListener('submit', submit);
  byId('steer-cancel').addEventListener('click', () => byId('steer').close());
  await unlock();
}

export async function unlock() {
  const why = await whyLocked().catch(() => 'The server does not answer.');
  document.documentElement.dataset.steering = why === null ? 'unlocked' : 'locked';
  show(byId('steering-notice'), why !== null);
  if (why !== null) text(byId('steering-notice'), `You can look but not steer. ${why}`);
}

// For a breaker, "key" names one of its keys.
export function ask(kind, name, action, { key, more = {}, done = () => {} } = {}) {
  if (document.documentElement.dataset.steering !== 'unlocked') {
    byId('steering-notice').scrollIntoView();
    return;
  }
  const { text: explanation, duration, needsNoReason, confirms } = actions[action];
  const verb = action[0].toUpperCase() + action.slice(1);
  order = { kind, name, key, action, more, done, confirms, needsReason: !needsNoReason, duration: duration?.[0] };
  text(byId('steer-title'), `${verb} ${key === undefined ? name : `${shorten(key)} of ${name}`}`);
  text(byId('steer-text'), key === undefined ? explanation : keyTexts[action]);
  text(byId('steer-confirm'), verb);
  text(byId('steer-problem'), '');
  byId('steer-reason').value = '';
  show(byId('steer-reason-label'), order.needsReason);
  show(byId('steer-confirm-label'), Boolean(confirms));
  byId('steer-confirm-name').value = '';
  show(byId('steer-here-label'), kind === 'endpoints');
  byId('steer-here').checked = false;
  show(byId('steer-confirm'), true);
  show(byId('steer-duration-label'), Boolean(duration));
  if (duration) {
    text(byId('steer-duration-name'), duration[1]);
    byId('steer-duration').replaceChildren(...duration[2].map(([seconds, label]) => h('option', { value: seconds ?? '' }, label)));
    byId('steer-duration').value = duration[2][action === 'trip' ? 0 : 1][0] ?? '';
  }
  byId('steer').showModal();
  (order.needsReason ? byId('steer-reason') : byId('steer-confirm')).focus();
}

async function submit(event) {
  event.preventDefault();
  const reason = byId('steer-reason').value.trim();
  if (order.needsReason && !reason) {
    text(byId('steer-problem'), 'Say why: the reason is shown to the next operator on call.');
    byId('steer-reason').focus();
    return;
  }
  const body = order.needsReason ? { reason, ...order.more } : {};
  const confirmed = order.confirms ? byId('steer-confirm-name').value.trim() : '';
  if (confirmed) body.confirmLossOf = confirmed;
  if (order.kind === 'endpoints' && byId('steer-here').checked) body.thisInstanceOnly = true;
  const seconds = order.duration ? byId('steer-duration').value : '';
  if (seconds) body[order.duration] = Number(seconds);

  byId('steer-confirm').disabled = true;
  const { state, problem, outcome } = await steer(order.kind, order.name, order.action, body, order.key)
    .catch(() => ({ problem: 'The server does not answer. As far as this page knows, nothing was done.' }));
  byId('steer-confirm').disabled = false;
  if (problem) {
    text(byId('steer-problem'), problem);
    return;
  }
  if (order.kind !== 'dead-letters') afterwards(state);
  order.done();
  text(byId('steer-problem'), outcomes[outcome] ?? '');
  show(byId('steer-confirm'), !outcomes[outcome]);
  if (!outcomes[outcome]) byId('steer').close();
}
