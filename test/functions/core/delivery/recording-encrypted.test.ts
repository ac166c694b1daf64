import { segmentName } from '../../../../functions/contract/objects/layout';
import { encodeMetadata } from '../../../../functions/contract/objects/metadata';
import { recordedSegment, recordingPlaylist } from '../../../../functions/core/delivery/recording';
import { fragmentEncryption, segmentEncryption } from '../../../../functions/core/encryption/content-keys';
import { formatMediaPlaylist, parseMediaPlaylist } from '../../../../functions/core/playlist/media-playlist';
import { checkPlaylist } from '../../../../scripts/tools/check-hls/rules';

const REF = { policy: 'gated', streamId: 'abcdefgh01234567', rendition: 'source' } as const;
const ENCRYPTION = { method: 'aes-128', keyRotationSegments: 2, secret: `slc_${'a'.repeat(40)}` } as const;

function segmentsOf(sessionId: string, numbers: readonly number[], isEncrypted: boolean) {
  return numbers.flatMap((number) => {
    const metadata = encodeMetadata({
      durationMs: 2000,
      programDateTime: new Date(Date.UTC(2026, 10, 26) + number * 2000).toISOString(),
      discontinuity: false,
      ...(isEncrypted && segmentEncryption({ ...REF, sessionId, number }, ENCRYPTION)),
    });
    const name = segmentName({ ...REF, sessionId, number });
    return recordedSegment({ name, generation: '1', metadata, sizeBytes: 1000, updatedAt: 0 }) ?? [];
  });
}

describe('a recording of encrypted segments', () => {
  const segments = [...segmentsOf('1-aaaaaaaa', [0, 1, 2], true), ...segmentsOf('2-aaaaaaaa', [0], false)];
  const text = formatMediaPlaylist(recordingPlaylist(segments));

  it('names the key and the vector of each segment as the live playlist did', () => {
    const keys = [...text.matchAll(/#EXT-X-KEY:(.*)/g)].map(([, value]) => value);
    const key = (period: number, iv: number) =>
      `METHOD=AES-128,URI="/api/v1/streams/${REF.streamId}/keys/1-aaaaaaaa.${period}",IV=0x${'0'.repeat(31)}${iv}`;
    expect(keys).toEqual([key(0, 0), key(0, 1), key(1, 2), 'METHOD=NONE']);
    expect(checkPlaylist(text)).toEqual([]);
  });
});

describe('a recording of fragments in Common Encryption', () => {
  it.each([
    ['cbcs', 'SAMPLE-AES'],
    ['cenc', 'SAMPLE-AES-CTR'],
  ] as const)('names the key of each fragment as the live playlist did: %s', (method, name) => {
    const sessionId = '1-aaaaaaaa';
    const encryption = { ...ENCRYPTION, method };
    const segments = [0, 1, 2, 3].flatMap((number) => {
      const metadata = encodeMetadata({
        durationMs: 2000,
        programDateTime: new Date(Date.UTC(2026, 10, 26) + number * 2000).toISOString(),
        discontinuity: false,
        init: `init-${'0'.repeat(15)}${Math.floor(number / 2)}.mp4`,
        ...fragmentEncryption({ sessionId, number }, encryption),
      });
      const object = segmentName({ ...REF, sessionId, number, container: 'm4s' });
      return recordedSegment({ name: object, generation: '1', metadata, sizeBytes: 1000, updatedAt: 0 }) ?? [];
    });
    const text = formatMediaPlaylist(recordingPlaylist(segments));
    const key = (period: number) =>
      `METHOD=${name},URI="/api/v1/streams/${REF.streamId}/keys/1-aaaaaaaa.${period}",` +
      `KEYID=0x0000000100bbab3724920000000${period}0000,` +
      'KEYFORMAT="org.w3.clearkey",KEYFORMATVERSIONS="1"';
    expect([...text.matchAll(/#EXT-X-KEY:(.*)/g)].map(([, value]) => value)).toEqual([key(0), key(1)]);
    expect(checkPlaylist(text)).toEqual([]);
    expect(formatMediaPlaylist(parseMediaPlaylist(text))).toBe(text);
  });
});
