import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { StartError } from '../../emulators/server/start-error';
import type { Blueprint, DatabaseBlueprint, ScheduleBlueprint } from './blueprint';
import { readBuckets } from './buckets';
import { readEdge } from './edge';
import { readFunctions } from './functions';
import type { LocalAddresses } from './known-after-apply';
import { readTopics } from './pubsub';
import { block, blocks, SynthesisedResources } from './terraform';

/** Reads `cdk.tf.json` of one environment from the folder `cdktf.out`. */
export async function readBlueprint(folder: string, environment: string, local: LocalAddresses): Promise<Blueprint> {
  const path = `${folder}/stacks/${environment}/cdk.tf.json`;
  const text = await readFile(path, 'utf8').catch(() => {
    throw new StartError(
      `${path} is not there: 'npm run synth' writes it, if there is an environment '${environment}'`,
    );
  });
  return interpret(JSON.parse(text), environment, local);
}

/**
 * Returns the blueprint of a synthesised environment. Rejects anything that is not supported, and names resource and
 * attribute.
 */
export function interpret(json: unknown, environment: string, local: LocalAddresses): Blueprint {
  const terraform = new SynthesisedResources(json, local);
  const functions = readFunctions(terraform);
  return {
    environment,
    projectId: terraform.projectId,
    buckets: readBuckets(terraform),
    functions,
    schedules: readSchedules(terraform),
    edge: readEdge(terraform, functions),
    database: readDatabase(terraform),
    node: readNode(terraform),
    topics: readTopics(terraform),
  };
}

const Job = z.object({
  name: z.string(),
  schedule: z.string(),
  http_target: block(
    z.object({
      uri: z.string(),
      http_method: z.string().default('POST'),
      // Absent in calls of Google's own APIs, which are not imitated.
      oidc_token: block(z.object({ service_account_email: z.string(), audience: z.string().optional() })).optional(),
    }),
  ),
});

const readSchedules = (terraform: SynthesisedResources): ScheduleBlueprint[] =>
  terraform.all('google_cloud_scheduler_job', Job).flatMap(
    ({
      value: {
        name,
        schedule,
        http_target: { uri, http_method: method, oidc_token: token },
      },
    }) =>
      token === undefined
        ? []
        : // https://cloud.google.com/scheduler/docs/http-target-auth: the audience is the URI when none is given.
          [
            {
              name,
              schedule,
              uri,
              method,
              serviceAccount: token.service_account_email,
              audience: token.audience ?? uri,
            },
          ],
  );

const Database = z.object({ name: z.string() });
const Index = z.object({
  collection: z.string(),
  query_scope: z.enum(['COLLECTION', 'COLLECTION_GROUP']).default('COLLECTION'),
  fields: blocks(z.object({ field_path: z.string(), order: z.enum(['ASCENDING', 'DESCENDING']) })),
});
const Field = z.object({ collection: z.string(), field: z.string(), ttl_config: z.unknown().optional() });

function readDatabase(terraform: SynthesisedResources): DatabaseBlueprint {
  return {
    name: terraform.one('google_firestore_database', Database).value.name,
    indexes: terraform
      .all('google_firestore_index', Index)
      .map(({ value: { collection, query_scope: queryScope, fields } }) => ({
        collection,
        queryScope,
        fields: fields.map(({ field_path: fieldPath, order }) => ({ fieldPath, order })),
      })),
    ttlFields: terraform
      .all('google_firestore_field', Field)
      .filter(({ value }) => value.ttl_config !== undefined && value.ttl_config !== null)
      .map(({ value: { collection: collectionGroup, field } }) => ({ collectionGroup, field })),
  };
}

const InstanceTemplate = z.object({
  metadata: z.object({ 'agent-env': z.string().optional(), 'gate-env': z.string().default('{}') }),
  service_account: block(z.object({ email: z.string() })),
});
const EnvJson = z.record(z.string(), z.unknown());

/**
 * Finds the VMs that take publishers, by the agent's environment in their metadata. Others, such as TURN servers, are
 * not run here.
 */
function readNode(terraform: SynthesisedResources): Blueprint['node'] {
  const origins = terraform.all('google_compute_instance_template', InstanceTemplate).flatMap(({ address, value }) => {
    const text = value.metadata['agent-env'];
    const agentEnv = text === undefined ? undefined : parseEnv(text, `${address}.metadata.agent-env`);
    const gateEnv = parseEnv(value.metadata['gate-env'], `${address}.metadata.gate-env`);
    const serviceAccount = value.service_account.email;
    return agentEnv?.role === 'edge' || agentEnv === undefined ? [] : [{ agentEnv, gateEnv, serviceAccount }];
  });
  const [node, ...others] = origins;
  if (node === undefined || others.length > 0)
    throw new StartError(
      `google_compute_instance_template: ${origins.length} have an 'agent-env' of origins, the local stack takes ` +
        'exactly one',
    );
  return node;
}

function parseEnv(text: string, where: string): Readonly<Record<string, unknown>> {
  try {
    return EnvJson.parse(JSON.parse(text));
  } catch (cause) {
    throw new StartError(`${where}: not a JSON object`, { cause });
  }
}
