// One method: its texts, a form in step with JSON, and what a call brings.
import * as api from './api.js';
import { ways } from './copy.js';
import { copy, h } from './dom.js';
import { Form } from './form.js';
import { parse, print } from './json.js';
import { Output } from './output.js';
import { isUpload } from './schema.js';

/** Whether a parameter is in what the form and the JSON show, but not in the body of a request. */
const streamsOf = method => Object.entries(method.arguments?.properties ?? {}).filter(([, parameter]) => isUpload(parameter));

/** The metadata of calls stays the same from method to method. */
let metadata = '';

export class MethodView {
  #schemas;
  #queue;
  #method;
  #form;
  #json;
  #problem;
  #output = new Output();
  #running = null;

  constructor(schemas, queue, method, isReadOnly) {
    this.#schemas = schemas;
    this.#queue = queue;
    this.#method = method;
    this.#form = new Form(schemas, method.arguments ?? {}, () => this.#write());
    this.#json = h('textarea', { id: 'json', class: 'code', spellcheck: 'false', rows: 10, 'aria-describedby': 'json-problem', input: () => this.#read() });
    this.#problem = h('p', { id: 'json-problem', class: 'error', role: 'status', hidden: true });
    this.#buttons = this.#createButtons(isReadOnly);
    this.element = h('article', { class: 'method' }, this.#title(), this.#facts(),
      h('div', { class: 'editor' },
        h('section', { 'aria-labelledby': 'form-title' }, h('h2', { id: 'form-title' }, 'Arguments'), this.#form.element),
        h('section', { 'aria-labelledby': 'json-title' }, h('h2', { id: 'json-title' }, h('label', { for: 'json' }, 'JSON')), this.#json, this.#problem)),
      this.#metadata(), this.#buttons.element, this.#output.element);
    this.#form.load(this.#start());
    this.#write();
  }

  #buttons;

  /** Starts the call, unless something is wrong with its arguments. */
  async call() {
    if (this.#running || this.#buttons.call.disabled || !this.#problem.hidden || !this.#form.validate()) {
      return;
    }

    this.#running = new AbortController();
    this.#busy(true);
    this.#output.begin();
    try {
      for await (const event of api.call(this.#body(), this.#running.signal)) {
        const failure = this.#output.take(event);
        if (failure?.errors) {
          this.#output.list(this.#form.showErrors(failure.errors));
        }
      }
    } catch (failure) {
      if (this.#running.signal.aborted) {
        this.#output.cancel();
      } else {
        this.#output.fail({ code: 'connection', message: failure.message });
      }
    } finally {
      this.#running = null;
      this.#busy(false);
    }
  }

  /** Cancels the call, if one runs. True if one did. */
  cancel() {
    this.#running?.abort();
    return this.#running !== null;
  }

  #start() {
    const value = this.#schemas.start(this.#method.arguments ?? {}) ?? new Map();
    for (const [name, parameter] of streamsOf(this.#method)) {
      if (parameter.format !== 'binary') {
        value.set(name, []);
      }
    }

    return value;
  }

  #metadata() {
    const area = h('textarea', { id: 'metadata', 'aria-label': 'Metadata, one name: value a line', class: 'code', rows: 2, spellcheck: 'false', placeholder: 'tenant: acme', input: event => { metadata = event.target.value; } });
    area.value = metadata;
    return h('details', { class: 'metadata', open: metadata !== '' }, h('summary', {}, h('b', {}, 'Metadata'), h('span', { class: 'quiet' }, ' one name: value a line')), area);
  }

  #busy(isBusy) {
    this.#buttons.call.disabled = isBusy;
    this.#buttons.cancel.disabled = !isBusy;
    this.element.setAttribute('aria-busy', String(isBusy));
  }

  /** The form has changed. */
  #write() {
    this.#json.value = print(this.#form.value);
    this.#say('');
  }

  /** The JSON has changed. */
  #read() {
    try {
      const value = parse(this.#json.value);
      if (!(value instanceof Map)) {
        throw new SyntaxError('The arguments must be an object.');
      }

      this.#form.load(value);
      this.#say('');
    } catch (error) {
      this.#say(error.message);
    }
  }

  #say(message) {
    this.#problem.textContent = message;
    this.#problem.hidden = message === '';
    this.#json.setAttribute('aria-invalid', String(message !== ''));
  }

  /** The request: the arguments as they are written, and the streams beside them. */
  #body() {
    const [value, streams] = this.#split();
    for (const [name, bytes] of this.#form.files) {
      streams.set(name, bytes);
    }

    const missing = streamsOf(this.#method).filter(([name]) => !streams.has(name));
    missing.forEach(([name, parameter]) => streams.set(name, parameter.format === 'binary' ? '' : []));
    const entries = new Map(metadata.split('\n').filter(line => line.trim() !== '').map(line => {
      const [name, ...rest] = line.split(':');
      return [name.trim(), rest.join(':').trim()];
    }));
    return print(new Map([['queue', this.#queue], ['method', this.#method.name], ['arguments', value], ['streams', streams], ...(entries.size > 0 ? [['metadata', entries]] : [])]), 0);
  }

  #split() {
    const value = new Map(this.#form.value);
    const streams = new Map();
    for (const [name] of streamsOf(this.#method)) {
      if (value.has(name)) {
        streams.set(name, value.get(name) ?? []);
        value.delete(name);
      }
    }

    return [value, streams];
  }

  #title() {
    const { name, result, items } = this.#method;
    const returned = items ? (items.format === 'binary' ? 'bytes' : `stream of ${this.#schemas.typeOf(items)}`) : result ? this.#schemas.typeOf(result) : null;
    return h('h1', {}, name, returned ? h('span', { class: 'returns' }, ' → ', returned) : '');
  }

  #facts() {
    const method = this.#method;
    const facts = [
      method.oneWay ? 'one-way' : null,
      method.idempotent ? 'can run twice without harm' : method.atMostOnce ? 'runs at most once' : 'can run twice if a server is lost',
      method.timeout ? `${Number(method.timeout.text) / 1000} s` : 'no time limit',
      method.durable ? 'durable' : null,
      ...(method.policies ?? []).map(policy => `needs ${policy || 'a known caller'}`),
    ];
    const faults = Object.entries(method.faultData ?? {});
    return [
      method.summary ? h('p', { class: 'summary' }, method.summary) : '',
      typeof method.deprecated === 'string' ? h('p', { class: 'deprecated' }, `Obsolete. ${method.deprecated}`) : '',
      h('ul', { class: 'facts', 'aria-label': 'Promises' }, facts.filter(Boolean).map(fact => h('li', {}, fact))),
      faults.length === 0 ? '' : h('details', { class: 'faults' }, h('summary', {}, `Faults: ${faults.map(([code]) => code).join(', ')}`),
        h('ul', {}, faults.map(([code, data]) => h('li', {}, h('code', {}, code), ' ', Object.entries(data.properties ?? {}).map(([name, member]) => `${name}: ${this.#schemas.typeOf(member)}`).join(', '))))),
    ];
  }

  #createButtons(isReadOnly) {
    const cannot = isReadOnly ? 'This explorer is read-only.' : this.#method.broadcast ? 'Broadcasts go to all instances. They cannot be called here.' : null;
    const call = h('button', { type: 'button', class: 'primary', disabled: cannot !== null, click: () => this.call() }, this.#method.oneWay ? 'Send' : 'Call', h('kbd', { 'aria-hidden': 'true' }, 'Ctrl ⏎'));
    const cancel = h('button', { type: 'button', disabled: true, click: () => this.cancel() }, 'Cancel', h('kbd', { 'aria-hidden': 'true' }, 'Esc'));
    const said = h('span', { class: 'quiet', role: 'status' }, cannot ?? '');
    const copies = Object.entries(ways).map(([name, write]) => h('button', {
      type: 'button',
      class: 'small',
      'aria-label': `Copy as ${name}`,
      click: async () => {
        const [value, streams] = this.#split();
        await copy(write(this.#queue, this.#method, value, [...streams.keys()]));
        said.textContent = `Copied as ${name}.`;
      },
    }, name));
    return { call, cancel, element: h('div', { class: 'actions' }, call, cancel, said, h('span', { class: 'copies', role: 'group', 'aria-label': 'Copy as' }, 'Copy as', copies)) };
  }
}
