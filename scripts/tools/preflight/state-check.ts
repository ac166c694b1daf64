import { z } from 'zod';
import type { Check, Finding } from './finding';

const Lock = z.object({ ID: z.string(), Who: z.string().default('somebody'), Created: z.string().default('') });
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

/** Finds a deploy of somebody else that goes on, and the remains of an earlier one. */
export const earlier: Check = {
  name: 'state of the environment',
  async run({ stack: { environment, stateBucket, statePrefix }, api }): Promise<readonly Finding[]> {
    const read = <T extends z.ZodType>(schema: T, name: string) => {
      const object = encodeURIComponent(`${statePrefix}/default.${name}`);
      const path = `storage.googleapis.com/storage/v1/b/${stateBucket}/o/${object}`;
      return api.find(schema, { method: 'GET', path, query: [['alt', 'media']] });
    };
    const [lock, state] = await Promise.all([read(Lock, 'tflock'), read(State, 'tfstate')]);
    return [locked(environment, lock), halfMade(environment, state)];
  },
};

function locked(environment: string, lock: z.output<typeof Lock> | undefined): Finding {
  const what = `lock of the state of ${environment}`;
  if (lock === undefined) return { what };
  return {
    what,
    missing: `${lock.Who} has deployed since ${lock.Created}`,
    remedy: `wait; if nobody does: terraform -chdir=cdktf.out/stacks/${environment} force-unlock ${lock.ID}`,
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
