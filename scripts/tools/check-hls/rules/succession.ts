import { attributes, type Lines, type PlaylistSegment, type RuleFinding, readLines, tagsNamed } from './lines';
import { differing, durationOf, rangesById, targetDurationOf } from './media';

const number = (lines: Lines, name: string): number => Number(tagsNamed(lines, name)[0]?.value ?? 0);
const ended = (lines: Lines): boolean => tagsNamed(lines, 'EXT-X-ENDLIST').length > 0;
const starts = (segment: PlaylistSegment): boolean => segment.tags.some((tag) => tag.name === 'EXT-X-DISCONTINUITY');
const typeOf = (lines: Lines): string | undefined => tagsNamed(lines, 'EXT-X-PLAYLIST-TYPE')[0]?.value;
const at = (clause: string, message: string): RuleFinding => ({ clause, line: 0, message });

/** 6.2.1: what a server may change in a playlist at all. */
function mayChange(before: Lines, after: Lines): RuleFinding[] {
  if (before.text === after.text) return [];
  const old = targetDurationOf(before);
  const fresh = targetDurationOf(after);
  return [
    ...(old === fresh ? [] : [at('6.2.1', `the target duration went from ${old} to ${fresh}`)]),
    ...(ended(before) ? [at('6.2.1', 'changed after EXT-X-ENDLIST')] : []),
    ...(typeOf(before) === 'VOD' ? [at('6.2.1', 'a VOD playlist changed')] : []),
    ...(typeOf(before) === 'EVENT' && number(after, 'EXT-X-MEDIA-SEQUENCE') > number(before, 'EXT-X-MEDIA-SEQUENCE')
      ? [at('6.2.1', 'an EVENT playlist lost segments')]
      : []),
  ];
}

/** 4.4.4.4: the keys in force at each segment, as text; a key holds until the next one of its KEYFORMAT, or NONE. */
function keysInForce({ uris }: Lines): string[] {
  const keys = new Map<string, string>();
  return uris.map(({ tags }) => {
    for (const { value } of tags.filter((tag) => tag.name === 'EXT-X-KEY')) {
      if (value === 'METHOD=NONE') keys.clear();
      else keys.set(attributes(value)?.get('KEYFORMAT') ?? '"identity"', value);
    }
    return [...keys.values()].sort().join(' ');
  });
}

/** 6.2.1: a segment keeps its key and its initialization vector, also when the tag before it has left the playlist. */
function sameKeys(before: Lines, after: Lines): RuleFinding[] {
  const removed = number(after, 'EXT-X-MEDIA-SEQUENCE') - number(before, 'EXT-X-MEDIA-SEQUENCE');
  const old = keysInForce(before).slice(Math.max(0, removed));
  const fresh = keysInForce(after);
  const changed = old.findIndex((key, index) => fresh[index] !== undefined && fresh[index] !== key);
  return changed < 0 ? [] : [at('6.2.1', `the key of segment '${after.uris[changed]?.uri}' changed`)];
}

/** 6.2.2: numbers count on, segments keep theirs, and a removal leaves at least three target durations. */
function live(before: Lines, after: Lines): RuleFinding[] {
  const first = number(before, 'EXT-X-MEDIA-SEQUENCE');
  const next = number(after, 'EXT-X-MEDIA-SEQUENCE');
  const removed = next - first;
  if (removed < 0) return [at('6.2.2', `the media sequence went back from ${first} to ${next}`)];
  const kept = before.uris.slice(removed);
  const moved = kept.findIndex((segment, index) => after.uris[index]?.uri !== segment.uri);
  const lost = before.uris.slice(0, removed);
  const expected = number(before, 'EXT-X-DISCONTINUITY-SEQUENCE') + lost.filter(starts).length;
  // In whole milliseconds, because a sum of decimal fractions is not exact.
  const length = after.uris.reduce((sum, segment) => sum + Math.round((durationOf(segment) ?? 0) * 1000), 0) / 1000;
  return [
    ...(moved < 0
      ? []
      : [at('6.2.2', `number ${next + moved} was ${kept[moved]?.uri}, now ${after.uris[moved]?.uri ?? 'nothing'}`)]),
    ...(removed <= before.uris.length && number(after, 'EXT-X-DISCONTINUITY-SEQUENCE') !== expected
      ? [at('6.2.2', `the discontinuity sequence is ${number(after, 'EXT-X-DISCONTINUITY-SEQUENCE')}, not ${expected}`)]
      : []),
    ...(removed > 0 && !ended(after) && length < 3 * targetDurationOf(after)
      ? [at('6.2.2', `removing left ${length} s, less than three target durations`)]
      : []),
  ];
}

/** 4.4.5.1 and 6.2.4: what a range says holds in every later version that has it, and in every variant. */
function ranges(one: Lines, another: Lines, clause: '4.4.5.1' | '6.2.4'): RuleFinding[] {
  const said = rangesById(another);
  return [...rangesById(one)].flatMap(([id, list]) => {
    const others = differing(list, said.get(id) ?? list);
    return others.length > 0 ? [at(clause, `the range ${id} says another ${others.join(', ')}`)] : [];
  });
}

/** Finds the faults in the step from one version of a media playlist to a later one. */
export function checkSuccession(before: string, after: string): RuleFinding[] {
  const old = readLines(before);
  const fresh = readLines(after);
  return [...mayChange(old, fresh), ...live(old, fresh), ...ranges(old, fresh, '4.4.5.1'), ...sameKeys(old, fresh)];
}

/** 6.2.4: finds the faults between media playlists of one multivariant playlist that were read at the same moment. */
export function checkVariants(playlists: readonly string[]): RuleFinding[] {
  const all = playlists.map(readLines);
  const [head, ...others] = all;
  if (head === undefined) return [];
  const starting = (lines: Lines): Map<string, number> => {
    let sequence = number(lines, 'EXT-X-DISCONTINUITY-SEQUENCE');
    return new Map(
      lines.uris.flatMap((segment) => {
        if (starts(segment)) sequence += 1;
        const date = segment.tags.find((tag) => tag.name === 'EXT-X-PROGRAM-DATE-TIME')?.value;
        return date === undefined ? [] : [[date, sequence] as const];
      }),
    );
  };
  const reference = starting(head);
  return others.flatMap((other) => {
    const apart = [...starting(other)].filter(
      ([date, sequence]) => reference.has(date) && reference.get(date) !== sequence,
    );
    return [
      ...(targetDurationOf(other) === targetDurationOf(head) ? [] : [at('6.2.4', 'target durations differ')]),
      ...(typeOf(other) === typeOf(head) ? [] : [at('6.2.4', 'playlist types differ')]),
      ...ranges(head, other, '6.2.4'),
      ...apart.slice(0, 1).map(([date]) => at('6.2.4', `discontinuity sequence numbers differ at ${date}`)),
    ];
  });
}
