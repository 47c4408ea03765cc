import { h, icon, list, part, parts, set, setIcon, show, text, byId } from './dom.js';
import { duration, time, word } from './format.js';
import { since } from './clock.js';

export function showAlerts(alerts) {
  list(byId('alerts'), alerts, alert => `${alert.rule} ${alert.breaker} ${alert.queues}`, make, update);
  show(byId('alerts'), alerts.length > 0);
}

const make = () => h('li', {}, icon('warning'), h('span', {}, part('b', 'severity'), ' ', part('span', 'message'), ' ', part('span', 'queues', { class: 'muted' })), part('time', 'since'));

function update(item, alert) {
  const at = parts(item);
  set(item, 'data-state', alert.severity);
  set(item, 'data-rule', alert.rule);
  setIcon(item.firstChild, alert.severity);
  text(at.severity, alert.severity);
  text(at.message, alert.message);
  const isNamed = alert.queues.every(queue => alert.message.includes(queue));
  text(at.queues, isNamed ? '' : `${alert.queues.join(', ')}${alert.breaker && alert.keys.length === 0 ? ` · ${alert.breaker} is ${word(alert.breakerState).toLowerCase()}` : ''}`);
  text(at.since, `${time(alert.since)} · ${duration(since(alert.since))}`);
}
