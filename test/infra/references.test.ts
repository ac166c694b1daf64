import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  ENVIRONMENTS,
  eachText,
  reference,
  synthBootstrap,
  synthEnvironment,
  type TerraformJson,
} from '../support/synth';

/**
 * In the place of `terraform validate`, which needs a plugin that cannot be had offline: every reference names
 * something that is declared, and an attribute the pinned provider's class has.
 */
const LIBRARY = join(dirname(require.resolve('@cdktf/provider-google/package.json')), 'lib');
/** Terraform's own. */
const TERRAFORM_DATA = 'terraform_data';
const camelCase = (text: string): string => text.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

const known = new Map<string, ReadonlySet<string> | undefined>();

/** Attributes of a type, in camel case; `undefined` for a type the provider does not have. */
function attributesOf(type: string, data: boolean): ReadonlySet<string> | undefined {
  const folder = `${data ? 'data-google-' : ''}${type.replace(/^google_/, '').replaceAll('_', '-')}`;
  if (!known.has(folder)) known.set(folder, existsSync(join(LIBRARY, folder)) ? readClass(folder, type) : undefined);
  return known.get(folder);
}

function readClass(folder: string, type: string): ReadonlySet<string> {
  const exported: Record<string, { tfResourceType?: string; prototype: object }> = require(join(LIBRARY, folder));
  const found = Object.values(exported).find((one) => one.tfResourceType === type);
  return new Set(['id', ...(found === undefined ? [] : Object.getOwnPropertyNames(found.prototype))]);
}

const EXPRESSION = /(?<!\$)\$\{([^}]*)\}/g;
const REFERENCE = /(?<![\w.])(data\.)?(google_\w+)\.([\w-]+)(?:\.(\w+))?/g;

function brokenReferences(json: TerraformJson): { count: number; broken: string[] } {
  const broken: string[] = [];
  let count = 0;
  eachText({ resource: json.resource, data: json.data }, (text, path) => {
    for (const [, expression = ''] of text.matchAll(EXPRESSION))
      for (const [reference, data, type = '', name = '', attribute] of expression.matchAll(REFERENCE)) {
        count++;
        const attributes = attributesOf(type, data !== undefined);
        if ((data ? json.data : json.resource)[type]?.[name] === undefined)
          broken.push(`${path}: ${reference} is not declared`);
        else if (attribute !== undefined && attributes?.has(camelCase(attribute)) !== true)
          broken.push(`${path}: ${type} has no attribute ${attribute}`);
      }
  });
  for (const [type, blocks] of Object.entries(json.resource))
    for (const [name, attributes] of Object.entries(blocks))
      for (const other of Object.values(Object(attributes.depends_on ?? []))) {
        const [awaited = '', block = ''] = String(other)
          .replace(/^data\./, '')
          .split('.');
        const declared = String(other).startsWith('data.') ? json.data : json.resource;
        if (declared[awaited]?.[block] === undefined)
          broken.push(`${type}.${name}: waits for ${other}, which is not declared`);
      }
  for (const type of Object.keys(json.resource))
    if (type !== TERRAFORM_DATA && !attributesOf(type, false)) broken.push(`${type}: unknown to the provider`);
  return { count, broken };
}

describe('references', () => {
  const { dev, staging, prod } = ENVIRONMENTS;
  it.each([dev, staging, prod])('all name something declared and an attribute it has: $name', (input) => {
    const { count, broken } = brokenReferences(synthEnvironment(input));
    expect(broken).toEqual([]);
    expect(count).toBeGreaterThan(100);
  });

  it('of the bootstrap too', () => {
    expect(brokenReferences(synthBootstrap()).broken).toEqual([]);
  });

  it.each([
    [reference('google_storage_bucket.none.name'), 'google_storage_bucket.none.name is not declared'],
    [`x-${reference('google_storage_bucket.media.nam')}`, 'google_storage_bucket has no attribute nam'],
    [reference('data.google_storage_bucket.media.name'), 'data.google_storage_bucket.media.name is not declared'],
  ])('that are wrong are found: %s', (text, problem) => {
    const resource = { google_storage_bucket: { media: { name: 'a' } }, google_pubsub_topic: { t: { name: text } } };
    const { broken } = brokenReferences({ resource, data: {}, terraform: {}, provider: {} });
    expect(broken).toEqual([`resource.google_pubsub_topic.t.name: ${problem}`]);
  });

  it('to wait for something that is not there are found', () => {
    const resource = {
      google_pubsub_topic: { t: { depends_on: ['google_pubsub_topic.t', 'google_pubsub_topic.u'] } },
    };
    const { broken } = brokenReferences({ resource, data: {}, terraform: {}, provider: {} });
    expect(broken).toEqual(['google_pubsub_topic.t: waits for google_pubsub_topic.u, which is not declared']);
  });

  it('to a type the provider does not have are found', () => {
    const resource = { google_storage_buckett: { media: { name: 'a' } } };
    const { broken } = brokenReferences({ resource, data: {}, terraform: {}, provider: {} });
    expect(broken).toEqual(['google_storage_buckett: unknown to the provider']);
  });
});
