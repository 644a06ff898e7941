// A form for a schema. It changes a value in place, and tells when it has.
import { h, newId } from './dom.js';
import { Num, parse, print } from './json.js';
import { isSent, isUpload, toValue } from './schema.js';

const number = /^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/;

export class Form {
  #schemas;
  #schema;
  #changed;
  #fields = new Map();

  /** Creates a form for the arguments of a method. */
  constructor(schemas, schema, changed) {
    this.#schemas = schemas;
    this.#schema = schema;
    this.#changed = changed;
    this.element = h('div', { class: 'form' });
    /** The bytes of streams, by parameter. */
    this.files = new Map();
  }

  /** Shows a value. */
  load(value) {
    this.value = value;
    this.#fields.clear();
    this.element.replaceChildren(...this.#members(this.#schema, value, ''));
    if (this.element.childElementCount === 0) {
      this.element.append(h('p', { class: 'quiet' }, 'This method has no arguments.'));
    }
  }

  /** Checks all fields. True if nothing is wrong; otherwise the first field that is wrong gets the focus. */
  validate() {
    const wrong = this.#connected().filter(field => field.check());
    wrong[0]?.focus();
    return wrong.length === 0;
  }

  /** Shows errors beside their fields. Returns those that have no field. */
  showErrors(errors) {
    const others = {};
    let first = null;
    for (const [path, message] of Object.entries(errors)) {
      const field = this.#connected().find(field => field.path === path);
      if (field) {
        field.show(message);
        first ??= field;
      } else {
        others[path] = message;
      }
    }

    first?.focus();
    return others;
  }

  #connected() {
    return [...this.#fields.values()].filter(field => field.element.isConnected);
  }

  #members(schema, value, path) {
    return Object.entries(schema.properties ?? {}).filter(([, member]) => member.progress !== true).map(([name, member]) => this.#field({
      schema: member,
      name,
      path: path === '' ? name : `${path}.${name}`,
      isRequired: schema.required?.includes(name) || member.stream === true,
      get: () => value.get(name),
      set: part => part === undefined ? value.delete(name) : value.set(name, part),
    }));
  }

  /** One value with its name, its type and its error. */
  #field(slot) {
    if (!isSent(slot.schema)) {
      return this.#fileField(slot);
    }

    const { schema, isNullable } = this.#schemas.split(slot.schema);
    const id = newId('field');
    const value = slot.get();
    const kind = this.#schemas.kindOf(schema);
    const isSimple = !['object', 'array', 'map', 'choice'].includes(kind) || value === null || value === undefined;
    const error = h('p', { class: 'error', id: `${id}-error`, hidden: true });
    const element = h('div', { class: `field ${isSimple ? 'simple' : 'nested'}`, role: isSimple ? null : 'group', 'aria-labelledby': isSimple ? null : `${id}-name` });
    const show = message => {
      error.textContent = message ?? '';
      error.hidden = !message;
      element.querySelector(`#${id}`)?.setAttribute('aria-invalid', String(!!message));
    };
    const check = () => {
      const message = this.#schemas.check(slot.schema, slot.get());
      show(message);
      return message;
    };
    const redraw = part => {
      slot.set(part);
      const fresh = this.#field(slot);
      element.replaceWith(fresh);
      fresh.querySelector('input:not([type=checkbox]), textarea, select')?.focus();
      this.#changed();
    };
    const change = part => {
      slot.set(part);
      check();
      this.#changed();
    };
    const hint = [schema.description !== slot.schema.description ? slot.schema.description : null, schema.description, this.#schemas.rulesOf(slot.schema)].filter(Boolean).join(' · ');
    element.append(
      this.#head(slot, id, isSimple, isNullable, value, redraw),
      hint ? h('p', { class: 'hint', id: `${id}-hint` }, hint) : '',
      value === undefined || value === null ? '' : h('div', { class: 'control' }, this.#control({ ...slot, schema, kind, id, error: error.id, hint: hint && `${id}-hint` }, value, change, redraw)),
      error);
    this.#fields.set(slot.path, { path: slot.path, element, show, check, focus: () => (element.querySelector('input:not([type=checkbox]), textarea, select, button') ?? element).focus() });
    return element;
  }

  #head(slot, id, isSimple, isNullable, value, redraw) {
    const start = () => this.#schemas.fresh(slot.schema);
    const first = () => slot.schema.default !== undefined && slot.schema.default !== null ? toValue(slot.schema.default) : start();
    return h('div', { class: 'head' },
      slot.isRequired ? '' : h('input', { type: 'checkbox', checked: value !== undefined, 'aria-label': `Send ${slot.name}`, title: 'Send this argument', change: event => redraw(event.target.checked ? first() : undefined) }),
      h(isSimple ? 'label' : 'span', { class: 'name', id: `${id}-name`, for: isSimple ? id : null }, slot.name),
      h('span', { class: 'type' }, isUpload(slot.schema) ? `stream of ${this.#schemas.typeOf(slot.schema.items)}` : this.#schemas.typeOf(slot.schema)),
      value === undefined && slot.schema.default !== undefined ? h('span', { class: 'quiet' }, `default ${print(toValue(slot.schema.default), 0)}`) : '',
      value === null ? h('span', { class: 'quiet' }, 'null') : '',
      (isNullable || value === null) && value !== undefined ? h('button', { type: 'button', class: 'small', 'aria-label': value === null ? `Give ${slot.name} a value` : `Make ${slot.name} null`, click: () => redraw(value === null ? start() : null) }, value === null ? 'Set' : 'Null') : '',
      slot.remove ? h('button', { type: 'button', class: 'small', 'aria-label': `Remove ${slot.name}`, click: slot.remove }, 'Remove') : '');
  }

  #control(slot, value, change, redraw) {
    const common = { id: slot.id, 'aria-describedby': [slot.error, slot.hint].filter(Boolean).join(' '), 'aria-required': slot.isRequired ? 'true' : null };
    switch (slot.kind) {
      case 'object': return h('div', { class: 'members' }, this.#members(slot.schema, value instanceof Map ? value : adopt(slot, new Map()), slot.path));
      case 'array': return this.#array(slot, Array.isArray(value) ? value : adopt(slot, []), redraw);
      case 'map': return this.#map(slot, value instanceof Map ? value : adopt(slot, new Map()), change);
      case 'choice': return this.#choice(slot, value, common, redraw);
      case 'enum': return select(common, slot.schema.enum.map((known, i) => [print(toValue(known), 0), slot.schema['x-enum-varnames']?.[i] ?? label(known)]), print(value, 0), text => change(parse(text)));
      case 'boolean': return select(common, [['false', 'false'], ['true', 'true']], String(value), text => change(text === 'true'));
      case 'integer':
      case 'number': return input({ ...common, inputmode: slot.kind === 'integer' ? 'numeric' : 'decimal', class: 'number' }, value instanceof Num ? value.text : String(value), text => change(number.test(text.trim()) ? new Num(text.trim()) : text));
      case 'string': return slot.schema.format || slot.schema.contentEncoding
        ? input({ ...common, placeholder: example[slot.schema.format] ?? '' }, String(value), change)
        : area({ ...common, rows: 1 }, String(value), change);
      default: return area({ ...common, rows: 2, class: 'code' }, print(value), text => {
        try {
          change(parse(text));
        } catch {
          change(text); // a text, until it is JSON
        }
      });
    }
  }

  #array(slot, elements, redraw) {
    const items = slot.schema.items ?? {};
    return [
      h('div', { class: 'members' }, elements.map((_, i) => this.#field({
        schema: items,
        name: `${slot.name}[${i}]`,
        path: `${slot.path}[${i}]`,
        isRequired: true,
        get: () => elements[i],
        set: part => { elements[i] = part; },
        remove: () => redraw(elements.toSpliced(i, 1)),
      }))),
      h('button', { type: 'button', class: 'small add', click: () => redraw([...elements, this.#schemas.start(items)]) }, `Add to ${slot.name}`),
    ];
  }

  #map(slot, entries, change) {
    const rows = h('div', { class: 'members' });
    const draw = () => rows.replaceChildren(...[...entries.keys()].map(name => h('div', { class: 'entry' },
      input({ 'aria-label': `Name of an entry of ${slot.name}` }, name, text => {
        if (!entries.has(text)) {
          const renamed = [...entries].map(([known, value]) => [known === name ? text : known, value]);
          entries.clear();
          renamed.forEach(([known, value]) => entries.set(known, value));
          name = text;
          change(entries);
        }
      }),
      this.#field({
        schema: slot.schema.additionalProperties,
        name: 'value',
        path: `${slot.path}.${name}`,
        isRequired: true,
        get: () => entries.get(name),
        set: part => entries.set(name, part),
        remove: () => { entries.delete(name); change(entries); draw(); },
      }))));
    draw();
    return [rows, h('button', {
      type: 'button',
      class: 'small add',
      click: () => {
        let name = 'name';
        for (let i = 2; entries.has(name); i++) {
          name = `name${i}`;
        }

        entries.set(name, this.#schemas.start(slot.schema.additionalProperties));
        change(entries);
        draw();
      },
    }, `Add to ${slot.name}`)];
  }

  #choice(slot, value, common, redraw) {
    const choices = slot.schema.oneOf.map(choice => this.#schemas.resolve(choice));
    const fits = choice => Object.entries(choice.properties ?? {}).filter(([, member]) => member.const !== undefined)
      .every(([name, member]) => value instanceof Map && value.has(name) && print(value.get(name), 0) === print(toValue(member.const), 0));
    const chosen = Math.max(0, choices.findIndex(fits));
    const names = choices.map((choice, i) => [String(i), Object.values(choice.properties ?? {}).filter(member => member.const !== undefined).map(member => label(member.const)).join(' ') || this.#schemas.typeOf(slot.schema.oneOf[i])]);
    return [
      select({ ...common, 'aria-label': `Kind of ${slot.name}` }, names, String(chosen), i => redraw(this.#schemas.start(choices[Number(i)]))),
      h('div', { class: 'members' }, value instanceof Map ? this.#members(withoutConstants(choices[chosen]), value, slot.path) : ''),
    ];
  }

  /** Bytes come from a file. */
  #fileField(slot) {
    const id = newId('file');
    return h('div', { class: 'field simple' },
      h('div', { class: 'head' }, h('label', { class: 'name', for: id }, slot.name), h('span', { class: 'type' }, 'bytes')),
      h('div', { class: 'control' }, h('input', {
        type: 'file',
        id,
        change: async event => {
          const [file] = event.target.files;
          this.files.set(slot.name, file ? await toBase64(file) : '');
        },
      })));
  }
}

const example = { 'date-time': '2026-01-31T12:00:00+00:00', date: '2026-01-31', time: '12:00:00', uuid: '00000000-0000-0000-0000-000000000000', uri: 'https://', 'time-span': '1.06:00:00' };

const label = value => typeof value === 'string' ? value : print(toValue(value), 0);

function adopt(slot, value) {
  slot.set(value);
  return value;
}

const withoutConstants = schema => ({ ...schema, properties: Object.fromEntries(Object.entries(schema.properties ?? {}).filter(([, member]) => member.const === undefined)) });

function input(attributes, value, change) {
  const element = h('input', { type: 'text', autocomplete: 'off', spellcheck: 'false', ...attributes, input: event => change(event.target.value) });
  element.value = value;
  return element;
}

function area(attributes, value, change) {
  const element = h('textarea', { spellcheck: 'false', ...attributes, input: event => change(event.target.value) });
  element.value = value;
  return element;
}

function select(attributes, options, value, change) {
  const element = h('select', { ...attributes, change: event => change(event.target.value) }, options.map(([known, text]) => h('option', { value: known }, text)));
  element.value = value;
  return element;
}

async function toBase64(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = '';
  for (let i = 0; i < bytes.length; i += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  }

  return btoa(text);
}
