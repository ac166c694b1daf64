import { z } from 'zod';
import { jsonText } from './json-text';

/**
 * One key of Cloud CDN's signed requests, or of the platform's own tokens: 128 random bits in canonical base64url,
 * padded. https://cloud.google.com/cdn/docs/using-signed-urls#configuring-keys
 */
export const SigningKey = z.object({
  name: z.string().regex(/^[A-Za-z0-9_-]{1,63}$/, "use 1-63 of A-Z, a-z, 0-9, '_', '-'"),
  /** 21 characters carry 126 bits; the 22nd carries two more, so only four letters may stand there. */
  value: z.string().regex(/^[A-Za-z0-9_-]{21}[AQgw]==$/, 'use 16 bytes in base64url, with its padding'),
});
export type SigningKey = z.infer<typeof SigningKey>;

/** Cloud CDN takes this many keys a backend. */
const MAX_SIGNING_KEYS = 3;

/** Newest first: the first signs, all of them verify. Names are unique. */
export const SigningKeys = z
  .array(SigningKey)
  .min(1)
  .max(MAX_SIGNING_KEYS)
  .refine((keys) => new Set(keys.map(({ name }) => name)).size === keys.length, 'use each name once');
export type SigningKeys = z.infer<typeof SigningKeys>;

/** The value of such a secret: the JSON of `SigningKeys`. What is wrong is said without repeating the secret. */
export const SigningKeysSecret = jsonText(SigningKeys, 'use JSON: [{"name": .., "value": ..}], newest first');
