import { z } from 'zod';
import type { StackJson } from '../google/stack-json';
import type { World } from './google/world';

const Record = z.object({ managed_zone: z.string(), name: z.string() });
const Template = z.object({ metadata: z.record(z.string(), z.unknown()) });
const IMAGE =
  /([a-z0-9-]+)-docker\.pkg\.dev\/([a-z0-9-]+)\/([a-z0-9-]+)\/([a-z0-9-]+)(?::([\w.-]+)|@(sha256:[0-9a-f]{64}))/g;

/**
 * Makes the resources that an operator makes by hand before the first deploy: the bucket of the states, and the DNS
 * zone.
 */
export function makeByHand(world: World, bootstrap: StackJson, stack: StackJson): void {
  const { stateBucket: name, projectId: project } = bootstrap;
  world.objects.createBucket({ name });
  const iamConfiguration = { uniformBucketLevelAccess: { enabled: true }, publicAccessPrevention: 'inherited' };
  const bucket = {
    id: name,
    name,
    location: 'EUROPE-WEST1',
    projectNumber: world.numberOf(project),
    storageClass: 'STANDARD',
    iamConfiguration,
  };
  world.put({ host: 'storage.googleapis.com', path: `b/${name}`, collection: 'b', project, body: bucket });
  for (const { managed_zone: zone, name: dnsName } of stack.all('google_dns_record_set', Record)) {
    const path = `projects/${stack.projectId}/managedZones/${zone}`;
    const body = { name: zone, dnsName, nameServers: ['ns-cloud-a1.googledomains.com.'], visibility: 'public' };
    world.put({ host: 'dns.googleapis.com', path, collection: 'managedZones', project: stack.projectId, body });
  }
}

/** Puts the images that Cloud Build would push into the registry. Returns how many. */
export function pushImages(world: World, stack: StackJson): number {
  const texts = stack.all('google_compute_instance_template', Template).map(({ metadata }) => JSON.stringify(metadata));
  const images = new Map(texts.flatMap((text) => [...text.matchAll(IMAGE)]).map((match) => [match[0], match]));
  for (const [, region, project = '', repository, image, tag, digest] of images.values()) {
    const base = `projects/${project}/locations/${region}/repositories/${repository}/packages/${image}`;
    const path = digest === undefined ? `${base}/tags/${tag}` : `${base}/versions/${digest}`;
    const collection = digest === undefined ? 'tags' : 'versions';
    world.put({ host: 'artifactregistry.googleapis.com', path, collection, project, body: { name: path } });
  }
  return images.size;
}
