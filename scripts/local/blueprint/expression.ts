import { StartError } from '../../emulators/server/start-error';
import { addressOf, type Declared } from './terraform-json';

/**
 * Interpolation, as far as it is supported: a literal, or `${type.name.attribute}` inside a text. `$${` is Terraform's
 * way to write a literal `${`. Functions, conditions and loops would make this file a second Terraform, so they are
 * refused.
 */
const INTERPOLATION = /(?<!\$)\$\{([^}]*)\}/g;
const DIRECTIVE = /(?<!%)%\{/;
const REFERENCE =
  /^((?:data\.)?[a-z][a-z0-9_]*\.[A-Za-z0-9_-]+)\.([a-z][a-z0-9_]*(?:(?:\[\d+\])|(?:\.[a-z][a-z0-9_]*))*)$/;

/** `${address.attribute}`, taken apart. */
export interface Reference {
  readonly address: string;
  readonly attribute: string;
}

/** Values that exist only after `terraform apply`; `undefined`: not in the table. */
export interface KnownAfterApply {
  /** Returns the value of a whole text, before its parts are resolved. */
  whole(text: string): string | undefined;
  attribute(resource: Declared, attribute: string): string | undefined;
}

/** Returns the references in a text. Rejects any other expression, and names its place, `where`. */
export function referencesIn(text: string, where: string): Reference[] {
  if (DIRECTIVE.test(text)) throw unsupported(where, text);
  return [...text.matchAll(INTERPOLATION)].map(([expression, inner = '']) => {
    const [, address, attribute] = REFERENCE.exec(inner) ?? [];
    if (address === undefined || attribute === undefined) throw unsupported(where, expression);
    return { address, attribute };
  });
}

const unsupported = (where: string, expression: string): StartError =>
  new StartError(
    `${where}: '${expression.slice(0, 120)}' is more than the local stack reads; ` +
      `use a literal or \${type.name.attribute}`,
  );

/** Calls `visit` with every text in `value` and the path to it: `name`, `cors[0].origin[1]`. */
export function eachText(value: unknown, path: string, visit: (text: string, path: string) => void): void {
  if (typeof value === 'string') visit(value, path);
  else if (Array.isArray(value))
    for (const [index, item] of value.entries()) eachText(item, `${path}[${index}]`, visit);
  else if (typeof value === 'object' && value !== null)
    for (const [key, item] of Object.entries(value)) eachText(item, path === '' ? key : `${path}.${key}`, visit);
}

/** Replaces references by values. */
export class Resolver {
  constructor(
    private readonly declared: ReadonlyMap<string, Declared>,
    private readonly known: KnownAfterApply,
  ) {}

  /** Returns `value` with every text in it resolved; `where` names resource and attribute for the error. */
  resolve(value: unknown, where: string): unknown {
    if (typeof value === 'string') return this.text(value, where);
    if (Array.isArray(value)) return value.map((item, index) => this.resolve(item, `${where}[${index}]`));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.resolve(item, `${where}.${key}`)]));
  }

  text(text: string, where: string): string {
    const whole = this.known.whole(text);
    if (whole !== undefined) return whole;
    const values = referencesIn(text, where).map((reference) => this.value(reference, where));
    return text.replace(INTERPOLATION, () => values.shift() ?? '').replaceAll('$${', '${');
  }

  private value({ address, attribute }: Reference, where: string): string {
    const target = this.declared.get(address);
    if (target === undefined)
      throw new StartError(`${where}: \${${address}.${attribute}} names nothing that is declared`);
    const known = this.known.attribute(target, attribute);
    if (known !== undefined) return known;
    const literal = target.attributes[attribute];
    if (typeof literal === 'string') return this.text(literal, `${addressOf(target)}.${attribute}`);
    if (typeof literal === 'number' || typeof literal === 'boolean') return String(literal);
    throw new StartError(
      `${where}: \${${address}.${attribute}} is known only after apply and not in known-after-apply.ts; add it there`,
    );
  }
}
