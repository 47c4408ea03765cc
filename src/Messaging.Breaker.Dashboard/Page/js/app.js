import { byId, text } from './dom.js';
import { duration, plural } from './format.js';
import { follow } from './clock.js';
import { describe, showBreakers } from './breakers.js';
import { showEndpoints } from './endpoints.js';
import { showHeadline } from './headline.js';
import { showAlerts } from './alerts.js';
import { addEntry, showTimeline } from './timeline.js';
import { Charts } from './charts.js';
import { prepareSteering, unlock } from './steer.js';
import { downIn, prepareKeys, showKeys } from './keys.js';
import { prepareLetters } from './letters.js';
import { prepareFleet } from './fleet.js';
import { prepareOutages } from './outages.js';
import { prepareOperators } from './operators.js';
import { prepareWindows, showSubjects } from './windows.js';
import { listen } from './stream.js';

const charts = new Charts();
let state = null;

function receive(news) {
  follow(news.at);
  announce(state, news);
  state = news;
  text(byId('service'), state.service);
  text(byId('instance'), `on ${state.instance}`);
  render();
  charts.add(state);
}

function render() {
  showHeadline(state);
  showAlerts(state.alerts);
  showBreakers(state.breakers);
  showKeys(state);
  showEndpoints(state);
  showSubjects(state);
}

function announce(before, after) {
  if (!before) return;
  const generations = new Map(before.breakers.map(breaker => [breaker.name, breaker.generation]));
  const changed = after.breakers.filter(breaker => generations.get(breaker.name) !== breaker.generation);
  const keysDown = new Map(before.keys.map(view => [view.breaker, downIn(view)]));
  const news = after.keys.filter(view => keysDown.get(view.breaker) !== downIn(view)).map(view => `${plural(downIn(view), 'key')} of ${view.breaker} down`);
  if (changed.length || news.length) text(byId('announcer'), [...changed.map(describe), ...news].join('. '));
}

function streamIs(value, words) {
  document.documentElement.dataset.stream = value;
  text(byId('stream-text'), words);
}

listen({
  live() {
    streamIs('live', 'Live');
    if (document.documentElement.dataset.steering === 'locked') unlock();
  },
  lost() {
    streamIs('lost', 'Connection lost');
    document.title = 'Connection lost · Breakers';
    text(byId('announcer'), 'The connection is lost. The page shows old data.');
  },
  tick(silence) {
    if (document.documentElement.dataset.stream === 'lost')
      streamIs('lost', state ? `Connection lost: data is ${duration(silence)} old` : 'Connection lost');
    else if (state) render(); // Countdowns and ages continue between two states.
  },
  history({ samples, timeline }) {
    showTimeline(timeline);
    charts.reset(samples, timeline);
  },
  state: receive,
  entry(entry) {
    addEntry(entry);
    charts.addEntry(entry);
  },
});

prepareSteering(receive);
prepareKeys();
prepareLetters();
prepareFleet();
prepareOutages();
prepareOperators();
prepareWindows();
