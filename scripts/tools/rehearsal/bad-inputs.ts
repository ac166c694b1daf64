import { randomUUID } from 'node:crypto';
import type { StackJson } from '../google/stack-json';
import type { World } from './google/world';

/** A fault in a world, which the operators' command must name before it makes anything. */
export interface BadInput {
  readonly name: string;
  /** The fault, as the act names it. */
  readonly says: string;
  /** True: it is seen only after bootstrap: images are pushed into the registry that bootstrap makes. */
  readonly afterBootstrap?: boolean;
  readonly spoil?: (world: World, stacks: { readonly stack: StackJson; readonly bootstrap: StackJson }) => unknown;
  /** The caller's token. @default one that Google accepts */
  readonly token?: string;
  /** Patterns of its name and of its remedy: a command or a link. */
  readonly words: readonly [finding: RegExp, remedy: RegExp];
}

const write = (world: World, bucket: string, name: string, json: unknown): unknown =>
  world.objects.insert(
    { bucket, name },
    {
      bytes: Buffer.from(JSON.stringify(json)),
      headers: { contentType: 'application/json', metadata: {} },
      preconditions: {},
    },
  );

/** Writes the lock that Terraform keeps beside a state while it works on it. */
const lock = (world: World, { stateBucket, statePrefix }: StackJson, who: string): unknown =>
  write(world, stateBucket, `${statePrefix}/default.tflock`, {
    ID: randomUUID(),
    Operation: 'OperationTypeApply',
    Who: who,
    Created: new Date(world.now()).toISOString(),
  });

/** Writes the state of a Terraform that was killed: one resource was begun, and how far it came is not known. */
const halfState = (world: World, { stateBucket, statePrefix }: StackJson): unknown =>
  write(world, stateBucket, `${statePrefix}/default.tfstate`, {
    version: 4,
    terraform_version: '1.11.4',
    serial: 3,
    lineage: randomUUID(),
    outputs: {},
    resources: [{ mode: 'managed', type: 'google_storage_bucket', name: 'open', instances: [{ status: 'tainted' }] }],
  });

export const BAD_INPUTS: readonly BadInput[] = [
  {
    name: 'wrong-project',
    says: 'a project that is not there',
    spoil: (world, { stack }) => world.lose(stack.projectId),
    words: [/project \S+: there is none, or you may not see it/, /gcloud projects create/],
  },
  {
    name: 'no-billing',
    says: 'a project that nobody pays for',
    spoil: (world, { stack }) => world.unbilled.add(stack.projectId),
    words: [/billing of \S+: it is off/, /gcloud billing projects link \S+ --billing-account=\S+/],
  },
  {
    name: 'missing-right',
    says: 'a right that is not granted',
    spoil: (world) => world.denied.add('secretmanager.secrets.create'),
    words: [
      /permissions on \S+: not granted: secretmanager\.secrets\.create/,
      /gcloud projects add-iam-policy-binding/,
    ],
  },
  {
    name: 'domain-not-delegated',
    says: 'a domain whose registrar names other servers',
    spoil: (world) => Object.assign(world, { delegatedTo: ['ns1.registrar.example.'] }),
    words: [
      /delegation of \S+: the world asks ns1\.registrar\.example/,
      /https:\/\/cloud\.google\.com\/dns\/docs\/update-name-servers/,
    ],
  },
  {
    name: 'image-not-built',
    says: 'images that nobody has built',
    afterBootstrap: true,
    // Bootstrap enables the Organization Policy API, and a policy that forbids the environment would be reported first.
    spoil: (world) => world.lifted.add('iam.allowedPolicyMemberDomains'),
    words: [/image \S+: it is not in the registry/, /gcloud builds submit/],
  },
  {
    name: 'quota-too-small',
    says: 'a quota that is too small, where Compute Engine is on already',
    spoil: (world, { stack }) => {
      world.enable(stack.projectId, 'compute');
      world.hold('BACKEND_BUCKETS', 2);
    },
    words: [
      /quota BACKEND_BUCKETS in the project: 3 may be needed, 2 are allowed/,
      /https:\/\/console\.cloud\.google\.com\/iam-admin\/quotas\?project=/,
    ],
  },
  {
    name: 'policy-in-the-way',
    says: "a new organisation's policies, where they can be asked already",
    spoil: (world, { stack }) => world.enable(stack.projectId, 'orgpolicy'),
    words: [/organisation policy iam\.allowedPolicyMemberDomains: /, /gcloud org-policies set-policy/],
  },
  {
    name: 'half-finished',
    says: 'an earlier deploy that was killed while it made something',
    spoil: (world, { stack }) => Promise.all([halfState(world, stack), lock(world, stack, 'you@this-machine')]),
    words: [
      /lock of the state of \w+: you@this-machine has deployed since/,
      /if that deploy was killed: terraform .*force-unlock \d+/,
    ],
  },
  {
    name: 'expired-credentials',
    says: 'credentials that are expired',
    token: 'expired',
    words: [/credentials are invalid or expired/, /gcloud auth application-default login/],
  },
  {
    name: 'two-operators',
    says: 'somebody else who deploys',
    spoil: (world, { bootstrap }) => lock(world, bootstrap, 'ada@laptop'),
    words: [/lock of the state of bootstrap: ada@laptop has deployed since/, /wait; /],
  },
];
