import { z } from 'zod';
import { PUBLISHERS_METRIC, VIEWERS_METRIC } from '../../../functions/contract/env/agent';
import { CliError } from '../google/cli-error';
import type { StackJson } from '../google/stack-json';

const TemplateBlock = z.object({
  name_prefix: z.string(),
  machine_type: z.string(),
  disk: z.array(z.object({ disk_size_gb: z.int() })).min(1),
  metadata: z.record(z.string(), z.string()),
});
const AutoscalerBlock = z.object({
  autoscaling_policy: z.object({
    min_replicas: z.int(),
    metric: z.array(z.object({ name: z.string(), target: z.number() })).min(1),
  }),
});
const FunctionBlock = z.object({
  service_config: z.object({
    available_memory: z.string(),
    min_instance_count: z.int(),
    environment_variables: z.object({ RECORDING_DAYS: z.string().optional() }).default({}),
  }),
});
const PolicyBlock = z.object({ type: z.string(), rule: z.array(z.unknown()) });
const JobBlock = z.object({ name: z.string(), schedule: z.string() });
const BucketBlock = z.object({
  rpo: z.enum(['DEFAULT', 'ASYNC_TURBO']).optional(),
  lifecycle_rule: z
    .array(z.object({ condition: z.object({ days_since_custom_time: z.number().optional() }) }))
    .default([]),
});
const AlertBlock = z.object({ conditions: z.array(z.unknown()) });
const ExclusionBlock = z.object({ filter: z.string(), disabled: z.boolean().default(false) });
const GrantBlock = z.object({ secret_id: z.string() });
const SinkBlock = z.object({ filter: z.string() });
const ConnectorBlock = z.object({ machine_type: z.string(), min_instances: z.int() });

export interface Machine {
  readonly machineType: string;
  readonly diskGigabytes: number;
}

/** Nodes that serve viewers by WebRTC and HTTP-FLV, each filled up to its targets. */
export interface EdgeGroup {
  readonly machine: Machine;
  readonly minNodes: number;
  readonly targetViewers: number;
  readonly targetBytesPerSecond: number;
}

/** The resources of an environment that have a price, by its Terraform. */
export interface EnvironmentSize {
  readonly origin: Machine;
  readonly minNodes: number;
  /** The replication of media to the second region; `undefined` where there is one region. */
  readonly replication: 'default' | 'turbo' | undefined;
  /** Share of the month in which the nodes run: below 1 where they are stopped at night. */
  readonly nodesOn: number;
  /** Days a segment is kept within a month: of the first month where recordings are kept for good. */
  readonly keepDays: number;
  /** True if recordings are kept until somebody deletes them. */
  readonly keptForGood: boolean;
  /** True if viewers' requests pass a security policy, which is billed by the request. */
  readonly edgePolicy: boolean;
  /** Publishers of a node above which a further node is started. */
  readonly publishersPerNode: number;
  /** Absent without edges. */
  readonly edges: EdgeGroup | undefined;
  readonly turn: Machine | undefined;
  readonly turnServers: number;
  readonly connector: { readonly machineType: string; readonly instances: number };
  /** GiB of memory of each minimum instance of a function. */
  readonly idleInstances: readonly number[];
  readonly segmentSeconds: number;
  readonly heartbeatSeconds: number;
  readonly addresses: number;
  readonly forwardingRules: number;
  readonly policies: number;
  readonly rules: number;
  readonly alertConditions: number;
  readonly schedulerJobs: number;
  readonly secrets: number;
  /** Shares of the viewers' requests that are logged and reported. */
  readonly logged: number;
  readonly reported: number;
}

export function sizeOf(stack: StackJson): EnvironmentSize {
  const templates = stack.all('google_compute_instance_template', TemplateBlock);
  const template = (role: string) => templates.find(({ name_prefix: prefix }) => prefix.endsWith(`-${role}-`));
  const origin = template('origin');
  const turn = template('turn');
  const scalings = stack.all('google_compute_region_autoscaler', AutoscalerBlock);
  const growBy = (type: string) =>
    scalings.filter(({ autoscaling_policy: { metric } }) => metric.some(({ name }) => name === type));
  const ofOrigins = growBy(PUBLISHERS_METRIC);
  const [scaling] = ofOrigins;
  const connectors = stack.all('google_vpc_access_connector', ConnectorBlock);
  if (origin === undefined || scaling === undefined)
    throw new CliError(`${stack.environment} has no nodes that take publishers`);
  const count = (type: string): number => stack.all(type, z.unknown()).length;
  const { metric } = scaling.autoscaling_policy;
  return {
    origin: machineOf(origin),
    minNodes: sum(ofOrigins.map(({ autoscaling_policy: { min_replicas: nodes } }) => nodes)),
    replication: replicationOf(stack),
    nodesOn: nodesOn(stack.all('google_cloud_scheduler_job', JobBlock)),
    ...retention(stack),
    edgePolicy: stack
      .all('google_compute_security_policy', PolicyBlock)
      .some(({ type }) => type === 'CLOUD_ARMOR_EDGE'),
    publishersPerNode: metric[0]?.target ?? 1,
    edges: edgesOf(template('edge'), growBy(VIEWERS_METRIC)),
    turn: turn && machineOf(turn),
    turnServers: count('google_compute_instance_from_template'),
    connector: {
      machineType: connectors[0]?.machine_type ?? 'e2-micro',
      instances: sum(connectors.map(({ min_instances: instances }) => instances)),
    },
    idleInstances: stack
      .all('google_cloudfunctions2_function', FunctionBlock)
      .flatMap(({ service_config: { available_memory: memory, min_instance_count: instances } }) =>
        Array.from({ length: instances }, () => gibibytesOf(memory)),
      ),
    segmentSeconds: Number(/HLS_HLS_FRAGMENT=(\d+)/.exec(origin.metadata['user-data'] ?? '')?.[1] ?? Number.NaN),
    heartbeatSeconds: z.object({ heartbeatSeconds: z.number() }).parse(JSON.parse(origin.metadata['agent-env'] ?? '{}'))
      .heartbeatSeconds,
    addresses: count('google_compute_address') + count('google_compute_global_address'),
    forwardingRules: count('google_compute_forwarding_rule') + count('google_compute_global_forwarding_rule'),
    ...protection(stack),
    schedulerJobs: count('google_cloud_scheduler_job'),
    secrets: new Set(stack.all('google_secret_manager_secret_iam_member', GrantBlock).map(({ secret_id: id }) => id))
      .size,
    logged: sampleOf(
      stack.all('google_logging_project_exclusion', ExclusionBlock).find(({ filter }) => filter.includes('status<400')),
    ),
    reported: sampleOf(stack.all('google_logging_project_sink', SinkBlock)[0]),
  };
}

