// The last minutes in columns, as the server keeps them, and the series that the charts derive from them.

const mostSamples = 7200;

export class Samples {
  #at = [];
  #columns = { ready: new Map(), calls: new Map(), failedCalls: new Map() };

  reset({ at, ready, calls, failedCalls }) {
    this.#at = at;
    this.#columns = Object.fromEntries(
      Object.entries({ ready, calls, failedCalls }).map(([name, columns]) => [name, new Map(Object.entries(columns))]));
  }

  // States come once a second, and at once when something happens; the extra ones are not samples.
  add(state) {
    const at = Date.parse(state.at) / 1000;
    if (at - (this.#at.at(-1) ?? 0) < 0.9) return false;
    this.#at.push(at);
    const queues = [...state.endpoints.map(endpoint => endpoint.queue).filter(queue => queue), ...state.otherQueues];
    this.#append('ready', queues.map(queue => [queue.name, queue.ready]));
    this.#append('calls', state.breakers.map(breaker => [breaker.name, breaker.calls]));
    this.#append('failedCalls', state.breakers.map(breaker => [breaker.name, breaker.failedCalls]));
    if (this.#at.length > mostSamples) this.#drop();
    return true;
  }

  // Queues null means all of them.
  read(seconds, queues, breakers) {
    const start = this.#at.findIndex(at => at > this.#at.at(-1) - seconds);
    const first = Math.max(0, start);
    const at = this.#at.slice(first);
    const waiting = this.#sum('ready', queues ?? [...this.#columns.ready.keys()]).slice(first);
    const calls = this.#sum('calls', breakers);
    const failed = this.#sum('failedCalls', breakers);
    return {
      at,
      waiting,
      succeeded: this.#rates(calls.map((total, index) => total === null ? null : total - failed[index])).slice(first),
      failed: this.#rates(failed).slice(first),
    };
  }

  #append(name, values) {
    const columns = this.#columns[name];
    const now = new Map(values);
    for (const key of now.keys())
      if (!columns.has(key)) columns.set(key, Array(this.#at.length - 1).fill(null));
    for (const [key, column] of columns) column.push(now.get(key) ?? null);
  }

  #drop() {
    this.#at.shift();
    for (const columns of Object.values(this.#columns))
      for (const column of columns.values()) column.shift();
  }

  #sum(name, keys) {
    const columns = keys.map(key => this.#columns[name].get(key)).filter(column => column);
    return this.#at.map((_, index) => {
      const known = columns.map(column => column[index]).filter(value => value !== null);
      return known.length ? known.reduce((sum, value) => sum + value, 0) : null;
    });
  }

  #rates(totals) {
    return totals.map((total, index) => {
      const before = totals[index - 1];
      if (index === 0 || total === null || before === null || total < before) return null;
      return (total - before) / (this.#at[index] - this.#at[index - 1]);
    });
  }
}
