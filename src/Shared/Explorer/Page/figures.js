// Live figures of a service: rates, run times, places.
import * as api from './api.js';
import { h, svg } from './dom.js';

const seconds = 60;

/** Run times are those of so many of the last seconds. */
const window = 10;

const firstRange = 0.25;

const text = rate => rate === null ? '–' : rate === 0 ? '0' : rate < 10 ? rate.toFixed(1) : String(Math.round(rate));

const sum = values => values.reduce((all, value) => all + value, 0);

/** The upper end of the range in which a share of the calls ended. */
function percentile(durations, share) {
  const all = sum(durations);
  let seen = 0;
  for (let i = 0; i < durations.length && all > 0; i++) {
    seen += durations[i];
    if (seen >= share * all) {
      const isLast = i === durations.length - 1;
      return `${isLast ? '>' : '<'} ${firstRange * 2 ** (isLast ? i - 1 : i)}`;
    }
  }

  return '–';
}

export class Figures {
  #stop = null;
  #history = [];
  #tiles = {};
  #body;

  constructor(element) {
    this.element = element;
  }

  /** Shows the figures of a service; null for none. */
  show(queue) {
    this.#stop?.abort();
    this.element.hidden = queue === null;
    if (queue !== null) {
      this.#stop = new AbortController();
      this.#history = [];
      this.#draw();
      this.#run(queue, this.#stop.signal);
    }
  }

  async #run(queue, signal) {
    while (!signal.aborted) {
      try {
        for await (const event of api.figures(queue, signal)) {
          this.#take(event);
        }
      } catch (failure) {
        if (!signal.aborted) {
          this.#say(failure.message);
        }
      }

      await new Promise(resolve => setTimeout(resolve, 2000));
    }
  }

  #draw() {
    const tile = (name, unit = '') => {
      this.#tiles[name] = h('dd', {}, '–');
      return h('div', { class: 'tile' }, h('dt', {}, name), this.#tiles[name], unit ? h('span', { class: 'unit' }, unit) : '');
    };
    this.#body = {
      note: h('p', { class: 'quiet', role: 'status' }, 'Asking the instances…'),
      chart: svg('svg', { class: 'chart', viewBox: `0 0 ${seconds} 40`, preserveAspectRatio: 'none', role: 'img', 'aria-label': 'Calls in a second, in the last minute' },
        svg('polyline', { class: 'area' }), svg('polyline', { class: 'calls' }), svg('polyline', { class: 'faults' })),
      places: h('meter', { min: 0, max: 1, value: 0, 'aria-label': 'Places taken' }),
      rows: h('tbody', {}),
    };
    this.element.replaceChildren(
      h('h2', {}, 'Now'),
      h('dl', { class: 'tiles' }, tile('Calls', 'a second'), tile('Faults', 'a second'), tile('p50', 'ms'), tile('p99', 'ms'), tile('Waiting'), tile('In the queue')),
      this.#body.chart,
      h('dl', { class: 'tiles one' }, tile('Places taken')),
      this.#body.places,
      this.#body.note,
      h('table', {}, h('thead', {}, h('tr', {}, ['Method', 'Calls/s', 'Faults/s', 'Running'].map(name => h('th', { scope: 'col' }, name)))), this.#body.rows));
  }

  #take(event) {
    if (!event.figures) {
      this.#say(event.failure?.message ?? 'No instance answers.');
      return;
    }

    const now = event.figures;
    this.#say('');
    const total = key => now.methods.some(method => method[key] !== null) ? sum(now.methods.map(method => method[key] ?? 0)) : null;
    const durations = now.methods.reduce((all, method) => method.durations.map((count, i) => count + (all[i] ?? 0)), []);
    this.#history.push({ calls: total('callsPerSecond'), faults: total('faultsPerSecond'), durations });
    this.#history.splice(0, this.#history.length - seconds);
    const before = this.#history.at(-1 - window) ?? this.#history[0];
    const latest = durations.map((count, i) => Math.max(0, count - before.durations[i]));
    const { calls, faults } = this.#history.at(-1);
    this.#set({ Calls: text(calls), Faults: text(faults), p50: percentile(latest, 0.5), p99: percentile(latest, 0.99), Waiting: now.waiting, 'In the queue': now.depth ?? '–', 'Places taken': `${now.running} of ${now.places} in ${now.instances} ${now.instances === 1 ? 'instance' : 'instances'}` });
    this.#tiles.Faults.classList.toggle('bad', faults > 0);
    this.#body.places.max = Math.max(1, now.places);
    this.#body.places.value = now.running;
    this.#body.rows.replaceChildren(...now.methods.map(method => h('tr', {},
      h('th', { scope: 'row' }, method.name),
      h('td', {}, text(method.callsPerSecond)),
      h('td', { class: method.faultsPerSecond > 0 ? 'bad' : null }, text(method.faultsPerSecond)),
      h('td', {}, method.inFlight))));
    this.#plot();
  }

  #set(values) {
    for (const [name, value] of Object.entries(values)) {
      this.#tiles[name].textContent = value;
    }
  }

  #plot() {
    const top = Math.max(1, ...this.#history.map(point => point.calls ?? 0));
    const points = key => this.#history.map((point, i) => `${seconds - this.#history.length + i + 1},${(38 - 36 * (point[key] ?? 0) / top).toFixed(2)}`);
    const calls = points('calls');
    const [area, line, faults] = this.#body.chart.children;
    line.setAttribute('points', calls.join(' '));
    faults.setAttribute('points', points('faults').join(' '));
    area.setAttribute('points', [`${seconds - this.#history.length + 1},40`, ...calls, `${seconds},40`].join(' '));
    this.#body.chart.setAttribute('aria-label', `Calls in a second, in the last minute: now ${text(this.#history.at(-1).calls)}, at most ${text(top)}`);
  }

  #say(message) {
    this.#body.note.textContent = message;
    this.#body.note.hidden = message === '';
  }
}
