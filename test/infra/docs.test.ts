import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dev } from '../../infra/config/environments/dev';
import { access } from '../../scripts/tools/docs/access';
import { ACCESS_REASONS } from '../../scripts/tools/docs/access-reasons';
import { documents, FOLDER } from '../../scripts/tools/docs/documents';
import { ports } from '../../scripts/tools/docs/ports';
import { DocumentedStack } from '../../scripts/tools/docs/stack';
import { ENVIRONMENTS, resourcesOf, synthBootstrap, synthEnvironment, type TerraformJson } from '../support/synth';

const { staging, prod } = ENVIRONMENTS;
const synthesised: Readonly<Record<string, TerraformJson>> = {
  dev: synthEnvironment(dev),
  staging: synthEnvironment(staging),
  prod: synthEnvironment(prod),
  bootstrap: synthBootstrap(),
};
const generated = documents((stack) => synthesised[stack]);

/** A stack of one made-up resource. */
const stackOf = (type: string, path: string, attributes: object): DocumentedStack =>
  new DocumentedStack(
    'dev',
    { resource: { [type]: { x: { '//': { metadata: { path: `dev/${path}` } }, ...attributes } } } },
    dev.projectId,
  );
const nothing = new DocumentedStack('bootstrap', { resource: {} });

describe('infra/docs', () => {
  it.each(Object.entries(generated))('holds %s as it is generated (if not: npm run docs)', (file, text) => {
    const path = join(FOLDER, file);
    const committed = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
    const wanted = text.split('\n');
    const differ = {
      missing: wanted.filter((line) => !committed.includes(line)),
      leftOver: committed.filter((line) => !wanted.includes(line)),
    };
    expect({ 'run: npm run docs': differ }).toEqual({ 'run: npm run docs': { missing: [], leftOver: [] } });
    expect(committed).toEqual(wanted);
  });

  it('holds nothing else', () => {
    expect(readdirSync(FOLDER).sort()).toEqual(Object.keys(generated).sort());
  });

  it('names every grant, with the count of each stack', () => {
    for (const [name, json] of Object.entries(synthesised))
      expect(generated['access.md']).toContain(`${name} ${resourcesOf(json, /_iam_member$/).length}`);
  });

  it('has no reason for a grant that nobody has', () => {
    const paths = Object.values(synthesised).flatMap((json) =>
      resourcesOf(json, /_iam_member$/).map(({ path }) => path),
    );
    expect(ACCESS_REASONS.filter(([where]) => !paths.some((path) => where.test(path)))).toEqual([]);
  });

  it('asks for the reason of a new grant, and of a new port', () => {
    const grant = stackOf('google_project_iam_member', 'new', { role: 'roles/x.y', member: 'allUsers' });
    expect(() => access([grant], nothing)).toThrow(
      'new grants roles/x.y: say why in scripts/tools/docs/access-reasons.ts',
    );
    const open = { allow: [{ protocol: 'tcp', ports: ['22'] }], source_ranges: ['0.0.0.0/0'], target_tags: ['x'] };
    const firewall = stackOf('google_compute_firewall', 'network/open-ssh', open);
    expect(() => ports([firewall])).toThrow('network/open-ssh opens TCP 22: say why in scripts/tools/docs/ports.ts');
  });

  it('draws each way of media: encoder to node, node to buckets, bucket to hls-publisher, buckets to viewers', () => {
    const drawn = /## prod\n```mermaid\n([\s\S]*?)```/.exec(generated['inventory.md'] ?? '')?.[1] ?? '';
    const names = new Map([...drawn.matchAll(/^ {2}(n\d+)\S*?"<b>([^<]+)<\/b>/gm)].map(([, id, name]) => [id, name]));
    const arrows = [...drawn.matchAll(/^ {2}(n\d+) \S+?>(?:\|([^|]+)\|)? (n\d+)$/gm)].map(
      ([, from, says = '', to]) => `${names.get(from)} ${says}> ${names.get(to)}`,
    );
    expect(arrows).toEqual(
      expect.arrayContaining([
        'rtmp > origin',
        'rtmps, rtmps-ipv6 > origin',
        'origin asks> srs-hooks',
        'origin writes> ingest',
        'origin writes> gated, open',
        'ingest wakes> hls-publisher',
        'hls-publisher writes> gated, open',
        'https-ipv6, https > gated, open',
        'https-ipv6, https > api',
        'stream-events pushes> event-relay',
        'reconcile starts> reconciler',
      ]),
    );
  });
});
