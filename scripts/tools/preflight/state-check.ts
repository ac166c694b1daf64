import { z } from 'zod';
import type { Check, Finding } from './finding';

const Lock = z.object({ Who: z.string().default('somebody'), Created: z.string().default('') });
/**
 * Terraform removes a lock by the generation of its object; the `ID` that it writes into the object is another number.
 */
const Generation = z.object({ generation: z.string() });
const State = z.object({
  resources: z
    .array(
      z.object({
        type: z.string(),
        name: z.string(),
        instances: z.array(z.object({ status: z.string().optional() })).default([]),
      }),
    )
    .default([]),
});

/** Finds a deploy by another operator that is under way, and the remains of an earlier one. */
export const earlier: Check = {
  name: 'state of the environment',
  async run({ stack: { environment, stateBucket, statePrefix }, api }): Promise<readonly Finding[]> {
    const pathOf = (name: string) =>
      `storage.googleapis.com/storage/v1/b/${stateBucket}/o/${encodeURIComponent(`${statePrefix}/default.${name}`)}`;
    const read = <T extends z.ZodType>(schema: T, name: string) =>
      api.find(schema, { method: 'GET', path: pathOf(name), query: [['alt', 'media']] });
    const [lock, object, state] = await Promise.all([
      read(Lock, 'tflock'),
      api.find(Generation, { method: 'GET', path: pathOf('tflock') }),
      read(State, 'tfstate'),
    ]);
    const held = lock === undefined || object === undefined ? undefined : { ...lock, ...object };
    return [locked(environment, held), halfMade(environment, state)];
  },
};

type HeldLock = z.output<typeof Lock> & z.output<typeof Generation>;

function locked(environment: string, lock: HeldLock | undefined): Finding {
  const what = `lock of the state of ${environment}`;
  if (lock === undefined) return { what };
  const terraform = `terraform -chdir=cdktf.out/stacks/${environment}`;
  return {
    what,
    missing: `${lock.Who} has deployed since ${lock.Created}`,
    remedy: `wait; if that deploy was killed: ${terraform} init && ${terraform} force-unlock ${lock.generation}`,
  };
}

function halfMade(environment: string, state: z.output<typeof State> | undefined): Finding {
  const tainted = (state?.resources ?? []).filter(({ instances }) =>
    instances.some(({ status }) => status === 'tainted'),
  );
  if (tainted.length === 0)
    return { what: `state of ${environment}: ${state === undefined ? 'never deployed' : 'nothing half made'}` };
  const names = tainted.map(({ type, name }) => `${type}.${name}`).join(', ');
  return { what: `state of ${environment}: an earlier deploy was interrupted; the next one replaces ${names}` };
}
