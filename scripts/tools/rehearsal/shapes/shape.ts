import { type Fields, isFields } from '../google/json';

/**
 * Shapes of one API. A shape is text: `name:type` of each field, a space between. Types: `s` text, `n` number or its
 * text, `b` truth, `*` anything, `(A|B)` one of these, `@Name` a shape, `[t]` a list, `{t}` a map.
 */
export interface Shapes {
  /** Shape of a body by `METHOD path`, with `*` for an id. */
  readonly requests: Readonly<Record<string, string>>;
  readonly shapes: Readonly<Record<string, string>>;
}

/** Returns the parts of a body that Google's APIs would refuse, each with its place; an empty list is right. */
export function strangeIn(shapes: Shapes, name: string, body: Fields, place = ''): string[] {
  const types = typesOf(shapes, name);
  return Object.entries(body).flatMap(([field, value]) => {
    const at = place === '' ? field : `${place}.${field}`;
    const type = types.get(field);
    return type === undefined
      ? [`Unknown name "${field}" at '${place}': Cannot find field.`]
      : strange(shapes, type, value, at);
  });
}

function typesOf({ shapes }: Shapes, name: string): ReadonlyMap<string, string> {
  const fields = (shapes[name] ?? '').split(' ').filter(Boolean);
  return new Map(
    fields.map((field): [string, string] => [field.slice(0, field.indexOf(':')), field.slice(field.indexOf(':') + 1)]),
  );
}

const invalid = (place: string, value: unknown): string[] => [`Invalid value at '${place}', ${JSON.stringify(value)}`];

function strange(shapes: Shapes, type: string, value: unknown, place: string): string[] {
  if (value === null || type === '*') return [];
  const inner = type.slice(1, -1);
  switch (type[0]) {
    case '@':
      return isFields(value) ? strangeIn(shapes, type.slice(1), value, place) : invalid(place, value);
    case '[':
      return Array.isArray(value)
        ? value.flatMap((item, index) => strange(shapes, inner, item, `${place}[${index}]`))
        : invalid(place, value);
    case '{':
      return isFields(value)
        ? Object.entries(value).flatMap(([key, item]) => strange(shapes, inner, item, `${place}.${key}`))
        : invalid(place, value);
    case '(':
      return value === '' || inner.split('|').includes(String(value)) ? [] : invalid(place, value);
    default:
      return fits(type, value) ? [] : invalid(place, value);
  }
}

/** Tells whether a value fits: Google takes a number for its text, and the text of a number for it. */
const fits = (type: string, value: unknown): boolean =>
  type === 'b'
    ? typeof value === 'boolean'
    : typeof value === 'string'
      ? type === 's' || (value.trim() !== '' && !Number.isNaN(Number(value)))
      : typeof value === 'number';

/** Returns the shape of a request's body; `undefined` where none is kept. */
export function shapeOf({ requests }: Shapes, method: string, path: string): string | undefined {
  const found = Object.entries(requests).find(([request]) => {
    const [verb, pattern = ''] = request.split(' ');
    return (
      verb === method &&
      new RegExp(`^${pattern.replace(/[.+?^$()|[\]\\]/g, '\\$&').replaceAll('*', '[^/:]+')}$`).test(path)
    );
  });
  return found?.[1];
}
