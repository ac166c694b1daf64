import type { ContentKeyId } from '../../contract/objects/encryption';

/** Characters of a session's mark, and the base that they are digits of. */
const MARK_CHARACTERS = 8;
const MARK_BASE = 36;
/** Bytes of a key id of Common Encryption: the session's ordinal, its mark, the number of its key, and two of zero. */
const PLACES = { ordinal: 0, mark: 4, period: 10, end: 14 } as const;
const MARK_BYTES = PLACES.period - PLACES.mark;
const KID_BYTES = 16;

/**
 * The id of a content key as Common Encryption has it (ISO/IEC 23001-7, default_KID): 16 bytes that say which key it
 * is, so that a license needs no list of ids.
 */
export function kidOf(keyId: ContentKeyId): Buffer {
  const [, ordinal = '', mark = '', period = ''] = /^(\d+)-([a-z0-9]+)\.(\d+)$/.exec(keyId) ?? [];
  const kid = Buffer.alloc(KID_BYTES);
  kid.writeUInt32BE(Number(ordinal), PLACES.ordinal);
  kid.writeUIntBE(Number.parseInt(mark, MARK_BASE), PLACES.mark, MARK_BYTES);
  kid.writeUInt32BE(Number(period), PLACES.period);
  return kid;
}

/** The content key that these 16 bytes are the id of; `undefined` for others, which no stream here has. */
export function keyIdOfKid(kid: Buffer): ContentKeyId | undefined {
  if (kid.length !== KID_BYTES || kid.readUInt16BE(PLACES.end) !== 0) return undefined;
  const mark = kid.readUIntBE(PLACES.mark, MARK_BYTES).toString(MARK_BASE).padStart(MARK_CHARACTERS, '0');
  const keyId = `${kid.readUInt32BE(PLACES.ordinal)}-${mark}.${kid.readUInt32BE(PLACES.period)}`;
  return /^[1-9]\d{0,8}-[a-z0-9]{8}\.\d{1,9}$/.test(keyId) ? keyId : undefined;
}
