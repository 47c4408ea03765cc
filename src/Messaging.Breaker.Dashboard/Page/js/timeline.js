import { h, icon, show, byId } from './dom.js';
import { duration, time, word } from './format.js';
import { legible } from './legible.js';

const mostEntries = 200;

export function showTimeline(entries) {
  byId('timeline').replaceChildren();
  entries.forEach(addEntry);
}

export function addEntry(entry) {
  const timeline = byId('timeline');
  timeline.prepend(make(entry));
  while (timeline.children.length > mostEntries) timeline.lastChild.remove();
  show(byId('no-timeline'), false);
  show(timeline, true);
}

function make(entry) {
  const isBreaker = entry.kind !== 'Endpoint';
  const state = isBreaker ? entry.to : entry.to === 'Paused' ? 'Held' : 'Running';
  const shape = isBreaker ? entry.to : entry.to === 'Paused' ? 'paused' : 'running';
  const what = isBreaker ? `${word(entry.from)} → ${word(entry.to)}` : entry.to;
  const end = entry.breakSeconds ? ` for ${duration(entry.breakSeconds)}` : '';
  const mode = entry.mode && entry.mode !== 'Enforcing' ? ` (${entry.mode})` : '';
  return h('li', { 'data-state': state, 'data-number': entry.number },
    h('time', { datetime: entry.at }, time(entry.at)),
    icon(shape),
    h('div', {}, h('b', { class: 'name' }, legible(entry.subject)), ` ${what}${end}${mode}`, h('span', { class: 'reason' }, legible(entry.reason))));
}
