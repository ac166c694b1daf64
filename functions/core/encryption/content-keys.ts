import type { SessionId, StreamId } from '../../contract/ids';
import type {
  CommonScheme,
  ContentKeyId,
  ContentSecret,
  SealedEncryption,
  SessionEncryption,
} from '../../contract/objects/encryption';
import type { RandomId } from '../../ports/stores';
import type { CommonKey } from '../packaging/commands';
import { type SealingKey, seal, sealingKey, unseal } from '../signing/sealed-box';
import { derivedAesKey, encryptAesCbc } from '../signing/segment-cipher';
import { kidOf } from './key-id';

/** A segment of a session. `number` counts from 0. */
export interface NumberedSegment {
  streamId: StreamId;
  sessionId: SessionId;
  number: number;
}

/** Characters of a content secret after its prefix. */
const SECRET_CHARACTERS = 40;

/** A new secret of a session. */
export const mintContentSecret = (randomId: RandomId): ContentSecret => `slc_${randomId(SECRET_CHARACTERS)}`;

/** The key that seals the content secrets of one stream, out of the environment's secret. */
const sealingKeyOf = (environmentSecret: string, streamId: StreamId): SealingKey =>
  sealingKey([environmentSecret, streamId], 'content secrets');

/** Seals a new content secret for the stream's document. */
export const sealNewSecret = (
  streamId: StreamId,
  { environmentSecret, randomId }: { environmentSecret: string; randomId: RandomId },
): string => seal(mintContentSecret(randomId), sealingKeyOf(environmentSecret, streamId), Buffer.from(randomId(12)));

/** Opens a session's encryption. Throws if the environment's secret is another one than it was sealed with. */
export function openEncryption(
  { sealed, ...settings }: SealedEncryption,
  { streamId, environmentSecret }: { streamId: StreamId; environmentSecret: string },
): SessionEncryption {
  const secret = unseal(sealed, sealingKeyOf(environmentSecret, streamId));
  if (secret !== undefined) return { ...settings, secret };
  throw new Error(`the content secret of a session of stream '${streamId}' was sealed with another CONTENT_SECRET`);
}

/** The id of the key of a segment. */
export function keyIdOf(
  { sessionId, number }: Pick<NumberedSegment, 'sessionId' | 'number'>,
  { keyRotationSegments }: Pick<SessionEncryption, 'keyRotationSegments'>,
): ContentKeyId {
  return `${sessionId}.${keyRotationSegments === 0 ? 0 : Math.floor(number / keyRotationSegments)}`;
}

/** Splits a key's id into its session and its number there. */
export function parseKeyId(keyId: ContentKeyId): { sessionId: SessionId; period: number } {
  const [sessionId = '', period] = keyId.split('.');
  return { sessionId, period: Number(period) };
}

/**
 * Derives a content key of 16 bytes. It reveals nothing about the secret or another key:
 * the agent has every key of its session ahead of time, a viewer only those it was given.
 */
export const contentKey = (
  streamId: StreamId,
  keyId: ContentKeyId,
  { secret }: Pick<SessionEncryption, 'secret'>,
): Uint8Array => derivedAesKey(secret, `content key ${streamId} ${keyId}`);

/** The initialization vector of a segment: its number, in 128 bits (RFC 8216, 5.2), so no two of a key are equal. */
export const ivOf = ({ number }: Pick<NumberedSegment, 'number'>): string =>
  `0x${number.toString(16).padStart(32, '0')}`;

/** The encryption of a segment without the key: for its metadata and its playlists. */
export interface SegmentEncryption {
  keyId: ContentKeyId;
  iv: string;
}

export const segmentEncryption = (segment: NumberedSegment, encryption: SessionEncryption): SegmentEncryption => ({
  keyId: keyIdOf(segment, encryption),
  iv: ivOf(segment),
});

/** The encryption of a fragment in Common Encryption without the key: for its metadata and its playlists. */
export interface FragmentEncryption {
  keyId: ContentKeyId;
  scheme: CommonScheme;
}

/** `undefined` for a session in the clear, and for one whose segments are encrypted whole. */
export function fragmentEncryption(
  segment: Pick<NumberedSegment, 'sessionId' | 'number'>,
  encryption: SessionEncryption | undefined,
): FragmentEncryption | undefined {
  if (encryption === undefined || encryption.method === 'aes-128') return undefined;
  return { keyId: keyIdOf(segment, encryption), scheme: encryption.method };
}

/** The key that a packager encrypts a fragment with; `undefined` as for `fragmentEncryption`. */
export function commonKey(segment: NumberedSegment, encryption: SessionEncryption | undefined): CommonKey | undefined {
  const described = fragmentEncryption(segment, encryption);
  if (described === undefined || encryption === undefined) return undefined;
  const { keyId, scheme } = described;
  const key = Buffer.from(contentKey(segment.streamId, keyId, encryption)).toString('hex');
  const iv = derivedAesKey(encryption.secret, `content vector ${segment.streamId} ${keyId}`);
  return {
    scheme,
    key,
    kid: kidOf(keyId).toString('hex'),
    // One vector for a key in `cbcs`, in the init segment; in `cenc` no two samples of a key may share one.
    ...(scheme === 'cbcs' && { iv: Buffer.from(iv).toString('hex') }),
  };
}

/** Encrypts a whole segment. The same in, the same out: a second try writes the same bytes. */
export function encryptSegment(bytes: Uint8Array, segment: NumberedSegment, encryption: SessionEncryption): Uint8Array {
  const { keyId, iv } = segmentEncryption(segment, encryption);
  return encryptAesCbc(bytes, contentKey(segment.streamId, keyId, encryption), Buffer.from(iv.slice(2), 'hex'));
}
