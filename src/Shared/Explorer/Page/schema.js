// Reads the JSON Schema of a description: kinds of values, names of types, rules.
import { Num, parse, print } from './json.js';

const bounds = [
  ['minimum', (value, bound) => compare(value, bound) >= 0, 'at least'],
  ['maximum', (value, bound) => compare(value, bound) <= 0, 'at most'],
  ['exclusiveMinimum', (value, bound) => compare(value, bound) > 0, 'more than'],
  ['exclusiveMaximum', (value, bound) => compare(value, bound) < 0, 'less than'],
];

const whole = /^-?\d+$/;

/** Compares two numbers. Whole ones of any length are compared exactly. */
function compare(left, right) {
  const [a, b] = whole.test(left.text) && whole.test(right.text) ? [BigInt(left.text), BigInt(right.text)] : [Number(left.text), Number(right.text)];
  return a < b ? -1 : a > b ? 1 : 0;
}

const typesOf = schema => schema?.type === undefined ? [] : [schema.type].flat().filter(type => type !== 'null');

/** The schemas of one description. */
export class Schemas {
  constructor(root) {
    this.root = root;
  }

  /** Follows references. What leads nowhere accepts any value. */
  resolve(schema) {
    for (let hops = 0; hops < 16 && schema?.$ref; hops++) {
      schema = this.root.$defs?.[nameOf(schema)] ?? {};
    }

    return schema ?? {};
  }

  /** The schema of a value that is not null, and whether null is allowed. */
  split(schema) {
    const choices = schema?.anyOf?.filter(choice => choice.type !== 'null');
    if (choices?.length === 1 && schema.anyOf.length > 1) {
      return { schema: this.resolve(choices[0]), name: nameOf(choices[0]), isNullable: true };
    }

    const resolved = this.resolve(schema);
    return { schema: resolved, name: nameOf(schema), isNullable: [resolved.type].flat().includes('null') };
  }

  /** What kind of control a value needs. */
  kindOf(schema) {
    const types = typesOf(schema);
    return schema.enum ? 'enum'
      : schema.oneOf ? 'choice'
      : types.length === 0 && schema.properties ? 'object'
      : types.length !== 1 ? 'any'
      : types[0] === 'object' ? (schema.properties ? 'object' : schema.additionalProperties ? 'map' : 'any')
      : types[0];
  }

  /** The name of a type, such as `int32` or `Line[]?`. */
  typeOf(schema) {
    const { schema: value, name, isNullable } = this.split(schema);
    const kind = this.kindOf(value);
    const text = schema?.format === 'binary' ? 'bytes'
      : name ?? ((kind === 'array' ? `${value.items ? this.typeOf(value.items) : 'any'}[]`
      : kind === 'map' ? `map of ${this.typeOf(value.additionalProperties)}`
      : value.format ?? value.contentEncoding ?? typesOf(value).join(' | ')) || 'any');
    return text + (isNullable ? '?' : '');
  }

  /** A value to begin with. Types that refer to themselves would have no end, so what is nested too deeply is null. */
  start(schema, budget = { values: 500 }, depth = 0) {
    if (schema?.default !== undefined) {
      return toValue(schema.default);
    }

    return this.split(schema).isNullable || depth > 12 || budget.values-- <= 0 ? null : this.fresh(schema, budget, depth);
  }

