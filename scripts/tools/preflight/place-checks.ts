import { z } from 'zod';
import type { Check, CheckContext, Finding } from './finding';
import { machines } from './needs';
import { policies } from './policy-check';
import { quotas } from './quota-check';
import { earlier } from './state-check';

const Zone = z.object({ name: z.string(), dnsName: z.string(), nameServers: z.array(z.string()).default([]) });
const Resolved = z.object({ Answer: z.array(z.object({ type: z.int(), data: z.string() })).default([]) });
const Named = z.object({ name: z.string() });
const StateBucket = z.object({ versioning: z.object({ enabled: z.boolean() }).optional() });
const Granted = z.object({ permissions: z.array(z.string()).default([]) });
const RecordBlock = z.object({ managed_zone: z.string(), name: z.string() });
const TemplateBlock = z.object({ metadata: z.record(z.string(), z.string()) });

/** Numbers of DNS. https://www.iana.org/assignments/dns-parameters */
const NS = 2;
const COMPUTE = 'compute.googleapis.com/compute/v1/projects';

const machineTypes: Check = {
  name: 'machine types',
  run: ({ stack, api }) =>
    Promise.all(
      machines(stack).map(async ({ machineType, zone }) => {
        const path = `${COMPUTE}/${stack.projectId}/zones/${zone}/machineTypes/${machineType}`;
        const found = await api.find(Named, { method: 'GET', path });
        const what = `machine type ${machineType} in ${zone}`;
        return found === undefined
          ? { what, missing: 'there is none', remedy: `choose another in infra/config: ${machineList(zone)}` }
          : { what };
      }),
    ),
};

const machineList = (zone: string): string => `gcloud compute machine-types list --zones=${zone}`;

const dns: Check = {
  name: 'DNS',
  async run({ stack, api }) {
    const [record] = stack.all('google_dns_record_set', RecordBlock);
    const zone = record?.managed_zone ?? '';
    const path = `dns.googleapis.com/dns/v1/projects/${stack.projectId}/managedZones/${zone}`;
    const found = await api.find(Zone, { method: 'GET', path });
    if (found === undefined)
      return [{ what: `DNS zone ${zone}`, missing: `there is none in ${stack.projectId}`, remedy: zoneRemedy(zone) }];
    return [{ what: `DNS zone ${zone}` }, await delegation(found, api)];
  },
};

const zoneRemedy = (zone: string): string =>
  `gcloud dns managed-zones create ${zone} --dns-name=<domain>. --description=live`;

/**
 * Returns whether the zone's own name servers are delegated, by Google's public resolver.
 * https://developers.google.com/speed/public-dns/docs/doh/json
 */
async function delegation({ dnsName, nameServers }: z.output<typeof Zone>, api: CheckContext['api']): Promise<Finding> {
  const query = [['name', dnsName] as const, ['type', 'NS'] as const];
  const { Answer } = await api.call(Resolved, { method: 'GET', path: 'dns.google/resolve', query, anonymous: true });
  const plain = (name: string): string => name.toLowerCase().replace(/\.$/, '');
  const told = Answer.filter(({ type }) => type === NS).map(({ data }) => plain(data));
  const what = `delegation of ${plain(dnsName)}`;
  if (nameServers.some((server) => told.includes(plain(server)))) return { what };
  return {
    what,
    missing: told.length === 0 ? 'the world knows no name server for it' : `the world asks ${told.join(', ')}`,
    remedy:
      `let the domain's registrar name ${nameServers.map(plain).join(', ')}; ` +
      `then 'dig NS ${plain(dnsName)}' shows them`,
  };
}

const IMAGE =
  /([a-z0-9-]+)-docker\.pkg\.dev\/([a-z0-9-]+)\/([a-z0-9-]+)\/([a-z0-9-]+):([\w.-]+)(?:@(sha256:[0-9a-f]{64}))?/g;

interface ImagePlace {
  readonly project: string | undefined;
  readonly region: string | undefined;
  readonly repository: string | undefined;
  readonly image: string | undefined;
  readonly tag: string | undefined;
}

/** The command that builds an image, as infra/README.md explains it. */
function buildOf({ project, region, repository = '', image, tag }: ImagePlace): string {
  const account = `${repository}@${project}.iam.gserviceaccount.com`;
  const staging = `gs://${repository.replace(/images$/, 'builds')}-${project}/source`;
  const places = `_REGION=${region},_REPOSITORY=${repository},_HUB=${repository.replace(/images$/, 'hub')}`;
  return [
    'gcloud builds submit --config=srs-image/image/cloudbuild.yaml',
    `--project=${project} --service-account=projects/${project}/serviceAccounts/${account}`,
    `--gcs-source-staging-dir=${staging} --substitutions=_IMAGE=${image},_TAG=${tag},${places}`,
  ].join(' ');
}

const images: Check = {
  name: 'images',
  run: ({ stack, api }) => {
    const texts = stack
      .all('google_compute_instance_template', TemplateBlock)
      .map(({ metadata }) => JSON.stringify(metadata));
    const references = new Map(texts.flatMap((text) => [...text.matchAll(IMAGE)]).map((match) => [match[0], match]));
    return Promise.all(
      [...references].map(async ([what, [, region, project, repository, image, tag]]) => {
        const repositories = `artifactregistry.googleapis.com/v1/projects/${project}/locations/${region}/repositories`;
        const path = `${repositories}/${repository}/packages/${image}/tags/${tag}`;
        if ((await api.find(Named, { method: 'GET', path })) !== undefined) return { what: `image ${what}` };
        const remedy = `build it: ${buildOf({ project, region, repository, image, tag })}`;
        return { what: `image ${what}`, missing: 'it is not in the registry, and no node starts without it', remedy };
      }),
    );
  },
};

const STATE_PERMISSIONS = [
  'storage.objects.create',
  'storage.objects.delete',
  'storage.objects.get',
  'storage.objects.list',
];

const bucketGrant = (bucket: string): string =>
  `gcloud storage buckets add-iam-policy-binding gs://${bucket} --member=user:<you> --role=roles/storage.objectAdmin`;

const state: Check = {
  name: 'state bucket',
  async run({ stack: { stateBucket }, api }) {
    const path = `storage.googleapis.com/storage/v1/b/${stateBucket}`;
    const what = `state bucket ${stateBucket}`;
    const bucket = await api.find(StateBucket, { method: 'GET', path });
    if (bucket === undefined)
      return [
        {
          what,
          missing: 'there is none',
          remedy: `gcloud storage buckets create gs://${stateBucket} --uniform-bucket-level-access`,
        },
      ];
    const query = STATE_PERMISSIONS.map((permission) => ['permissions', permission] as const);
    const { permissions } = await api.call(Granted, { method: 'GET', path: `${path}/iam/testPermissions`, query });
    const absent = STATE_PERMISSIONS.filter((permission) => !permissions.includes(permission));
    if (absent.length > 0)
      return [{ what, missing: `not granted: ${absent.join(', ')}`, remedy: bucketGrant(stateBucket) }];
    if (bucket.versioning?.enabled !== true)
      return [
        { what, missing: 'it keeps no versions', remedy: "'npx cdktf-cli@0.21.0 deploy bootstrap' takes it over" },
      ];
    return [{ what }];
  },
};

export const PLACE_CHECKS: readonly Check[] = [state, earlier, policies, quotas, machineTypes, dns, images];
