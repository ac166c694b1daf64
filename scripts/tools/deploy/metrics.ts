import { z } from 'zod';
import type { GoogleApi } from '../google/google-api';
import type { StackJson } from '../google/stack-json';

const MetricBlock = z.object({ name: z.string(), project: z.string().optional() });
const EVERY_SECONDS = 15;
/** Google says up to ten minutes. */
const TRIES = 60;

/** Returns the log metrics of a project that Cloud Monitoring does not know yet: an alert on them is refused. */
async function unseen(api: GoogleApi, projectId: string, names: readonly string[]): Promise<string[]> {
  const known = await Promise.all(
    names.map((name) => {
      const metric = `metricDescriptors/logging.googleapis.com/user/${name}`;
      const path = `monitoring.googleapis.com/v3/projects/${projectId}/${metric}`;
      return api.find(z.unknown(), { method: 'GET', path });
    }),
  );
  return names.filter((_, index) => known[index] === undefined);
}

/**
 * Waits until Cloud Monitoring knows every log metric that `bootstrap` made for a project. Returns the seconds it
 * waited.
 */
export async function metricsSeen(
  { api, bootstrap, projectId }: { api: GoogleApi; bootstrap: StackJson; projectId: string },
  pass: (seconds: number) => Promise<void>,
): Promise<number> {
  const all = bootstrap
    .all('google_logging_metric', MetricBlock)
    .filter(({ project }) => (project ?? projectId) === projectId);
  let names = all.map(({ name }) => name);
  for (let tried = 0; tried < TRIES; tried++) {
    names = await unseen(api, projectId, names);
    if (names.length === 0) return tried * EVERY_SECONDS;
    await pass(EVERY_SECONDS);
  }
  return TRIES * EVERY_SECONDS;
}
