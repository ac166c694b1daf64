import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** Exported names that have a word of the glossary's last column in another sense, each with the reason. */
const OTHER_SENSE: readonly (readonly [name: RegExp, reason: string])[] = [
  [/fragment/i, "an fMP4 fragment is ISO 14496-12's word, and no HLS segment"],
  [/^turnPassword$/, 'RFC 8489 and the TURN REST draft name a password'],
  [/^(MediaPlace|DeliveryPlace)$/, 'where objects of a stream lie in a bucket'],
  [/^(Stream|Image)Registry(Props)?$/, 'construct ids stay; Artifact Registry is the name of a Google service'],
  [/^SteeringManifest$/i, "rfc8216bis 7.2's word, and no playlist"],
  [/^Order$/, "Firestore's StructuredQuery.Order"],
  [/^TakeDownOrder$/, 'a court or rights holder orders, and the tool writes it down'],
  [/^StreamFailover$/i, 'the event stream.failover of a publisher, as MediaLive has it; no switch of CDNs'],
  [/^showClock$/, 'a verb'],
  [
    /^(PLACE_CHECKS|PLACES|Place)$/,
    'preflight checks of a project and region, special URLs of an imitation, and a position in the player',
  ],
  [/^isOverPatience$/, 'how long an unsteady publisher is borne with, which is no reconnect window'],
];

const EXPORT = /^export (?:async |abstract |declare )*(?:const|function\*?|class|interface|type|enum) (\w+)/gm;
/** Several names at once: a list with new names, or a destructured constant. */
const EXPORTS = /^export (?:const )?\{([^}]*)\}/gm;
const exportedIn = (text: string): string[] => [
  ...[...text.matchAll(EXPORT)].map(([, name = '']) => name),
  ...[...text.matchAll(EXPORTS)].flatMap(([, list = '']) =>
    list.split(',').map((each) => /(\w+)\s*$/.exec(each)?.[1] ?? ''),
  ),
];
const wordsOf = (name: string): string[] =>
  (name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+/g) ?? []).map((word) => word.toLowerCase());

/** The words of the last column of the glossary's tables. */
const unused = readFileSync('docs/GLOSSARY.md', 'utf8')
  .split('\n')
  .map((line) => line.split('|'))
  .filter((cells) => cells.length === 6)
  .flatMap((cells) => [...(cells[4] ?? '').matchAll(/`(\w+)`/g)].map(([, word = '']) => word));

/**
 * Names a word that is not used in this sense; `undefined` when there is none. Joined pairs count, as in `liveWindow`.
 */
function unusedWordIn(name: string): string | undefined {
  const words = wordsOf(name);
  const pairs = words.map((word, index) => word + (words[index + 1] ?? ''));
  return unused.find((word) => [...words, ...pairs].some((one) => one === word || one === `${word}s`));
}

/** Types of one name in two files that mean the same thing, each with the reason. */
const SAME_THING: Readonly<Record<string, string>> = {
  Timestamp: 'google.protobuf.Timestamp, as the protocols of Firestore and of Pub/Sub each decode it',
};
/**
 * The client for customers' pages: its public names are those of the customer's document, and its bundle has no others
 * beside them.
 */
const isOfTheClient = (file: string): boolean => file.startsWith('web/sdk/');
const TYPE = /^export (?:abstract )?(?:class|interface|type|enum) (\w+)|^export const ([A-Z]\w*[a-z]\w*) = /gm;

/** Exported types, classes and schemas that more than one file declares, as `Name: file, file`. */
function declaredTwice(texts: ReadonlyMap<string, string>): string[] {
  const homes = new Map<string, Set<string>>();
  for (const [file, text] of texts) {
    for (const [, type, schema] of text.matchAll(TYPE)) {
      const name = type ?? schema ?? '';
      homes.set(name, (homes.get(name) ?? new Set()).add(file));
    }
  }
  return [...homes].filter(([, files]) => files.size > 1).map(([name, files]) => `${name}: ${[...files].join(', ')}`);
}

const rooms = ['functions', 'srs-image', 'infra', 'scripts', 'web'];
const sources = new Map(
  execFileSync('git', ['ls-files', '-co', '--exclude-standard', ...rooms])
    .toString()
    .split('\n')
    .filter((file) => file.endsWith('.ts') && existsSync(file))
    .map((file) => [file, readFileSync(file, 'utf8')]),
);
const names = [...sources].flatMap(([file, text]) => exportedIn(text).map((name) => ({ file, name })));

describe('the glossary', () => {
  it('has its words in the exported names, and none that it says is not used', () => {
    const wrong = names.filter(({ name }) => unusedWordIn(name) && !OTHER_SENSE.some(([other]) => other.test(name)));
    expect(wrong.map(({ file, name }) => `${file}: ${name} has '${unusedWordIn(name)}'`)).toEqual([]);
  });

  it('finds a word that is not used, also as a pair and in the plural', () => {
    expect(
      ['uploadLane', 'liveWindowSeconds', 'BrakeOptions', 'viewerSittings', 'SessionUploader'].map(unusedWordIn),
    ).toEqual(['lane', 'livewindow', 'brake', 'sitting', undefined]);
  });

  it('finds the names of generators, lists of exports and destructured constants', () => {
    const text =
      'export async function* laneWalker() {}\nexport { inner as brakeLimit };\nexport const { sittingSeconds } = all;\n';
    expect(exportedIn(text)).toEqual(['laneWalker', 'brakeLimit', 'sittingSeconds']);
  });

  it('has one meaning for each exported type: no two files declare one of the same name', () => {
    const twice = declaredTwice(new Map([...sources].filter(([file]) => !isOfTheClient(file))));
    expect(twice.filter((line) => SAME_THING[line.split(':')[0] ?? ''] === undefined)).toEqual([]);
    expect(Object.keys(SAME_THING).filter((name) => !twice.some((line) => line.startsWith(`${name}:`)))).toEqual([]);
    const planted = new Map([
      ['a.ts', 'export class Seen {}\nexport const LIMIT = 1;'],
      ['b.ts', 'export type Seen = string;\nexport const LIMIT = 2;'],
    ]);
    expect(declaredTwice(planted)).toEqual(['Seen: a.ts, b.ts']);
  });

  it('has no exception that nothing needs', () => {
    const idle = OTHER_SENSE.filter(([other]) => !names.some(({ name }) => other.test(name) && unusedWordIn(name)));
    expect(idle).toEqual([]);
  });
});
