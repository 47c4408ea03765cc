import { byId, h, set, show } from './dom.js';
import { count, rate, word } from './format.js';
import { Samples } from './samples.js';

const everything = 'all';
const height = 150;
const shortest = 60; // seconds on the axis, even for a young process
const colour = name => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

// Two charts over one time axis: the waiting messages, and the outcomes of the calls. The states of the breakers are behind both.
export class Charts {
  #samples = new Samples();
  #entries = [];
  #breakers = [];
  #endpoints = [];
  #depth;
  #outcomes;

  constructor() {
    this.#depth = this.#make('depth-chart', count, [{ label: 'Waiting', stroke: () => colour('depth'), fill: () => `${colour('depth')}22`, width: 1.8 }]);
    this.#outcomes = this.#make('outcome-chart', rate, [
      { label: 'Succeeded /s', stroke: () => colour('success'), width: 1.8 },
      { label: 'Failed /s', stroke: () => colour('failure'), width: 1.8, dash: [5, 3] },
    ]);
    for (const id of ['chart-breaker', 'chart-range']) byId(id).addEventListener('change', () => this.#draw());
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#draw());
    new ResizeObserver(() => this.#resize()).observe(byId('depth-chart'));
  }

  reset(samples, entries) {
    this.#samples.reset(samples);
    this.#entries = entries.filter(entry => entry.kind === 'Breaker');
    this.#draw();
  }

  addEntry(entry) {
    if (entry.kind === 'Breaker') this.#entries.push(entry);
  }

  add(state) {
    const isFirst = this.#breakers.length === 0; // Earlier samples could not be drawn without the breakers' names.
    this.#breakers = state.breakers;
    this.#endpoints = state.endpoints;
    this.#offer(state.breakers);
    if (this.#samples.add(state) || isFirst) this.#draw();
  }

  #offer(breakers) {
    const select = byId('chart-breaker');
    const values = [everything, ...breakers.map(breaker => `=${breaker.name}`)];
    if (select.options.length === values.length && values.every((value, i) => select.options[i].value === value)) return;
    const chosen = select.value;
    select.replaceChildren(...values.map(value => h('option', { value }, value === everything ? 'all' : value.slice(1))));
    select.value = values.includes(chosen) ? chosen : everything;
  }

  #draw() {
    const choice = byId('chart-breaker').value || everything;
    const breakers = this.#breakers.filter(breaker => choice === everything || choice === `=${breaker.name}`).map(breaker => breaker.name);
    const queues = choice === everything
      ? null
      : this.#endpoints.filter(endpoint => endpoint.breakers.some(name => breakers.includes(name))).map(endpoint => endpoint.name);
    const columns = this.#samples.read(Number(byId('chart-range').value), queues, breakers);
    this.#bands = this.#stretches(breakers, columns.at);
    this.#depth.setData([columns.at, columns.waiting]);
    this.#outcomes.setData([columns.at, columns.succeeded, columns.failed]);
    const last = columns.at.length - 1;
    for (const plot of [this.#depth, this.#outcomes])
      if (plot.cursor.idx === null || plot.cursor.left < 0) plot.setLegend({ idx: last }, false);
    set(byId('depth-chart'), 'aria-label', `Messages waiting, now ${count(columns.waiting[last])}`);
    set(byId('outcome-chart'), 'aria-label', `Outcomes per second, now ${rate(columns.succeeded[last])} succeeded and ${rate(columns.failed[last])} failed`);
  }

  #bands = [];

  // When one of the breakers was not closed: [from, to, state], in seconds.
  #stretches(names, at) {
    const end = at.at(-1) ?? 0;
    return names.flatMap(name => {
      const changes = this.#entries.filter(entry => entry.subject === name);
      const oldest = changes.length ? [[at[0] ?? 0, changes[0].from]] : [];
      const known = [...oldest, ...changes.map(entry => [Date.parse(entry.at) / 1000, entry.to])];
      return known.map(([from, state], index) => [from, known[index + 1]?.[0] ?? end, state, name]).filter(([, , state]) => state !== 'Closed');
    });
  }

  #drawBands(plot) {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.textAlign = 'left';
    let written = 0; // A row of reopens is labelled once.
    for (const [from, to, state] of this.#bands) {
      const left = Math.max(plot.valToPos(from, 'x', true), bbox.left);
      const width = Math.max(plot.valToPos(to, 'x', true) - left, devicePixelRatio);
      ctx.globalAlpha = 0.12;
      ctx.fillStyle = colour(state.toLowerCase());
      ctx.fillRect(left, bbox.top, width, bbox.height);
      ctx.globalAlpha = 1;
      ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
      const wide = ctx.measureText(word(state)).width + 8 * devicePixelRatio;
      if (wide > width || left < written) continue;
      ctx.fillText(word(state), left + 4 * devicePixelRatio, bbox.top + 13 * devicePixelRatio);
      written = left + 2 * wide;
    }
    ctx.restore();
  }

  #make(id, format, series) {
    const value = (_, shown) => shown === null || shown === undefined ? '–' : format(shown);
    const axis = { stroke: () => colour('muted'), grid: { stroke: () => colour('line'), width: 1 }, ticks: { show: false }, font: '11px system-ui, sans-serif' };
    return new uPlot({
      width: byId(id).clientWidth || 300,
      height,
      padding: [8, 26, 0, 0],
      cursor: { sync: { key: 'breakers' }, points: { size: 6 }, drag: { x: false, y: false } },
      scales: { x: { range: (_, min, max) => [Math.min(min, max - shortest), max] }, y: { range: (_, min, max) => [0, Math.max(max ?? 0, 1) * 1.15] } },
      axes: [{ ...axis, values: [[60, '{HH}:{mm}', null, null, null, null, null, null, 1], [1, '{HH}:{mm}:{ss}', null, null, null, null, null, null, 1]], space: 70, size: 24 },
        { ...axis, size: 52, space: 28, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 1e6, 1e7] }],
      series: [{ label: 'Time', value: '{HH}:{mm}:{ss}' }, ...series.map(one => ({ ...one, value, points: { show: false } }))],
      hooks: { drawClear: [plot => this.#drawBands(plot)] },
    }, [[], ...series.map(() => [])], byId(id));
  }

  #resize() {
    for (const [plot, id] of [[this.#depth, 'depth-chart'], [this.#outcomes, 'outcome-chart']])
      plot.setSize({ width: byId(id).clientWidth, height });
    show(byId('depth-chart'), true);
  }
}
