import type { StreamId } from '../../contract/ids';
import { type CommonScheme, type ContentKeyId, contentKeyPath } from '../../contract/objects/encryption';
import type { SegmentKey } from '../playlist/media-playlist';
import { parseKeyId } from './content-keys';
import { kidOf } from './key-id';

/** Methods of EXT-X-KEY for the schemes of Common Encryption (rfc8216bis, 4.4.4.4). */
const METHODS = { cbcs: 'SAMPLE-AES', cenc: 'SAMPLE-AES-CTR' } as const;

/** The key of a fragment in Common Encryption, as its playlists have it. */
export const commonSegmentKey = (streamId: StreamId, keyId: ContentKeyId, scheme: CommonScheme): SegmentKey => ({
  method: METHODS[scheme],
  uri: contentKeyPath(streamId, keyId),
  kid: `0x${kidOf(keyId).toString('hex')}`,
});

/** The protection that an MPD names: read off the key of a segment; `undefined` where the segment has no such key. */
export interface Protection {
  scheme: CommonScheme;
  /** The id of the key as a UUID. */
  kid: string;
  /** The number of the key in its session. */
  number: number;
  /** The path at which players ask for the license. */
  licenseUrl: string;
}

const UUID_PARTS = /^0x(.{8})(.{4})(.{4})(.{4})(.{12})$/;

export function protectionOf(key: SegmentKey | undefined): Protection | undefined {
  if (key === undefined || key.method === 'AES-128') return undefined;
  const name = key.uri.lastIndexOf('/') + 1;
  return {
    scheme: key.method === 'SAMPLE-AES' ? 'cbcs' : 'cenc',
    kid: key.kid.replace(UUID_PARTS, '$1-$2-$3-$4-$5'),
    number: parseKeyId(key.uri.slice(name)).period,
    licenseUrl: `${key.uri.slice(0, name)}license`,
  };
}
