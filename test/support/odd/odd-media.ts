import { type FlvTag, testTags } from '../platform/odd-publisher';

/** The media of one odd publisher, and its time stamps. */
export interface OddMedia {
  readonly title: string;
  readonly tags: readonly FlvTag[];
  readonly clock?: (tag: FlvTag) => number;
}

const isHeader = ({ body }: FlvTag): boolean => body[1] === 0;
const between = (tags: readonly FlvTag[], fromMs: number, toMs: number, shiftMs = 0): FlvTag[] =>
  tags.filter(({ ms }) => ms >= fromMs && ms < toMs).map((tag) => ({ ...tag, ms: tag.ms + shiftMs }));

/** A track, its sequence header included, that is not there before a time. */
function late(tags: readonly FlvTag[], kind: FlvTag['kind'], fromMs: number): FlvTag[] {
  const header = tags.filter((tag) => tag.kind === kind && isHeader(tag)).map((tag) => ({ ...tag, ms: fromMs }));
  const rest = tags.filter((tag) => tag.kind !== 's' && !(tag.kind === kind && (tag.ms < fromMs || isHeader(tag))));
  const at = rest.findIndex((tag) => tag.kind === kind);
  return [...rest.slice(0, at), ...header, ...rest.slice(at)];
}

/** Clocks and tracks as the world's encoders get them wrong, 20 s each. */
export async function oddMedia(): Promise<OddMedia[]> {
  const tags = await testTags(20);
  const larger = await testTags(8, '640x360');
  return [
    { title: 'jumps an hour ahead', tags, clock: ({ ms }) => (ms < 9000 ? ms : ms + 3_600_000) },
    { title: 'has its sound 100 s ahead', tags, clock: ({ ms, kind }) => (kind === 'a' ? ms + 100_000 : ms) },
    { title: 'sends no header of its sound', tags: tags.filter((tag) => !(tag.kind === 'a' && isHeader(tag))) },
    { title: 'begins its clock again', tags, clock: ({ ms }) => (ms < 9000 ? ms + 5_000_000 : ms) },
    { title: 'wraps at 32 bits', tags, clock: ({ ms }) => ms + 2 ** 32 - 9000 },
    { title: 'has sound late', tags: late(tags, 'a', 12_000) },
    { title: 'has its picture late', tags: late(tags, 'v', 12_000) },
    {
      title: 'changes its size, and back',
      tags: [...between(tags, 0, 7900), ...between(larger, 0, 7900, 8000), ...between(tags, 0, 4000, 16_000)],
    },
  ];
}
