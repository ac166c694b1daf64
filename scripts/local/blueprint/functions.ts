import { z } from 'zod';
import { StartError } from '../../emulators/server/start-error';
import type { FunctionBlueprint, StorageTrigger } from './blueprint';
import { block, blocks, type SynthesisedResources } from './terraform';

const EventTrigger = z.object({
  event_type: z.string(),
  retry_policy: z.string().default('RETRY_POLICY_DO_NOT_RETRY'),
  service_account_email: z.string(),
  event_filters: blocks(z.object({ attribute: z.string(), value: z.string() })),
});
const TerraformFunction = z.object({
  name: z.string(),
  build_config: block(z.object({ entry_point: z.string() })),
  service_config: block(
    z.object({
      environment_variables: z.record(z.string(), z.string()).default({}),
      secret_environment_variables: blocks(z.object({ key: z.string(), secret: z.string() })),
      service_account_email: z.string(),
      ingress_settings: z.string().default('ALLOW_ALL'),
      timeout_seconds: z.number().default(60),
    }),
  ),
  event_trigger: block(EventTrigger).optional(),
});
type TerraformFunction = z.infer<typeof TerraformFunction>;

/** A function's Cloud Run service has the function's name. */
const ServiceGrant = z.object({ name: z.string(), role: z.string(), member: z.string() });

export function readFunctions(terraform: SynthesisedResources): FunctionBlueprint[] {
  const functions = terraform.all('google_cloudfunctions2_function', TerraformFunction);
  const invokers = readInvokers(
    terraform,
    functions.map(({ value }) => value.name),
  );
  return functions.map(({ address, value }) => ({
    name: value.name,
    entryPoint: value.build_config.entry_point,
    serviceAccount: value.service_config.service_account_email,
    env: value.service_config.environment_variables,
    secrets: Object.fromEntries(
      value.service_config.secret_environment_variables.map(({ key, secret }) => [key, secret]),
    ),
    ingress: value.service_config.ingress_settings,
    timeoutSeconds: value.service_config.timeout_seconds,
    invokers: invokers.get(value.name) ?? [],
    ...(value.event_trigger === undefined
      ? {}
      : { trigger: readTrigger(value.event_trigger, `${address}.event_trigger`) }),
  }));
}

function readInvokers(terraform: SynthesisedResources, names: readonly string[]): Map<string, string[]> {
  const invokers = new Map<string, string[]>();
  for (const { address, value } of terraform.all('google_cloud_run_v2_service_iam_member', ServiceGrant)) {
    const { name, role, member } = value;
    if (!names.includes(name)) throw new StartError(`${address}: grants on '${name}', which is no function`);
    if (role === 'roles/run.invoker') invokers.set(name, [...(invokers.get(name) ?? []), member]);
  }
  return invokers;
}

function readTrigger(trigger: NonNullable<TerraformFunction['event_trigger']>, where: string): StorageTrigger {
  if (trigger.event_type !== 'google.cloud.storage.object.v1.finalized')
    throw new StartError(`${where}.event_type: '${trigger.event_type}' is not delivered on one machine`);
  const [filter, ...rest] = trigger.event_filters;
  if (filter?.attribute !== 'bucket' || rest.length > 0)
    throw new StartError(
      `${where}.event_filters: Cloud Storage's events are filtered by exactly one attribute, 'bucket'`,
    );
  return {
    eventType: trigger.event_type,
    bucket: filter.value,
    serviceAccount: trigger.service_account_email,
    retry: trigger.retry_policy === 'RETRY_POLICY_RETRY',
  };
}