  /** A value to begin with that is not null. */
  fresh(schema, budget = { values: 500 }, depth = 0) {
    const { schema: value } = this.split(schema);
    switch (this.kindOf(value)) {
      case 'enum': return toValue(value.enum[0]);
      case 'choice': return depth > 12 ? null : this.fresh(value.oneOf[0], budget, depth + 1);
      case 'object': return new Map(Object.entries(value.properties)
        .filter(([name, member]) => isSent(member) && (value.required?.includes(name) || member.const !== undefined || this.#isPlain(member)))
        .map(([name, member]) => [name, member.const !== undefined ? toValue(member.const) : this.start(member, budget, depth + 1)]));
      case 'map': return new Map();
      case 'array': return [];
      case 'boolean': return false;
      case 'integer': case 'number': return value.minimum ?? new Num('0');
      case 'string': return '';
      default: return null;
    }
  }

  /** Whether a member is shown with a value, although it can be left out: it has no default, and is neither null nor an object. */
  #isPlain(member) {
    const { schema, isNullable } = this.split(member);
    return member.default === undefined && !isNullable && ['enum', 'boolean', 'integer', 'number', 'string', 'array'].includes(this.kindOf(schema));
  }

  /** What is wrong with a value that is no object or array; null if nothing is. The server decides; this saves a round trip. */
  check(schema, value) {
    const { schema: rules, isNullable } = this.split(schema);
    if (value === undefined || (value === null && isNullable)) {
      return null;
    }

    const kind = this.kindOf(rules);
    if (kind === 'integer' || kind === 'number') {
      return checkNumber(kind, rules, value);
    }

    if (kind === 'array' && Array.isArray(value)) {
      return checkLength(value.length, rules.minItems, rules.maxItems, 'elements');
    }

    return kind === 'string' ? checkText(rules, value) : null;
  }

  /** The rules of a value, for people. */
  rulesOf(schema) {
    const { schema: rules } = this.split(schema);
    const texts = bounds.filter(([keyword]) => rules[keyword]).map(([keyword, , text]) => `${text} ${rules[keyword].text}`);
    for (const [least, most, unit] of [['minLength', 'maxLength', 'characters'], ['minItems', 'maxItems', 'elements']]) {
      texts.push(...[[least, 'at least'], [most, 'at most']].filter(([keyword]) => rules[keyword]).map(([keyword, text]) => `${text} ${rules[keyword].text} ${unit}`));
    }

    if (rules.pattern) {
      texts.push(`matches ${rules.pattern}`);
    }

    return texts.join(', ');
  }
}

/** The name of the definition that a schema refers to. */
export const nameOf = schema => schema?.$ref?.startsWith('#/$defs/') ? schema.$ref.slice(8).replaceAll('~1', '/').replaceAll('~0', '~') : undefined;

/** Whether a parameter is a stream that the caller sends. */
export const isUpload = parameter => parameter.stream === true;

/** Whether a parameter is something that a form asks for. */
export const isSent = parameter => parameter.progress !== true && !(isUpload(parameter) && parameter.format === 'binary');

/** A value of a schema as a value of a form. */
export const toValue = value => parse(printSchema(value));

function printSchema(value) {
  const convert = part => part instanceof Num || part === null || typeof part !== 'object' ? part
    : Array.isArray(part) ? part.map(convert) : new Map(Object.entries(part).map(([name, member]) => [name, convert(member)]));
  return print(convert(value), 0);
}

function checkNumber(kind, rules, value) {
  if (!(value instanceof Num) || Number.isNaN(Number(value.text))) {
    return `must be ${kind === 'integer' ? 'a whole number' : 'a number'}`;
  }

  if (kind === 'integer' && !whole.test(value.text)) {
    return 'must be a whole number';
  }

  const [low, high] = [rules.minimum, rules.maximum];
  if (low && high && (compare(value, low) < 0 || compare(value, high) > 0)) {
    return `must be ${low.text} to ${high.text}`;
  }

  const broken = bounds.find(([keyword, holds]) => rules[keyword] && !holds(value, rules[keyword]));
  return broken ? `must be ${broken[2]} ${rules[broken[0]].text}` : null;
}

function checkText(rules, value) {
  if (typeof value !== 'string') {
    return 'must be a text';
  }

  const length = checkLength(value.length, rules.minLength, rules.maxLength, 'characters');
  if (length || !rules.pattern) {
    return length;
  }

  try {
    return new RegExp(rules.pattern, 'u').test(value) ? null : `must match ${rules.pattern}`;
  } catch {
    return null; // the server decides
  }
}

const checkLength = (length, least, most, unit) =>
  least && length < Number(least.text) ? `must have at least ${least.text} ${unit}`
  : most && length > Number(most.text) ? `must have at most ${most.text} ${unit}`
  : null;
