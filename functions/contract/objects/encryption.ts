import { z } from 'zod';
import type { StreamId } from '../ids';
import { path, ROUTES } from '../routes';

/** Protection schemes of Common Encryption (ISO/IEC 23001-7): AES-128 over samples, `cenc` in CTR, `cbcs` in CBC. */
export const CommonScheme = z.enum(['cbcs', 'cenc']);
export type CommonScheme = z.infer<typeof CommonScheme>;

/**
 * Encryption of the segments of a stream, in the buckets, the CDN and recordings. `aes-128`: whole MPEG-TS segments by
 * AES-128 in CBC mode with PKCS7 padding (RFC 8216, 4.3.2.4). The others: the samples of fragments in CMAF.
 */
export const Encryption = z.enum(['none', 'aes-128', ...CommonScheme.options]);
export type Encryption = z.infer<typeof Encryption>;

/** The number of segments that share a key; 0: one key for each session. */
export const KeyRotationSegments = z.int().min(0).max(10_000);

/** Encryption settings that a stream asks for; absent fields are `none` and 0. */
export const EncryptionSettings = z.object({
  encryption: Encryption.optional(),
  keyRotationSegments: KeyRotationSegments.optional(),
});
export type EncryptionSettings = z.infer<typeof EncryptionSettings>;

/**
 * The secret of one session, out of which all its content keys are derived: `slc_` and 40 of a-z, 0-9 (206 bits). Its
 * shape is known to the log and to the scanner for secrets.
 */
export const ContentSecret = z.string().regex(/^slc_[a-z0-9]{40}$/, 'use slc_ and 40 of a-z, 0-9');
export type ContentSecret = z.infer<typeof ContentSecret>;

const settings = { method: Encryption.exclude(['none']), keyRotationSegments: KeyRotationSegments };

/** The encryption of one session, for the agent that serves it. */
export const SessionEncryption = z.object({ ...settings, secret: ContentSecret });
export type SessionEncryption = z.infer<typeof SessionEncryption>;

/** The encryption of one session as Firestore keeps it: `sealed` is its secret, by AES-256-GCM. */
export const SealedEncryption = z.object({ ...settings, sealed: z.string().max(200) });
export type SealedEncryption = z.infer<typeof SealedEncryption>;

/** A content key: `<session id>.<its number in the session, from 0>`. */
export const ContentKeyId = z
  .string()
  .regex(/^[1-9][0-9]{0,8}-[a-z0-9]{8}\.(0|[1-9][0-9]{0,8})$/, "use '<session id>.<number>'");
export type ContentKeyId = z.infer<typeof ContentKeyId>;

/** An initialization vector of AES as EXT-X-KEY has it: `0x` and 32 hex digits. */
export const InitializationVector = z.string().regex(/^0x[0-9a-f]{32}$/, 'use 0x and 32 hex digits');

/** The path at which players read a key, on the host of the playlists that name it. */
export const contentKeyPath = (streamId: StreamId, keyId: ContentKeyId): string =>
  path(ROUTES.api.contentKey, { id: streamId, keyId });

/** Every content key of a stream is under it; it ends with a slash. */
export const contentKeyPrefix = (streamId: StreamId): string =>
  path(ROUTES.api.contentKey, { id: streamId, keyId: '' });
