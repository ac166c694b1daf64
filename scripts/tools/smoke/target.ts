import { z } from 'zod';
import { CliError } from '../google/cli-error';

/** A platform under test: `https://host` of its public host, and the API's admin key. */
export interface SmokeTarget {
  readonly api: string;
  readonly adminKey: string;
}

const Variables = z.object({
  PLATFORM_API: z.url({ protocol: /^https?$/, error: 'use https://host' }),
  ADMIN_KEY: z.string().min(32, 'use the admin key of the API'),
});

/** Returns the platform that `PLATFORM_API` and `ADMIN_KEY` name; `undefined` without the first. */
export function targetOf(env: Readonly<Record<string, string | undefined>>): SmokeTarget | undefined {
  if (env.PLATFORM_API === undefined) return undefined;
  const parsed = Variables.safeParse(env);
  if (!parsed.success)
    throw new CliError(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
  const { PLATFORM_API: api, ADMIN_KEY: adminKey } = parsed.data;
  return { api: new URL(api).origin, adminKey };
}
