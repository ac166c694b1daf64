import { CloudRunV2ServiceIamMember } from '@cdktf/provider-google/lib/cloud-run-v2-service-iam-member';
import {
  Cloudfunctions2Function,
  type Cloudfunctions2FunctionEventTrigger,
} from '@cdktf/provider-google/lib/cloudfunctions2-function';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import type { z } from 'zod';
import { entryPoint, type FunctionName } from '../../../functions/contract/env/functions';
import type { Deployment } from '../../names';
import type { FunctionBuild } from './function-build';
import { type Grantee, Identity } from './identity';
import type { Secret } from './secret';

interface FunctionContract {
  readonly name: FunctionName;
  readonly env: z.ZodType;
  readonly secrets: z.ZodType;
}

export interface CloudFunctionProps<C extends FunctionContract> extends Deployment {
  readonly contract: C;
  readonly build: Pick<FunctionBuild, 'repository' | 'builder' | 'upload'>;
  /** The function's archive, made by the build. */
  readonly archive: string;
  readonly size: { memory: string; concurrency: number; minInstances: number; maxInstances: number };
  /** The networks that may reach it; `grantInvoke` says who may call it. */
  readonly ingress: 'ALLOW_INTERNAL_ONLY' | 'ALLOW_INTERNAL_AND_GCLB';
  readonly timeoutSeconds: number;
  /** Every variable of the contract: one left out does not compile. */
  readonly env: z.input<C['env']>;
  readonly secrets: Record<keyof z.input<C['secrets']>, Secret>;
  /** The VPC connector, for a function that calls a node's own address. @default none */
  readonly connector?: string;
  readonly trigger?: Cloudfunctions2FunctionEventTrigger | undefined;
  /** The same function in the home region, whose account and grants it has. @default none: it is that one */
  readonly home?: CloudFunction<C> | undefined;
}

interface Account {
  readonly identity: Identity;
  readonly ready: ITerraformDependable[];
}

/**
 * A function and the account it runs as.
 * https://cloud.google.com/functions/docs/reference/rest/v2/projects.locations.functions
 */
export class CloudFunction<C extends FunctionContract> extends Construct implements Grantee {
  readonly grantId: string;
  readonly member: string;
  /** E-mail of the account it runs as. */
  readonly email: string;
  /** Name of the function and of its Cloud Run service. */
  readonly functionName: string;
  /** `https://<service>-<hash>.run.app`: also the audience of ID tokens for it. */
  readonly uri: string;
  readonly place: Deployment;
  private readonly identity: Identity;
  private readonly resource: Cloudfunctions2Function;

  constructor(scope: Construct, id: string, props: CloudFunctionProps<C>) {
    super(scope, id);
    const { contract, names, projectId, region, build } = props;
    this.place = { names, projectId, region };
    const { identity, ready } = this.account(props);
    this.identity = identity;
    this.resource = new Cloudfunctions2Function(this, 'function', {
      project: projectId,
      location: region,
      name: names.resource(contract.name),
      buildConfig: {
        runtime: 'nodejs24',
        entryPoint: entryPoint(contract.name),
        serviceAccount: build.builder,
        dockerRepository: build.repository,
        source: { storageSource: { ...build.upload(contract.name, props.archive) } },
      },
      serviceConfig: serviceConfig(props, identity),
      ...(props.trigger && { eventTrigger: props.trigger }),
      labels: { ...names.labels(contract.name) },
      dependsOn: ready,
    });
    this.grantId = contract.name;
    this.member = identity.member;
    this.email = identity.email;
    this.functionName = this.resource.name;
    this.uri = this.resource.serviceConfig.uri;
  }

  /** Makes its account with the rights on its secrets, or takes the one of the home region. */
  private account({ home, contract, secrets, ...place }: CloudFunctionProps<C>): Account {
    if (home !== undefined) return { identity: home.identity, ready: [home.resource] };
    const identity = new Identity(this, 'identity', place, contract.name, `Function ${contract.name}`);
    return { identity, ready: Object.values<Secret>(secrets).map((secret) => secret.grantRead(identity)) };
  }

  grantInvoke({ grantId, member }: Grantee): void {
    const { projectId, region } = this.place;
    new CloudRunV2ServiceIamMember(this, `invoker-${grantId}`, {
      project: projectId,
      location: region,
      name: this.functionName,
      role: 'roles/run.invoker',
      member,
    });
  }
}

const serviceConfig = <C extends FunctionContract>(props: CloudFunctionProps<C>, { email }: Identity) => ({
  availableCpu: '1',
  availableMemory: props.size.memory,
  maxInstanceRequestConcurrency: props.size.concurrency,
  minInstanceCount: props.size.minInstances,
  maxInstanceCount: props.size.maxInstances,
  timeoutSeconds: props.timeoutSeconds,
  ingressSettings: props.ingress,
  allTrafficOnLatestRevision: true,
  serviceAccountEmail: email,
  // Only private addresses are reached by the connector: all other traffic would cost its price.
  ...(props.connector !== undefined && {
    vpcConnector: props.connector,
    vpcConnectorEgressSettings: 'PRIVATE_RANGES_ONLY',
  }),
  environmentVariables: Object.fromEntries(Object.entries<string>(Object(props.env))),
  secretEnvironmentVariables: Object.entries<Secret>(props.secrets).map(([key, { secretId }]) => ({
    key,
    projectId: props.projectId,
    secret: secretId,
    version: 'latest',
  })),
});
