import { z } from 'zod';
import { hlsPublisher } from '../contract/env/functions';

/** A function that writes into its own trigger bucket calls itself for ever: it rather does not start. */
const Config = hlsPublisher.env.superRefine((env, context) => {
  for (const key of ['OPEN_BUCKET', 'GATED_BUCKET'] as const) {
    if (env[key] !== env.INGEST_BUCKET) continue;
    context.addIssue({
      code: 'custom',
      path: [key],
      message: `got '${env[key]}', must not be INGEST_BUCKET, which is the trigger`,
    });
  }
});

/** The function's environment. Throws, naming every variable that is wrong. */
export function hlsPublisherConfig(env: Readonly<Record<string, string | undefined>>): z.output<typeof Config> {
  const parsed = Config.safeParse(env);
  if (parsed.success) return parsed.data;
  throw new Error(`environment of ${hlsPublisher.name}: ${z.prettifyError(parsed.error)}`);
}
