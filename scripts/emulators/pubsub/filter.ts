import { PubsubError } from './pubsub-error';

export type MessageFilter = (attributes: Readonly<Record<string, string>>) => boolean;

/** https://cloud.google.com/pubsub/docs/subscription-message-filter#create_a_subscription_with_a_filter */
const LONGEST = 256;
const TOKEN = /\s*(?:(AND|OR|NOT|hasPrefix|attributes)\b|(!=|[()=:,.-])|("(?:[^"\\]|\\.)*")|([A-Za-z_][\w-]*))/y;

/**
 * The filter of a subscription: `attributes.type = "a" AND NOT hasPrefix(attributes.id, "x")`, `attributes:key`, `!=`,
 * parentheses. AND and OR may not stand side by side without parentheses.
 */
export function parseFilter(text: string): MessageFilter {
  if (Buffer.byteLength(text) > LONGEST) throw refused(text, `it has more than ${LONGEST} bytes`);
  const parser = new Parser(tokensOf(text), text);
  return parser.whole();
}

const refused = (text: string, why: string): PubsubError =>
  new PubsubError('INVALID_ARGUMENT', `Invalid filter '${text.slice(0, 80)}': ${why}.`);

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  let at = 0;
  while (text.slice(at).trim() !== '') {
    const found = TOKEN.exec(text);
    if (found === null) throw refused(text, `'${text.slice(at).trim().slice(0, 10)}' is not understood`);
    tokens.push(found[0].trim());
    at = TOKEN.lastIndex;
  }
  return tokens;
}

class Parser {
  #at = 0;

  constructor(
    private readonly tokens: readonly string[],
    private readonly text: string,
  ) {}

  whole(): MessageFilter {
    const filter = this.#expression();
    if (this.#at < this.tokens.length) throw this.#unexpected();
    return filter;
  }

  #expression(): MessageFilter {
    const terms = [this.#term()];
    const operator = this.tokens[this.#at];
    if (operator !== 'AND' && operator !== 'OR') return terms[0] ?? (() => true);
    while (this.tokens[this.#at] === operator) {
      this.#at += 1;
      terms.push(this.#term());
    }
    return operator === 'AND'
      ? (attributes) => terms.every((term) => term(attributes))
      : (attributes) => terms.some((term) => term(attributes));
  }

  #term(): MessageFilter {
    const token = this.#next();
    if (token === 'NOT' || token === '-') {
      const term = this.#term();
      return (attributes) => !term(attributes);
    }
    if (token === '(') {
      const inner = this.#expression();
      this.#expect(')');
      return inner;
    }
    if (token === 'hasPrefix') return this.#prefix();
    if (token === 'attributes') return this.#comparison();
    throw this.#unexpected(token);
  }

  #prefix(): MessageFilter {
    this.#expect('(');
    this.#expect('attributes');
    this.#expect('.');
    const key = this.#key();
    this.#expect(',');
    const prefix = this.#quoted();
    this.#expect(')');
    return (attributes) => attributes[key]?.startsWith(prefix) ?? false;
  }

  #comparison(): MessageFilter {
    const separator = this.#next();
    const key = this.#key();
    if (separator === ':') return (attributes) => key in attributes;
    if (separator !== '.') throw this.#unexpected(separator);
    const operator = this.#next();
    const value = this.#quoted();
    if (operator === '=') return (attributes) => attributes[key] === value;
    if (operator === '!=') return (attributes) => attributes[key] !== value;
    throw this.#unexpected(operator);
  }

  #key(): string {
    const token = this.#next();
    if (token.startsWith('"')) return unquote(token);
    if (/^[A-Za-z_]/.test(token)) return token;
    throw this.#unexpected(token);
  }

  #quoted(): string {
    const token = this.#next();
    if (!token.startsWith('"')) throw this.#unexpected(token);
    return unquote(token);
  }

  #expect(wanted: string): void {
    const token = this.#next();
    if (token !== wanted) throw this.#unexpected(token);
  }

  #next(): string {
    const token = this.tokens[this.#at];
    if (token === undefined) throw refused(this.text, 'it ends too early');
    this.#at += 1;
    return token;
  }

  #unexpected(token = this.tokens[this.#at]): PubsubError {
    return refused(this.text, `'${token}' is not expected there`);
  }
}

const unquote = (token: string): string => token.slice(1, -1).replace(/\\(.)/g, '$1');
