/**
 * The Logging query language, as far as the product's filters use it: comparisons with `=`, `:` and `=~`, `AND`, `OR`
 * and parentheses. https://cloud.google.com/logging/docs/view/logging-query-language
 */
export interface LogEntry {
  readonly resource: { readonly type: string; readonly labels: Readonly<Record<string, string>> };
  readonly jsonPayload: Readonly<Record<string, unknown>>;
}

type Matches = (entry: LogEntry) => boolean;

const TOKEN = /\s*(\(|\)|AND\b|OR\b|=~|=|:|"(?:[^"\\]|\\.)*"|[A-Za-z_][\w.]*)/y;

/** Matches entries by `filter`. Throws an Error that names the place of a filter it cannot read. */
export function logFilter(filter: string): Matches {
  const tokens = tokensOf(filter);
  const matches = anyOf(tokens);
  if (tokens.length > 0) throw new Error(`filter '${filter}': '${tokens[0]}' is more than its end`);
  return matches;
}

function tokensOf(filter: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < filter.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(filter)?.[1];
    if (token === undefined) throw new Error(`filter '${filter}': cannot be read from '${filter.slice(at, at + 30)}'`);
    tokens.push(token);
  }
  return tokens;
}

/** `OR` binds more tightly than `AND` in this language, unlike in others: the product writes parentheses instead. */
function anyOf(tokens: string[]): Matches {
  const [first, ...rest] = separated(tokens);
  const joint = new Set(rest.map(([word]) => word));
  if (first === undefined || joint.size > 1) throw new Error('AND beside OR without parentheses');
  const all = [first[1], ...rest.map(([, matches]) => matches)];
  return joint.has('OR') ? (entry) => all.some((one) => one(entry)) : (entry) => all.every((one) => one(entry));
}

function separated(tokens: string[]): [string, Matches][] {
  const parts: [string, Matches][] = [['', term(tokens)]];
  while (tokens[0] === 'AND' || tokens[0] === 'OR') parts.push([String(tokens.shift()), term(tokens)]);
  return parts;
}

function term(tokens: string[]): Matches {
  if (tokens[0] !== '(') return comparison(tokens);
  tokens.shift();
  const inner = anyOf(tokens);
  if (tokens.shift() !== ')') throw new Error('a parenthesis is not closed');
  return inner;
}

function comparison(tokens: string[]): Matches {
  const [field = '', operator = '', quoted = ''] = tokens.splice(0, 3);
  const wanted: unknown = JSON.parse(quoted);
  if (typeof wanted !== 'string') throw new Error(`${field}: ${quoted} is no text`);
  const compare = comparisonBy(operator, wanted);
  return (entry) => {
    const value = valueAt(entry, field.split('.'));
    return typeof value === 'string' && compare(value);
  };
}

/** `=` and `:` do not tell capital letters from small ones, `=~` does. */
function comparisonBy(operator: string, wanted: string): (value: string) => boolean {
  if (operator === '=') return (value) => value.toLowerCase() === wanted.toLowerCase();
  if (operator === ':') return (value) => value.toLowerCase().includes(wanted.toLowerCase());
  if (operator !== '=~') throw new Error(`operator '${operator}': use =, : or =~`);
  const pattern = new RegExp(wanted);
  return (value) => pattern.test(value);
}

function valueAt(from: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined) return from;
  const fields = typeof from === 'object' && from !== null ? Object.entries(from) : [];
  return valueAt(fields.find(([name]) => name === key)?.[1], rest);
}