const sum = (amounts: readonly number[]): number => amounts.reduce((all, amount) => all + amount, 0);

function replicationOf(stack: StackJson): EnvironmentSize['replication'] {
  const [rpo] = stack.all('google_storage_bucket', BucketBlock).flatMap((bucket) => bucket.rpo ?? []);
  if (rpo === undefined) return undefined;
  return rpo === 'ASYNC_TURBO' ? 'turbo' : 'default';
}

function edgesOf(
  template: z.output<typeof TemplateBlock> | undefined,
  scalings: readonly z.output<typeof AutoscalerBlock>[],
): EdgeGroup | undefined {
  const [viewers, bytes] = scalings[0]?.autoscaling_policy.metric ?? [];
  if (template === undefined || viewers === undefined || bytes === undefined) return undefined;
  return {
    machine: machineOf(template),
    minNodes: sum(scalings.map(({ autoscaling_policy: { min_replicas: nodes } }) => nodes)),
    targetViewers: viewers.target,
    targetBytesPerSecond: bytes.target,
  };
}

function protection(stack: StackJson): Pick<EnvironmentSize, 'policies' | 'rules' | 'alertConditions'> {
  const policies = stack.all('google_compute_security_policy', PolicyBlock);
  return {
    policies: policies.length,
    rules: policies.reduce((sum, { rule }) => sum + rule.length, 0),
    alertConditions: stack
      .all('google_monitoring_alert_policy', AlertBlock)
      .reduce((sum, { conditions }) => sum + conditions.length, 0),
  };
}

const MONTH_DAYS = 30;

/** The longer of the two times, because a broadcast is recorded or not. */
function retention(stack: StackJson): Pick<EnvironmentSize, 'keepDays' | 'keptForGood'> {
  const days = recordingDays(stack);
  const keptForGood = days === 0;
  return { keptForGood, keepDays: keptForGood ? MONTH_DAYS : Math.max(keepDays(stack), days) };
}

/** Returns the days after which the delivery buckets delete what is part of no recording. */
function keepDays(stack: StackJson): number {
  const days = stack
    .all('google_storage_bucket', BucketBlock)
    .flatMap(({ lifecycle_rule: rules }) => rules.flatMap(({ condition }) => condition.days_since_custom_time ?? []));
  return Math.max(0, ...days);
}

/** Returns the days after which the reconciler removes recordings; 0 where it keeps them for good. */
function recordingDays(stack: StackJson): number {
  const said = stack
    .all('google_cloudfunctions2_function', FunctionBlock)
    .flatMap(({ service_config: { environment_variables: env } }) => Number(env.RECORDING_DAYS ?? 0));
  return Math.max(0, ...said);
}

const HOURS_A_WEEK = 168;
const hourOf = (schedule = ''): number => {
  const [minute = 0, hour = 0] = schedule.split(' ').map(Number);
  return hour + minute / 60;
};

/** Returns the share of a week between the jobs that start nodes and those that stop them. */
function nodesOn(jobs: readonly z.output<typeof JobBlock>[]): number {
  const scheduled = (name: string) => jobs.find((job) => job.name.endsWith(name))?.schedule;
  const start = scheduled('-night-ends');
  const stop = scheduled('-night');
  if (start === undefined || stop === undefined) return 1;
  const hours = (hourOf(stop) - hourOf(start) + 24) % 24;
  return (hours * (start.endsWith('1-5') ? 5 : 7)) / HOURS_A_WEEK;
}

const machineOf = ({ machine_type: machineType, disk }: z.output<typeof TemplateBlock>): Machine => ({
  machineType,
  diskGigabytes: disk[0]?.disk_size_gb ?? 0,
});

/** Reads `512Mi`, `1Gi`. */
const gibibytesOf = (memory: string): number => Number.parseInt(memory, 10) / (memory.endsWith('Mi') ? 1024 : 1);

/** Returns the share in `sample(insertId, <share>)`; 1 without a sample, 0 where everything is excluded. */
function sampleOf(block: { readonly filter: string; readonly disabled?: boolean } | undefined): number {
  const share = /sample\(insertId, ([\d.e-]+)\)/.exec(block?.filter ?? '')?.[1];
  if (share !== undefined) return Number(share);
  return block?.disabled === false ? 0 : 1;
}
