import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parse } from '@babel/parser';
import { z } from 'zod';

/** A stranger reads `the describe, the title` in a list. So the first word names the thing, or what it is of. */
const WITHOUT_SUBJECT = new RegExp(
  `^(${[
    'it|its|and|but|nor|so|or|not|never|the same|of|that|by|with|without|in|at|on|to|as|from|after|before|if',
    'who|whose|whom|what|where|when|while|whether|how|why',
    'is|are|has|have|was|were|may|can|cannot|will|would|does|do|keeps',
  ].join('|')})\\b`,
  'i',
);
/** A title inside a describe goes on with its sentence, and not with the title before. */
const AFTER_ANOTHER = /^(it|and|but|nor|so|or|not|the same)\b/i;

const Node = z.looseObject({ type: z.string() });
const Call = Node.extend({
  type: z.literal('CallExpression'),
  callee: z.unknown(),
  arguments: z.tuple([z.unknown()], z.unknown()),
});
const Text = z.union([
  z.looseObject({ type: z.literal('StringLiteral'), value: z.string() }).transform(({ value }) => value),
  z
    .looseObject({
      type: z.literal('TemplateLiteral'),
      quasis: z.array(z.looseObject({ value: z.looseObject({ raw: z.string() }) })),
    })
    .transform(({ quasis }) => quasis.map(({ value }) => value.raw).join('…')),
]);
const Named = z.looseObject({ type: z.literal('Identifier'), name: z.string() });
const Around = z.looseObject({ object: z.unknown(), callee: z.unknown(), tag: z.unknown() }).partial();

/** Returns `it` of `it`, `it.each(rows)` and `` it.each`table` ``; '' for anything else. */
function nameOf(callee: unknown): string {
  const named = Named.safeParse(callee);
  if (named.success) return named.data.name;
  const { object, callee: called, tag } = Around.safeParse(callee).data ?? {};
  const inner = object ?? called ?? tag;
  return inner === undefined ? '' : nameOf(inner);
}

interface Title {
  readonly around: readonly string[];
  readonly title: string;
}

/** Returns the titles of tests in a syntax tree, each with those of the blocks around it. */
function titlesIn(value: unknown, around: readonly string[] = []): Title[] {
  if (Array.isArray(value)) return value.flatMap((each) => titlesIn(each, around));
  const node = Node.safeParse(value);
  if (!node.success) return [];
  const call = Call.safeParse(value);
  const [first, ...rest] = call.data?.arguments ?? [];
  const title = Text.safeParse(first);
  if (title.success && rest.length > 0) {
    if (nameOf(call.data?.callee) === 'it') return [{ around, title: title.data }];
    return titlesIn(rest, [...around, title.data]);
  }
  return Object.values(node.data).flatMap((inner) => titlesIn(inner, around));
}

const isWithoutSubject = ({ around: [outermost], title }: Title): boolean =>
  outermost === undefined ? WITHOUT_SUBJECT.test(title) : WITHOUT_SUBJECT.test(outermost) || AFTER_ANOTHER.test(title);

const titlesOf = (text: string): Title[] => {
  const tree: unknown = parse(text, { sourceType: 'module', plugins: ['typescript'] }).program;
  return titlesIn(tree);
};

it('every title of a test names its subject, alone or with the describe around it', () => {
  const files = execFileSync('git', ['ls-files', 'test/*.test.ts'], { encoding: 'utf8' }).trim().split('\n');
  const found = files.flatMap((file) => titlesOf(readFileSync(file, 'utf8')).map((title) => ({ ...title, file })));
  expect(found.length).toBeGreaterThan(2000);
  const faulty = found.filter(isWithoutSubject);
  expect(faulty.map(({ file, around, title }) => `${file}: ${[...around, title].join(' > ')}`)).toEqual([]);
});

it.each([
  ["it('is refused', () => {});"],
  ["it.each([1])('of %s: none', () => {});"],
  ["describe('what a viewer may', () => { it('plays', () => {}); });"],
  ["describe('a viewer', () => { it('and plays again', () => {}); });"],
  ["realPart('whose grant expired', undefined, () => { it('plays', () => {}); });"],
])('a title without a subject is found: %s', (text) => {
  expect(titlesOf(text).filter(isWithoutSubject)).toHaveLength(1);
});

it.each([
  ["it('a viewer plays', () => {});"],
  ["describe('a viewer', () => { it.each([1])('is told %s', () => {}); });"],
])('a title with a subject is taken: %s', (text) => {
  expect(titlesOf(text)).toHaveLength(1);
  expect(titlesOf(text).filter(isWithoutSubject)).toEqual([]);
});
