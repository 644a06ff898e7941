// Routes and keys. The address behind the hash names the service and the method, so that it can be passed on.
import * as api from './api.js';
import { h } from './dom.js';
import { Figures } from './figures.js';
import { parseObject } from './json.js';
import { MethodView } from './method.js';
import { Schemas } from './schema.js';
import { drawServices, link, serviceView } from './services.js';

const find = id => document.getElementById(id);
const main = find('main');
const filter = find('filter');
const figures = new Figures(find('figures'));
const state = { services: [], queue: null, method: null, methods: [], description: null, isReadOnly: false };
let view = null;
let loading = null;

/** Draws the list anew. The link that has the focus keeps it. */
function draw() {
  const list = find('services');
  const focused = list.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
  drawServices(list, state, filter.value);
  if (focused !== null) {
    [...list.querySelectorAll('a')].find(link => link.getAttribute('href') === focused)?.focus({ preventScroll: true });
  }
}

const say = text => { find('status').textContent = text; };

async function refresh() {
  try {
    const found = await api.services();
    state.services = found.services;
    state.isReadOnly = found.readOnly;
    say(found.failure?.message ?? (found.readOnly ? 'Read-only' : ''));
  } catch (failure) {
    say(failure.message);
  }

  draw();
}

async function route() {
  const [queue = null, method = null] = location.hash.replace(/^#\//, '').split('/').filter(part => part !== '' && !part.startsWith('#')).map(decodeURIComponent);
  view?.cancel();
  view = null;
  if (queue !== state.queue || queue === null) {
    loading?.abort();
    loading = new AbortController();
    Object.assign(state, { queue, method, methods: [], description: null });
    figures.show(queue);
    draw();
    main.replaceChildren(queue === null ? welcome() : h('p', { class: 'quiet', role: 'status' }, 'Asking the service…'));
    if (queue === null || !await load(queue, loading.signal)) {
      return;
    }
  }

  state.method = method;
  show();
  draw();
}

/** Loads a description. False if there is none, or another service is open by now. */
async function load(queue, signal) {
  try {
    const answer = parseObject(await api.description(queue, signal));
    if (answer.failure) {
      throw new Error(answer.failure.message);
    }

    state.description = answer.description;
    state.methods = answer.description.methods ?? [];
    return queue === state.queue;
  } catch (failure) {
    if (!signal.aborted) {
      main.replaceChildren(h('div', { class: 'failure', role: 'alert' }, failure.message));
    }

    return false;
  }
}

function show() {
  const method = state.methods.find(known => known.name === state.method);
  document.title = [state.method, state.queue, 'RpcGen Explorer'].filter(Boolean).join(' · ');
  if (method) {
    view = new MethodView(new Schemas(state.description), state.queue, method, state.isReadOnly);
    main.replaceChildren(view.element);
  } else {
    main.replaceChildren(serviceView(state.description, state.services.find(service => service.queue === state.queue)));
  }
}

const welcome = () => h('div', { class: 'welcome' }, h('h1', {}, 'Services of the broker'),
  h('p', {}, 'Choose a service to see its methods, to call them, and to watch what its instances do.'),
  h('p', { class: 'quiet' }, 'A service that is not listed can be opened by its queue: write its name into the field at the top of the list, and press Enter.'));

/** Moves between the links of the list. */
function move(step) {
  const links = [...find('services').querySelectorAll('a')];
  const at = links.indexOf(document.activeElement);
  links[Math.max(0, Math.min(links.length - 1, at + step))]?.focus();
}

document.addEventListener('keydown', event => {
  const isTyping = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? '');
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    view?.call();
  } else if (event.key === 'Escape') {
    view?.cancel();
  } else if (event.key === '/' && !isTyping) {
    event.preventDefault();
    filter.focus();
  } else if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && (document.activeElement === filter || find('services').contains(document.activeElement))) {
    event.preventDefault();
    move(event.key === 'ArrowDown' ? 1 : -1);
  }
});

filter.addEventListener('input', draw);
filter.addEventListener('keydown', event => {
  if (event.key === 'Enter' && filter.value.trim() !== '') {
    const [only] = find('services').querySelectorAll('a');
    location.hash = only && filter.value.trim() !== only.querySelector('.queue')?.textContent && find('services').querySelectorAll('a.service').length === 1 ? only.getAttribute('href') : link(filter.value.trim());
  }
});
document.querySelector('.skip').addEventListener('click', event => {
  event.preventDefault(); // the hash is the address of a method
  main.focus();
});
window.addEventListener('hashchange', route);

await refresh();
await route();
setInterval(() => { if (!document.hidden) refresh(); }, 10000);
