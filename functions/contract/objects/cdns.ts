import { z } from 'zod';

/** The CDN of the public host. Others pull from it. */
export const MAIN_CDN = 'main';

/** Another CDN, which pulls what is open below `/open/` from the public host. */
export const Cdn = z.strictObject({
  /** Its pathway: rfc8216bis 4.4.6.6. */
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,19}$/, "use 1-20 of a-z, 0-9, '-'")
    .refine((name) => name !== MAIN_CDN, `must not be '${MAIN_CDN}', which is the CDN of the public host`),
  /** The host that viewers ask. A steering manifest replaces no port, so it has that of the public host. */
  host: z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, 'use a host in lower case, without a port'),
  /** The percentage of streams whose viewers begin there. */
  weight: z.int().min(0).max(100),
});
export type Cdn = z.infer<typeof Cdn>;

/** The CDNs beside that of the public host. Streams that none of them has begin on the main one. */
export const Cdns = z
  .array(Cdn)
  .max(3)
  .superRefine((cdns, context) => {
    for (const key of ['name', 'host'] as const) {
      const repeated = cdns.findIndex((cdn, index) => cdns.findIndex((other) => other[key] === cdn[key]) < index);
      if (repeated >= 0) context.addIssue({ code: 'custom', path: [repeated, key], message: 'must not stand twice' });
    }
    const sum = cdns.reduce((total, { weight }) => total + weight, 0);
    if (sum > 100) context.addIssue({ code: 'custom', path: [], message: `weights add up to ${sum}, at most to 100` });
  });
export type Cdns = z.infer<typeof Cdns>;

/** Seconds after which a player reads its steering manifest again. */
export const STEERING_TTL_SECONDS = 30;

/**
 * A steering manifest, which players read beside the index of an open stream.
 * https://datatracker.ietf.org/doc/html/draft-pantos-hls-rfc8216bis#section-7.2
 */
export const SteeringManifest = z.strictObject({
  VERSION: z.literal(1),
  TTL: z.int().positive(),
  'PATHWAY-PRIORITY': z.array(z.string()).min(1),
  'PATHWAY-CLONES': z.array(
    z.strictObject({
      'BASE-ID': z.string(),
      ID: z.string(),
      'URI-REPLACEMENT': z.strictObject({ HOST: z.string() }),
    }),
  ),
});
export type SteeringManifest = z.infer<typeof SteeringManifest>;
