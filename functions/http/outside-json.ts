import { DomainError } from '../core/errors';
import { withoutKeys } from '../core/keys';

/**
 * The maximum depth of a value. Ours have five levels. A value of some thousand levels overflows the stack of a later
 * reader.
 */
const DEEPEST = 32;
/** JavaScript sets a prototype by this name, so that whatever copies a value with it loses it without a word. */
const PROTOTYPE = '__proto__';
/** The characters of a path that are repeated to its sender and to the log. */
const PATH_LIMIT = 200;
/** Half a surrogate pair, which no UTF-8 has: JSON can name one by its number. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * JSON of somebody else's; `what` names the whole. `bad_request` if it is none or deeper than any of ours,
 * `invalid_field` for a name nobody can keep.
 */
export function parseJson(text: string, what = 'body'): unknown {
  const value = parsed(text, what);
  eachEntry(value, assertName);
  return value;
}

/** `parseJson`, and `bad_request` for text that cannot be stored. */
export function parseWellFormedJson(text: string): unknown {
  const value = parsed(text, 'body');
  assertText(value);
  eachEntry(value, (entry, path) => {
    assertName(entry, path);
    for (const each of entry) assertText(each);
  });
  return value;
}

function parsed(text: string, what: string): unknown {
  if (isDeep(text)) throw new DomainError('bad_request', `${what}: it is nested more than ${DEEPEST} deep`);
  try {
    return JSON.parse(text);
  } catch (error) {
    const found = text === '' ? 'it is empty' : `got ${JSON.stringify(text.slice(0, 16))}`;
    throw new DomainError('bad_request', `${what}: use JSON; ${found}`, { cause: error });
  }
}

/** Seen in the text, before a parser of it has kept a place for each of its levels. */
function isDeep(text: string): boolean {
  let depth = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length && depth <= DEEPEST; at += 1) {
    const character = text[at];
    if (isQuoted && character === '\\') at += 1;
    else if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && (character === '[' || character === '{')) depth += 1;
    else if (!isQuoted && (character === ']' || character === '}')) depth -= 1;
  }
  return depth > DEEPEST;
}

type JsonEntry = readonly [name: string, value: unknown];

/** Level by level. */
function eachEntry(value: unknown, visit: (entry: JsonEntry, path: string) => void): void {
  for (let level: JsonEntry[] = [['', value]]; level.length > 0; )
    level = level.flatMap(([path, parent]) =>
      entriesOf(parent).map(([name, each]): JsonEntry => {
        const below = path === '' ? name : `${path}.${name}`;
        visit([name, each], below);
        return [below, each];
      }),
    );
}

const entriesOf = (value: unknown): JsonEntry[] =>
  typeof value === 'object' && value !== null ? Object.entries(value) : [];

function assertName([name]: JsonEntry, path: string): void {
  if (name !== PROTOTYPE) return;
  const field = withoutKeys(path.slice(-PATH_LIMIT));
  const message = 'no field can be called so';
  throw new DomainError('invalid_field', `${field}: ${message}`, { fields: [{ field, message }] });
}

function assertText(value: unknown): void {
  if (typeof value === 'string' && LONE_SURROGATE.test(value))
    throw new DomainError('bad_request', 'body: half a surrogate pair is no character');
}
