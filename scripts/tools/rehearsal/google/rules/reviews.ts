import { at, type Fields, listAt, textAt, textsIn } from '../json';
import type { GoogleRule } from '../rule';
import type { Thing, World } from '../world';

const COMPUTE = 'compute.googleapis.com';
const REGISTRY = 'artifactregistry.googleapis.com';

const compute = (world: World, project: string, collection: string): readonly Thing[] =>
  world.in(COMPUTE, collection, project);
const nameOf = ({ path }: Thing): string => path.split('/').at(-1) ?? '';
const wordsOf = (things: readonly Thing[], says: string): string | undefined =>
  things.length === 0 ? undefined : `${things.map(nameOf).join(', ')}: ${says}`;

const templates = (world: World, project: string): readonly Fields[] =>
  compute(world, project, 'instanceTemplates').map(({ body }) => body);
const interfacesOf = (template: Fields): readonly unknown[] => listAt(template, 'properties', 'networkInterfaces');
const hasAddress = (template: Fields): boolean =>
  interfacesOf(template).some((one) => listAt(one, 'accessConfigs').length > 0);

export const cleanupsDelete: GoogleRule = {
  name: 'cleanups-delete',
  says: 'a registry with a policy of what to keep has one of what to delete: alone it deletes nothing',
  page: 'https://cloud.google.com/artifact-registry/docs/repositories/cleanup-policy-overview',
  byDefault: true,
  review(world, project) {
    const idle = world.in(REGISTRY, 'repositories', project).filter(({ body }) => {
      const actions = textsIn(at(body, 'cleanupPolicies'));
      return actions.includes('KEEP') && !actions.includes('DELETE');
    });
    return wordsOf(idle, 'its clean-up policies delete nothing');
  },
};

export const basesAreOurs: GoogleRule = {
  name: 'bases-are-ours',
  says: 'bases of images come out of a registry of our own that reads Docker Hub, which refuses who asks too often',
  page: 'https://cloud.google.com/artifact-registry/docs/repositories/remote-repo',
  byDefault: true,
  review: (world, project) =>
    world.in(REGISTRY, 'repositories', project).some(({ body }) => body.mode === 'REMOTE_REPOSITORY')
      ? undefined
      : 'no registry reads Docker Hub',
};

export const edgePoliciesDecide: GoogleRule = {
  name: 'edge-policies-decide',
  says: 'a policy at the edge refuses somebody: one that allows all costs money and decides nothing',
  page: 'https://cloud.google.com/armor/pricing',
  byDefault: true,
  review: (world, project) =>
    wordsOf(
      compute(world, project, 'securityPolicies').filter(
        ({ body }) =>
          body.type === 'CLOUD_ARMOR_EDGE' && listAt(body, 'rules').every((rule) => textAt(rule, 'action') === 'allow'),
      ),
      'it refuses nobody, and is billed',
    ),
};

export const repairsTakeToday: GoogleRule = {
  name: 'repairs-take-today',
  says: "a group repairs a machine with today's template: the one it was made from may be deleted by then",
  page: 'https://cloud.google.com/compute/docs/instance-groups/update-on-repair',
  byDefault: true,
  review: (world, project) =>
    wordsOf(
      compute(world, project, 'instanceGroupManagers').filter(
        ({ body }) => textAt(body, 'instanceLifecyclePolicy', 'forceUpdateOnRepair') !== 'YES',
      ),
      'a repaired machine comes back with its old template',
    ),
};

export const natServesSomebody: GoogleRule = {
  name: 'nat-serves-somebody',
  says: 'Cloud NAT, which is billed by the hour, is there for machines without an external address',
  page: 'https://cloud.google.com/nat/docs/overview',
  byDefault: true,
  review: (world, project) =>
    templates(world, project).some((one) => !hasAddress(one))
      ? undefined
      : wordsOf(
          compute(world, project, 'routers').filter(({ body }) => listAt(body, 'nats').length > 0),
          'its NAT serves no machine',
        ),
};

const IAP = '35.235.240.0/20';

export const machinesAreReached: GoogleRule = {
  name: 'machines-are-reached',
  says: 'somebody who may can look into a machine: SSH is open to Identity-Aware Proxy, and to nobody else',
  page: 'https://cloud.google.com/iap/docs/using-tcp-forwarding',
  byDefault: true,
  review(world, project) {
    const open = compute(world, project, 'firewalls').filter(({ body }) => listAt(body, 'sourceRanges').includes(IAP));
    const tags = new Set(open.flatMap(({ body }) => listAt(body, 'targetTags')));
    const shut = compute(world, project, 'instanceTemplates').filter(
      ({ body }) => !listAt(body, 'properties', 'tags', 'items').some((tag) => tags.has(tag)),
    );
    return wordsOf(shut, 'nobody gets into its machines');
  },
};

export const packetsAreLogged: GoogleRule = {
  name: 'packets-are-logged',
  says: 'the network of machines that the world sends UDP to keeps a sample of its flows',
  page: 'https://cloud.google.com/vpc/docs/flow-logs',
  byDefault: true,
  review(world, project) {
    const used = new Set(
      templates(world, project)
        .flatMap(interfacesOf)
        .map((one) => textAt(one, 'subnetwork').split('/').at(-1)),
    );
    const silent = compute(world, project, 'subnetworks').filter(
      (one) => used.has(nameOf(one)) && at(one.body, 'logConfig', 'enable') !== true,
    );
    return wordsOf(silent, 'its flows are on no record');
  },
};

export const answersIpv6: GoogleRule = {
  name: 'answers-ipv6',
  says: 'every global load balancer answers on IPv6 too',
  page: 'https://cloud.google.com/load-balancing/docs/ipv6',
  byDefault: false,
  review(world, project) {
    const rules = compute(world, project, 'globalForwardingRules').concat(
      compute(world, project, 'forwardingRules').filter(({ path }) => path.includes('/global/')),
    );
    const answered = new Set(
      rules
        .filter(({ body }) => textAt(body, 'IPAddress').includes(':') || body.ipVersion === 'IPV6')
        .map(({ body }) => body.target),
    );
    return wordsOf(
      rules.filter(({ body }) => !answered.has(body.target)),
      'there is no rule for IPv6 beside it',
    );
  },
};

const IMAGE = /-docker\.pkg\.dev\/[\w./-]+(?::[\w.-]+)?(?:@sha256:[0-9a-f]{64})?/g;

export const imagesAreNamedByDigest: GoogleRule = {
  name: 'images-by-digest',
  says: 'machines pull an image by its digest, which nobody can give to another image',
  page: 'https://cloud.google.com/artifact-registry/docs/docker/pushing-and-pulling',
  byDefault: false,
  review(world, project) {
    const named = templates(world, project).flatMap((one) => textsIn(at(one, 'properties', 'metadata')));
    const images = new Set(named.flatMap((text) => text.match(IMAGE) ?? []));
    const loose = [...images].filter((image) => !image.includes('@sha256:'));
    return loose.length === 0 ? undefined : `${loose.join(', ')}: named by a tag`;
  },
};

export const scannersAreSeen: GoogleRule = {
  name: 'scanners-are-seen',
  says: "Google's rules against scanners look at the API, in preview",
  page: 'https://cloud.google.com/armor/docs/waf-rules',
  byDefault: false,
  review: (world, project) =>
    compute(world, project, 'securityPolicies').some(({ body }) =>
      listAt(body, 'rules').some((rule) => at(rule, 'preview') === true),
    )
      ? undefined
      : 'no policy has a rule in preview',
};
