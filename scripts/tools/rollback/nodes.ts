import { z } from 'zod';
import { CliError } from '../google/cli-error';
import type { GoogleApi } from '../google/google-api';
import type { StackJson } from '../google/stack-json';

const GroupBlock = z.object({ name: z.string(), region: z.string() });
const Group = z.object({ versions: z.array(z.looseObject({ instanceTemplate: z.string() })).min(1) });
const Template = z.object({ name: z.string(), properties: z.record(z.string(), z.unknown()) });
const Named = z.object({ name: z.string() });

const IMAGE = /([a-z0-9-]+)-docker\.pkg\.dev\/([a-z0-9-]+)\/([a-z0-9-]+)\/(node)(?::[\w.-]+|@sha256:[0-9a-f]{64})/g;
const COMPUTE = 'compute.googleapis.com/compute/v1/projects';
const TEXT = /^(?:[\w][\w.-]{0,127}|sha256:[0-9a-f]{64})$/;

/** Returns the properties of a node's template with another image of SRS: a tag, or a digest. */
export function withImage(properties: unknown, image: string): { properties: unknown; images: readonly string[] } {
  const text = JSON.stringify(properties);
  const suffix = image.startsWith('sha256:') ? `@${image}` : `:${image}`;
  const images = [
    ...new Set([...text.matchAll(IMAGE)].map(([found]) => found.replace(/(?::[\w.-]+|@sha256:\w+)$/, suffix))),
  ];
  return { properties: JSON.parse(text.replaceAll(IMAGE, `$1-docker.pkg.dev/$2/$3/$4${suffix}`)), images };
}

/** Checks that the image is in the registry, because no node starts without it. */
async function checkImage(api: GoogleApi, reference: string): Promise<void> {
  const [, region, project, repository, image, tag, digest] =
    /^([a-z0-9-]+)-docker\.pkg\.dev\/([a-z0-9-]+)\/([a-z0-9-]+)\/([a-z0-9-]+)(?::([\w.-]+)|@(sha256:\w+))$/.exec(
      reference,
    ) ?? [];
  const location = `artifactregistry.googleapis.com/v1/projects/${project}/locations/${region}`;
  const packages = `${location}/repositories/${repository}/packages`;
  const path = digest === undefined ? `${packages}/${image}/tags/${tag}` : `${packages}/${image}/versions/${digest}`;
  if ((await api.find(Named, { method: 'GET', path })) === undefined)
    throw new CliError(`image ${reference} is not in the registry`);
}

export interface NodeRollback {
  readonly api: GoogleApi;
  readonly stack: StackJson;
  readonly say: (line: string) => void;
  /** The time in the name of the new template. */
  readonly now: Date;
}

/**
 * Makes the nodes of every group start from another image: a copy of the present template with that image in it.
 * Running nodes keep theirs until their publishers have left.
 * https://cloud.google.com/compute/docs/instance-groups/updating-migs
 */
export async function rollBackNodes({ api, stack, say, now }: NodeRollback, image: string): Promise<void> {
  if (!TEXT.test(image)) throw new CliError(`image '${image}': use a tag such as v6.0-r0-1, or sha256:<64 digits>`);
  const project = `${COMPUTE}/${stack.projectId}`;
  for (const { name, region } of stack.all('google_compute_region_instance_group_manager', GroupBlock)) {
    const path = `${project}/regions/${region}/instanceGroupManagers/${name}`;
    const group = await api.find(Group, { method: 'GET', path });
    if (group === undefined) throw new CliError(`group ${name} is not there: deploy the environment first`);
    const template = group.versions[0]?.instanceTemplate.split('/').at(-1) ?? '';
    const present = await api.call(Template, {
      method: 'GET',
      path: `${project}/global/instanceTemplates/${template}`,
    });
    const { properties, images } = withImage(present.properties, image);
    for (const reference of images) await checkImage(api, reference);
    const copy = `${name}-back-${now.toISOString().replace(/\D/g, '').slice(0, 14)}`;
    await api.call(z.unknown(), {
      method: 'POST',
      path: `${project}/global/instanceTemplates`,
      body: { name: copy, properties },
    });
    const versions = [{ instanceTemplate: `projects/${stack.projectId}/global/instanceTemplates/${copy}` }];
    await api.call(z.unknown(), { method: 'PATCH', path, body: { versions } });
    say(`${name}: new nodes start from ${image}; those that run take it after their publishers have left`);
  }
  say(`write imageTag '${image}' into the configuration, or the next deploy goes forward again`);
}
