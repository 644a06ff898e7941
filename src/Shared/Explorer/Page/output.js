// Shows what a call brings.
import { copy, h } from './dom.js';
import { parse, print, visit } from './json.js';

/** Earlier items are no longer shown. */
const maxItems = 500;

/** Values that are no longer than this stand in one line. */
const maxLine = 100;

/** JSON in colours. */
function pretty(text) {
  const code = h('code', {});
  const value = parse(text);
  const line = print(value, 0);
  visit(value, (part, kind) => code.append(kind ? h('span', { class: kind }, part) : line.length > maxLine ? part : part.replace(/^[,:]$/, '$& ')), line.length > maxLine ? 2 : 0);
  return code;
}

const size = count => count < 1024 ? `${count} bytes` : count < 1048576 ? `${(count / 1024).toFixed(1)} KiB` : `${(count / 1048576).toFixed(1)} MiB`;

export class Output {
  #items = 0;
  #bytes = [];
  #length = 0;
  #list = h('ol', { class: 'items' });

  constructor() {
    this.#state = h('p', { class: 'state', role: 'status' });
    this.#body = h('div', { class: 'body' });
    this.element = h('section', { class: 'output', 'aria-label': 'Result', hidden: true }, this.#state, this.#body);
  }

  #state;
  #body;

  /** A call begins. */
  begin() {
    this.element.hidden = false;
    this.#items = 0;
    this.#bytes = [];
    this.#length = 0;
    this.#list = h('ol', { class: 'items' });
    this.#body.replaceChildren();
    this.#say('running', 'Running…');
  }

  /** An event has come. Returns the failure if it is one. */
  take(event) {
    if (event.item !== undefined) {
      this.#addItem(event.item);
    } else if (event.bytes !== undefined) {
      this.#addBytes(event.bytes);
    } else if (event.progress !== undefined) {
      this.#say('running', `Running… ${event.progress}: ${event.value}`);
    } else if (event.result !== undefined) {
      this.#body.append(block(event.result));
    } else if (event.failure) {
      this.fail(event.failure);
      return event.failure;
    } else if (event.done !== undefined) {
      this.#end(event.done);
    }

    return null;
  }

  /** The call has failed. */
  fail(failure) {
    this.#say('failed', failure.code);
    this.#body.append(h('div', { class: 'failure', role: 'alert' },
      h('p', {}, failure.message),
      failure.data ? h('pre', { tabindex: '0' }, pretty(failure.data)) : '',
      failure.callId ? h('p', { class: 'quiet' }, `Call ${failure.callId}: the log of the server names it.`) : ''));
  }

  /** Errors that have no field. */
  list(errors) {
    this.#body.append(h('ul', { class: 'failure' }, Object.entries(errors).map(([path, message]) => h('li', {}, h('b', {}, path), ` ${message}`))));
  }

  /** The user has cancelled. */
  cancel() {
    this.#finishBytes();
    this.#say('failed', 'Cancelled');
  }

  #end(milliseconds) {
    const time = milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds);
    if (this.#state.classList.contains('failed')) {
      this.#state.append(` after ${time} ms`);
      return;
    }

    this.#finishBytes();
    if (this.#body.childElementCount === 0) {
      this.#body.append(h('p', { class: 'quiet' }, 'The method has no result.'));
    }

    this.#say('answered', `${this.#items > 0 ? `${this.#items} items` : 'Answered'} in ${time} ms`);
  }

  #addItem(text) {
    if (this.#items++ === 0) {
      this.#body.append(this.#list);
    }

    const isAtEnd = this.#list.scrollTop + this.#list.clientHeight >= this.#list.scrollHeight - 8;
    this.#list.append(h('li', { value: this.#items }, pretty(text)));
    if (this.#list.childElementCount > maxItems) {
      this.#list.firstChild.remove();
    }

    if (isAtEnd) {
      this.#list.scrollTop = this.#list.scrollHeight;
    }

    this.#say('running', `Running… ${this.#items} items`);
  }

  #addBytes(base64) {
    const bytes = Uint8Array.from(atob(base64), character => character.charCodeAt(0));
    this.#bytes.push(bytes);
    this.#length += bytes.length;
    this.#say('running', `Running… ${size(this.#length)}`);
  }

  #finishBytes() {
    if (this.#length > 0) {
      const url = URL.createObjectURL(new Blob(this.#bytes));
      this.#body.append(h('p', {}, h('a', { href: url, download: 'result.bin', class: 'button' }, `Save ${size(this.#length)}`)));
    }
  }

  #say(kind, text) {
    this.#state.className = `state ${kind}`;
    this.#state.textContent = text;
  }
}

function block(text) {
  return h('div', { class: 'result' },
    h('button', { type: 'button', class: 'small', click: event => copy(text).then(() => { event.target.textContent = 'Copied'; }) }, 'Copy'),
    h('pre', { tabindex: '0' }, pretty(text)));
}
