import { z } from 'zod';

/**
 * Fields that several parts of an environment have. Google's bounds have their source beside them; the others are ours.
 */

/** A text that matches `pattern`; `allowed` is the error for any other value and for a missing one. */
export const like = (pattern: RegExp, allowed: string) => z.string(allowed).regex(pattern, allowed);

export const dnsName = like(
  /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/,
  'use a DNS name in lower case, without a dot at its end',
);

export const machineType = like(
  /^[a-z][a-z0-9]*-[a-z0-9-]+$/,
  'use a Compute Engine machine type, such as n2d-standard-2',
);

/** The tag of an image in the project's registry: one that is never moved to another image. */
export const imageTag = like(/^[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}$/, 'use an image tag').refine(
  (tag) => tag !== 'latest',
  "must not be 'latest': a node that restarts would run something else",
);

/** The digest of the image that was tried under its tag. A VM pulls by the digest, even if the tag is moved. */
export const imageDigest = like(/^sha256:[0-9a-f]{64}$/, 'use sha256:<64 hex digits>, as Cloud Build names it')
  .optional()
  .describe('The digest of the image, as the build and preflight show it. If absent, the image is pulled by its tag.');

/** The boot disk of a VM: the operating system and the image. Container-Optimized OS needs 10 GB. */
export const diskGigabytes = z.int().min(10).max(500);

export const email = z.email('use an e-mail address');

/**
 * Checks a rule between fields as soon as they are valid themselves, whatever else is wrong, so that all errors are
 * reported at once.
 */
export const sound = (shape: z.ZodRawShape): ((payload: { value: unknown }) => boolean) => {
  const fields = z.object(shape);
  return ({ value }) => fields.safeParse(value).success;
};
