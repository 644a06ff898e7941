// Reads and writes JSON without changing a digit. JavaScript's own numbers would round those of 64 bits and decimals.

/** A number, as its text. */
export class Num {
  constructor(text) {
    this.text = text;
  }
}

const tokens = /"(?:[^"\\]|\\.)*"|[-+.\w]+|[{}[\],:]/g;

/** Reads JSON. Objects become a Map, so that any name is possible and the order stays. Throws a SyntaxError. */
export function parse(text) {
  return read(text, () => new Map(), (object, name, value) => object.set(name, value));
}

/** Reads JSON whose objects are used by the names of their members, such as schemas. */
export function parseObject(text) {
  return read(text, () => Object.create(null), (object, name, value) => { object[name] = value; });
}

function read(text, create, add) {
  JSON.parse(text); // finds all errors
  const found = text.match(tokens);
  let next = 0;
  return value();

  function value() {
    const token = found[next++];
    switch (token[0]) {
      case '{': return object();
      case '[': return array();
      case '"': return JSON.parse(token);
      case 't': return true;
      case 'f': return false;
      case 'n': return null;
      default: return new Num(token);
    }
  }

  function object() {
    const members = create();
    while (found[next] !== '}') {
      const name = JSON.parse(found[next]);
      next += 2; // and the colon
      add(members, name, value());
      next += found[next] === ',' ? 1 : 0;
    }

    next++;
    return members;
  }

  function array() {
    const elements = [];
    while (found[next] !== ']') {
      elements.push(value());
      next += found[next] === ',' ? 1 : 0;
    }

    next++;
    return elements;
  }
}

/** Writes a value that `parse` has read. */
export function print(value, indent = 2) {
  let text = '';
  visit(value, part => { text += part; }, indent);
  return text;
}

/** Passes the parts of a value on, with their kind: name, string, number, word or nothing. */
export function visit(value, emit, indent = 2, level = 0) {
  const pad = depth => indent === 0 ? '' : `\n${' '.repeat(indent * depth)}`;
  if (value instanceof Map || Array.isArray(value)) {
    const isMap = value instanceof Map;
    const entries = isMap ? [...value] : value.map(element => [null, element]);
    emit(isMap ? '{' : '[');
    entries.forEach(([name, element], i) => {
      emit((i === 0 ? '' : ',') + pad(level + 1));
      if (isMap) {
        emit(JSON.stringify(name), 'name');
        emit(indent === 0 ? ':' : ': ');
      }

      visit(element, emit, indent, level + 1);
    });
    emit((entries.length > 0 ? pad(level) : '') + (isMap ? '}' : ']'));
  } else if (value instanceof Num) {
    emit(value.text, 'number');
  } else {
    emit(JSON.stringify(value), typeof value === 'string' ? 'string' : 'word');
  }
}
