import { z } from 'zod';
import { CliError } from '../google/cli-error';
import type { GoogleApi } from '../google/google-api';
import type { StackJson } from '../google/stack-json';

const FunctionBlock = z.object({ name: z.string(), location: z.string() });
const Target = z.object({ type: z.string(), revision: z.string().optional(), percent: z.number().default(0) });
const Service = z.object({ latestReadyRevision: z.string(), traffic: z.array(Target).default([]) });
const Condition = z.object({ type: z.string(), state: z.string() });
const Revision = z.object({
  name: z.string(),
  createTime: z.iso.datetime({ offset: true }),
  conditions: z.array(Condition).default([]),
});
const Revisions = z.object({ revisions: z.array(Revision).default([]) });

const LATEST = 'TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST';
const ONE = 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION';

const shortName = (revision: string): string => revision.split('/').at(-1) ?? '';
const isReady = ({ conditions }: z.output<typeof Revision>): boolean =>
  conditions.every(({ type, state }) => type !== 'Ready' || state === 'CONDITION_SUCCEEDED');

/** Returns the name of the revision that takes the requests now. */
function servingOf({ latestReadyRevision, traffic }: z.output<typeof Service>): string {
  const named = traffic.find(({ percent, revision }) => percent === 100 && revision !== undefined);
  return named?.revision ?? shortName(latestReadyRevision);
}

/** Returns the newest startable revision before the one that serves. */
export function revisionBefore(serving: string, revisions: readonly z.output<typeof Revision>[]): string | undefined {
  const byAge = revisions.toSorted(
    (a, b) => Date.parse(b.createTime) - Date.parse(a.createTime) || b.name.localeCompare(a.name),
  );
  const older = byAge.slice(byAge.findIndex(({ name }) => shortName(name) === serving) + 1);
  const found = older.find(isReady);
  return found === undefined ? undefined : shortName(found.name);
}

/** Returns the functions of an environment by name, or all without a name. */
function chosen(stack: StackJson, names: readonly string[]): z.output<typeof FunctionBlock>[] {
  const all = stack.all('google_cloudfunctions2_function', FunctionBlock);
  const short = ({ name }: { name: string }): string => name.replace(`srs-live-${stack.environment}-`, '');
  const strange = names.find((name) => !all.some((one) => short(one) === name));
  if (strange !== undefined) throw new CliError(`function '${strange}': use some of ${all.map(short).join(', ')}`);
  return names.length === 0 ? all : all.filter((one) => names.includes(short(one)));
}

/**
 * Sends the requests of functions to the revision before the one that serves, or with `forward` to the newest again. It
 * takes seconds: revisions stay, nothing is built.
 * https://cloud.google.com/run/docs/rollouts-rollbacks-traffic-migration
 */
export async function rollBackFunctions(
  { api, stack, say }: { api: GoogleApi; stack: StackJson; say: (line: string) => void },
  names: readonly string[],
  forward: boolean,
): Promise<void> {
  for (const { name, location } of chosen(stack, names)) {
    const path = `run.googleapis.com/v2/projects/${stack.projectId}/locations/${location}/services/${name}`;
    const service = await api.find(Service, { method: 'GET', path });
    if (service === undefined) throw new CliError(`function ${name} is not there: deploy the environment first`);
    const { revisions } = await api.call(Revisions, { method: 'GET', path: `${path}/revisions` });
    const serving = servingOf(service);
    const revision = forward ? undefined : revisionBefore(serving, revisions);
    if (!forward && revision === undefined) {
      say(`${name}: ${serving} serves, and there is no revision before it`);
      continue;
    }
    const traffic = [{ type: forward ? LATEST : ONE, percent: 100, ...(revision !== undefined && { revision }) }];
    await api.call(z.unknown(), { method: 'PATCH', path, query: [['updateMask', 'traffic']], body: { traffic } });
    say(`${name}: ${forward ? 'the newest revision' : revision} serves, instead of ${serving}`);
  }
}
