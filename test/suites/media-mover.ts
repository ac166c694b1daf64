import type { Policy } from '../../functions/contract/ids';
import type { MoveMedia, ObjectStore } from '../../functions/ports/stores';

export interface MediaMoverUnderTest {
  readonly move: MoveMedia;
  readonly bucketOf: (policy: Policy) => ObjectStore;
  /** Names begin with this: what else is in the buckets does not matter. */
  readonly prefix: string;
}

const HEADERS = { contentType: 'video/mp2t', cacheControl: 'public, max-age=86400, immutable' };
const METADATA = { durationMs: '2000', discontinuity: 'false' };
/** Bytes that are no text. */
const BYTES = Uint8Array.from({ length: 1880 }, (_, n) => (n % 188 === 0 ? 0x47 : n % 256));

/** Tests the contract of every `MoveMedia`. */
export function mediaMoverSuite(name: string, open: () => MediaMoverUnderTest): void {
  describe(`MoveMedia: ${name}`, () => {
    let subject: MediaMoverUnderTest;
    const at = (bucket: Policy, text: string) => ({ bucket, name: `${subject.prefix}${text}` });
    const put = (place: ReturnType<typeof at>, content: string | Uint8Array = BYTES) =>
      subject
        .bucketOf(place.bucket)
        .write(place.name, content, { ...HEADERS, metadata: METADATA, ifGenerationMatch: '0' });
    const found = (place: ReturnType<typeof at>) => subject.bucketOf(place.bucket).stat(place.name);

    beforeEach(() => {
      subject = open();
    });

    it.each(['gated', 'open'] as const)(
      'moves bytes and metadata to the %s bucket, and leaves nothing',
      async (bucket) => {
        const from = at('open', 'a.ts');
        const to = at(bucket, 'held/a.ts');
        await put(from);
        expect(await subject.move(from, to)).toBe(true);
        expect(await found(to)).toMatchObject({ name: to.name, metadata: METADATA, sizeBytes: BYTES.length });
        expect(await found(from)).toBeUndefined();
      },
    );

    it('moves nothing where there is nothing, and says so', async () => {
      const from = at('open', 'none.ts');
      const to = at('gated', 'held/none.ts');
      expect(await subject.move(from, to)).toBe(false);
      expect(await found(to)).toBeUndefined();
    });

    it('done again after it was cut off between copy and removal, ends the same', async () => {
      const from = at('open', 'b.m3u8');
      const to = at('gated', 'held/b.m3u8');
      await put(from, '#EXTM3U\n');
      await put(to, 'a copy from before');
      expect(await subject.move(from, to)).toBe(true);
      expect(await subject.bucketOf('gated').read(to.name)).toMatchObject({ text: '#EXTM3U\n' });
      expect(await found(from)).toBeUndefined();
    });

    it('done again after it was done, leaves what was moved', async () => {
      const from = at('open', 'c.ts');
      const to = at('gated', 'held/c.ts');
      await put(from);
      await subject.move(from, to);
      expect(await subject.move(from, to)).toBe(false);
      expect(await found(to)).toMatchObject({ sizeBytes: BYTES.length });
    });
  });
}
