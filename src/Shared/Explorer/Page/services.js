// The list of services, and of the methods of the one that is open.
import { h } from './dom.js';

export const link = (queue, method) => `#/${[queue, method].filter(part => part !== undefined).map(encodeURIComponent).join('/')}`;

/** Draws the list. */
export function drawServices(element, state, filter) {
  const wanted = filter.trim().toLowerCase();
  const fits = text => text.toLowerCase().includes(wanted);
  const shown = state.services.filter(service => wanted === '' || fits(service.queue) || fits(service.contract) || (service.queue === state.queue && state.methods.some(method => fits(method.name))));
  if (state.queue !== null && !state.services.some(service => service.queue === state.queue)) {
    shown.push({ queue: state.queue, contract: '', instances: [] }); // opened by name
  }

  element.replaceChildren(
    shown.length === 0 ? h('p', { class: 'quiet' }, state.services.length === 0 ? 'No service answers.' : 'No service or method has this name.') : h('ul', { class: 'list' }, shown.map(service => h('li', {},
      h('a', { href: link(service.queue), class: 'service', 'aria-current': service.queue === state.queue ? 'true' : null },
        h('span', { class: 'dot', 'aria-hidden': 'true' }), h('span', { class: 'queue' }, service.queue),
        h('span', { class: 'count', title: 'Instances' }, service.instances.length, h('span', { class: 'hidden' }, service.instances.length === 1 ? ' instance' : ' instances'))),
      service.queue === state.queue ? methods(state, fits, wanted) : ''))));
}

function methods(state, fits, wanted) {
  const all = state.methods.filter(method => wanted === '' || fits(method.name) || fits(state.queue));
  return h('ul', { class: 'methods' }, all.map(method => h('li', {},
    h('a', { href: link(state.queue, method.name), 'aria-current': method.name === state.method ? 'page' : null, class: typeof method.deprecated === 'string' ? 'obsolete' : null },
      method.name, h('span', { class: 'mark' }, method.items ? 'stream' : method.broadcast ? 'broadcast' : method.oneWay ? 'one-way' : '')))));
}

const since = date => {
  const minutes = Math.max(0, Math.round((Date.now() - new Date(date).getTime()) / 60000));
  return minutes < 1 ? 'just now' : minutes < 60 ? `${minutes} min ago` : minutes < 2880 ? `${Math.round(minutes / 60)} h ago` : `${Math.round(minutes / 1440)} days ago`;
};

/** What a service is, and which instances serve it. */
export function serviceView(description, service) {
  const instances = service?.instances ?? [];
  const isMixed = new Set(instances.map(instance => instance.digest)).size > 1;
  return h('article', { class: 'method' },
    h('h1', {}, description.queue),
    h('p', { class: 'quiet' }, [description.contract, description.version].filter(Boolean).join(' ')),
    description.summary ? h('p', { class: 'summary' }, description.summary) : '',
    isMixed ? h('p', { class: 'deprecated' }, 'The instances have different descriptions: a deployment is under way, or was left unfinished.') : '',
    h('h2', {}, 'Methods'),
    h('ul', { class: 'cards' }, description.methods.map(method => h('li', {}, h('a', { href: link(description.queue, method.name) }, h('b', {}, method.name), h('span', {}, method.summary ?? ''))))),
    instances.length === 0 ? '' : [h('h2', {}, 'Instances'), h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Instances' }, h('table', {},
      h('thead', {}, h('tr', {}, ['Process', 'Host', 'Version', 'Started', 'Software'].map(name => h('th', { scope: 'col' }, name)))),
      h('tbody', {}, instances.map(instance => h('tr', {},
        h('th', { scope: 'row' }, `${instance.process} (${instance.processId})`),
        [instance.host, instance.version ?? '–', since(instance.startedAt), instance.software].map(text => h('td', {}, text)))))))]);
}
