import { z } from 'zod';

/** Keys that one license may have: more than a player holds at once. */
const MAX_KEYS = 16;

/** 16 bytes in base64url. */
const Bytes16 = z.string().regex(/^[A-Za-z0-9_-]{22}$/, 'use 16 bytes in base64url, without padding');

/** A license request of ClearKey: https://www.w3.org/TR/encrypted-media/#clear-key-request-format. */
export const LicenseRequest = z.object({
  kids: z
    .array(Bytes16)
    .min(1)
    .max(MAX_KEYS)
    .meta({ description: 'The ids of keys, as the init segments have them (`default_KID`).' }),
  type: z
    .literal('temporary')
    .optional()
    .meta({ description: 'Licenses are for one session of a player. None is kept.' }),
});
export type LicenseRequest = z.infer<typeof LicenseRequest>;

/** A license of ClearKey, a JSON Web Key Set: https://www.w3.org/TR/encrypted-media/#clear-key-license-format. */
export const License = z.object({
  keys: z.array(
    z.object({
      kty: z.literal('oct'),
      kid: Bytes16,
      k: Bytes16.meta({ description: 'The key.' }),
    }),
  ),
  type: z.literal('temporary'),
});
export type License = z.infer<typeof License>;
