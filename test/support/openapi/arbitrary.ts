import fc from 'fast-check';
import { type Document, JsonSchema } from './document';

/** Values a JSON Schema of the document allows, optional fields there and away. */
export function valuesOf(schema: JsonSchema, document: Document): fc.Arbitrary<unknown> {
  const of = (inner: unknown) => valuesOf(JsonSchema.parse(inner), document);
  const reference =
    typeof schema.$ref === 'string' ? document.components.schemas[schema.$ref.split('/').at(-1) ?? ''] : undefined;
  if (reference !== undefined) return of(reference);
  const choices = [schema.anyOf, schema.oneOf].find(Array.isArray);
  if (choices !== undefined) return fc.oneof(...choices.map(of));
  if ('const' in schema) return fc.constant(schema.const);
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
  const [type, ...others] = [schema.type].flat();
  if (others.length > 0) return fc.oneof(...[type, ...others].map((each) => of({ ...schema, type: each })));
  return byType(String(type), schema, of);
}

type Of = (inner: unknown) => fc.Arbitrary<unknown>;

function byType(type: string, schema: JsonSchema, of: Of): fc.Arbitrary<unknown> {
  switch (type) {
    case 'string':
      return textsOf(schema);
    case 'integer':
      return fc.integer({ min: numberOf(schema.minimum, -1000), max: numberOf(schema.maximum, 1000) });
    case 'number':
      return fc.double({ min: numberOf(schema.minimum, 0), max: numberOf(schema.maximum, 1000), noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(of(schema.items), {
        minLength: numberOf(schema.minItems, 0),
        maxLength: Math.min(numberOf(schema.maxItems, 5), 5),
      });
    case 'object':
      return objectsOf(schema, of);
    default:
      throw new Error(`type '${type}' is not known here`);
  }
}

function objectsOf(schema: JsonSchema, of: Of): fc.Arbitrary<object> {
  if (schema.properties === undefined && typeof schema.additionalProperties === 'object') {
    const keys = textsOf(JsonSchema.parse(schema.propertyNames ?? {}));
    return fc.dictionary(keys, of(schema.additionalProperties), {
      maxKeys: Math.min(numberOf(schema.maxProperties, 5), 5),
    });
  }
  const fields = Object.entries(JsonSchema.parse(schema.properties ?? {}));
  const required = Array.isArray(schema.required) ? schema.required : [];
  return fc.record(Object.fromEntries(fields.map(([name, inner]) => [name, of(inner)])), { requiredKeys: required });
}

function textsOf({ pattern, format, minLength, maxLength }: JsonSchema): fc.Arbitrary<string> {
  const shortest = numberOf(minLength, 0);
  const longest = numberOf(maxLength, 300);
  const fits = (text: string) => [...text].length >= shortest && text.length <= longest;
  if (typeof format === 'string') return formatted(format);
  if (pattern === '\\S')
    return fc.string({ unit: 'grapheme', minLength: shortest, maxLength: 50 }).filter((text) => /\S/.test(text));
  if (typeof pattern === 'string') return fc.stringMatching(new RegExp(pattern)).filter(fits);
  return fc.string({ unit: 'grapheme', minLength: shortest, maxLength: Math.min(longest, 50) }).filter(fits);
}

function formatted(format: string): fc.Arbitrary<string> {
  const block = (address: fc.Arbitrary<string>, max: number) =>
    fc.tuple(address, fc.nat(max)).map((parts) => parts.join('/'));
  const formats: Record<string, fc.Arbitrary<string>> = {
    ipv4: fc.ipV4(),
    ipv6: fc.ipV6(),
    'ipv4-cidr': block(fc.ipV4(), 32),
    'ipv6-cidr': block(fc.ipV6(), 128),
    uri: fc.webUrl(),
    'date-time': fc
      .date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })
      .map((date) => date.toISOString()),
  };
  const found = formats[format];
  if (found === undefined) throw new Error(`format '${format}' is not known here`);
  return found;
}

const numberOf = (value: unknown, otherwise: number): number => (typeof value === 'number' ? value : otherwise);

/** Whatever somebody may send where a value belongs. */
const anything: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(
    null,
    true,
    -1,
    0,
    1e308,
    2 ** 53,
    '',
    ' ',
    'null',
    '__proto__',
    '\u0000',
    '\ud800',
    '../../etc/passwd',
    [],
    {},
  ),
  fc.constantFrom(
    'x'.repeat(5000),
    "' OR 1=1 --",
    '<script>alert(1)</script>',
    '{{7*7}}',
    '%00',
    '\u202e',
    '💥'.repeat(200),
  ),
);
const anyKey = fc.oneof(
  fc.string(),
  fc.constantFrom('__proto__', 'constructor', 'toString', '', 'keyHash', 'owner', 'id'),
);

/** `value` with one thing about it changed: a field gone, added, or something else altogether, somewhere inside. */
export const spoiled = (values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc
    .tuple(values, fc.nat(50), anything, anyKey, fc.constantFrom('drop', 'add', 'replace'))
    .map(([value, pick, other, key, how]) => {
      if (Array.isArray(value)) return how === 'drop' ? [] : [...value, other];
      if (typeof value !== 'object' || value === null) return other;
      const entries = Object.entries(value);
      const at = pick % Math.max(1, entries.length);
      if (how === 'add') return withEntry(entries, [key, other]);
      if (how === 'drop') return Object.fromEntries(entries.filter((_, index) => index !== at));
      return withEntry(entries, [entries[at]?.[0] ?? key, other]);
    });

/** Own properties, `__proto__` too. */
const withEntry = (entries: readonly (readonly [string, unknown])[], entry: readonly [string, unknown]): object =>
  Object.fromEntries([...entries, entry]);

/** JSON text of spoiled values, and what is no JSON at all. */
export const hostileBodies = (values: fc.Arbitrary<unknown>): fc.Arbitrary<string | Blob> =>
  fc.oneof(
    { weight: 4, arbitrary: spoiled(values).map((value) => JSON.stringify(value) ?? '') },
    { weight: 2, arbitrary: spoiled(spoiled(values)).map((value) => JSON.stringify(value) ?? '') },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 100 }).map((bytes) => new Blob([Buffer.from(bytes)])) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '['.repeat(20_000),
        '{"a":'.repeat(5000),
        `"${'x'.repeat(70_000)}"`,
        '\ufeff{}',
        'NaN',
        '1e999',
        '',
      ),
    },
  );
