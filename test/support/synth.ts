import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type TerraformStack } from 'cdktf';
import { z } from 'zod';
import { dev } from '../../infra/config/environments/dev';
import { prod } from '../../infra/config/environments/prod';
import { staging } from '../../infra/config/environments/staging';
import { platform } from '../../infra/config/platform';
import { EnvironmentConfig, type EnvironmentInput, type PlatformConfig } from '../../infra/config/schema';
import { BootstrapStack } from '../../infra/stacks/bootstrap-stack';
import { LiveStack } from '../../infra/stacks/live-stack';

export type Attributes = Readonly<Record<string, unknown>>;
const Types = z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown())));
const Json = z.looseObject({ resource: Types, data: Types.default({}), terraform: z.unknown(), provider: z.unknown() });

/** Synthesised Terraform JSON: blocks by type, then by name. */
export type TerraformJson = z.output<typeof Json>;

/** The environments; dev with the parts it goes without to be cheap, because every part is tested in it. */
export const ENVIRONMENTS = {
  dev: { ...dev, turn: { ...dev.turn, servers: 1 }, observability: { ...dev.observability, alerts: 'all' } },
  staging,
  prod,
} satisfies Record<string, EnvironmentInput>;

/** An environment in two regions, with every part in each. */
export const TWO_REGIONS = {
  ...ENVIRONMENTS.dev,
  regions: ['europe-west1', 'europe-west4'],
  zones: ['europe-west1-b', 'europe-west4-a'],
  replication: 'turbo',
  nightsOff: undefined,
} satisfies EnvironmentInput;
export type EnvironmentName = keyof typeof ENVIRONMENTS;

/** Builds a stack in an app of its own, offline, and answers the JSON that is written. Nothing stays on disk. */
export function synth(make: (app: App) => TerraformStack): TerraformJson {
  return inFolder((outdir) => {
    const app = new App({ outdir });
    const stack = make(app);
    app.synth();
    return Json.parse(JSON.parse(readFileSync(join(outdir, 'stacks', stack.node.id, 'cdk.tf.json'), 'utf8')));
  });
}

/** An environment with stand-ins for what is built: `bundle` is what a function's archive or a page's file holds. */
export function synthEnvironment(
  input: EnvironmentInput,
  bundle: (name: string) => string = (name) => name,
  shared: Partial<PlatformConfig> = {},
): TerraformJson {
  return inFolder((folder) => {
    const archive = (name: string): string => {
      writeFileSync(join(folder, `${name}.zip`), bundle(name));
      return join(folder, `${name}.zip`);
    };
    const pages = join(folder, 'web');
    mkdirSync(pages);
    for (const name of ['index.html', 'index.js', 'style.css']) writeFileSync(join(pages, name), bundle(name));
    const config = EnvironmentConfig.parse(input);
    return synth(
      (app) => new LiveStack(app, config.name, { config, platform: { ...platform, ...shared }, archive, pages }),
    );
  });
}

function inFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'srs-live-synth-'));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function synthBootstrap(shared: Partial<PlatformConfig> = {}): TerraformJson {
  const props = { platform: { ...platform, ...shared } };
  return synth((app) => new BootstrapStack(app, 'bootstrap', { ...props, environments: Object.values(ENVIRONMENTS) }));
}

/** A resource: `path` is where in the stack it was made, without the stack's own name. */
export interface Resource {
  readonly type: string;
  readonly address: string;
  readonly path: string;
  readonly attributes: Attributes;
}

const Origin = z.object({ '//': z.object({ metadata: z.object({ path: z.string() }) }) });

/** Every resource, or those whose type matches. */
export function resourcesOf({ resource }: TerraformJson, type: RegExp = /./): Resource[] {
  return Object.entries(resource)
    .filter(([name]) => type.test(name))
    .flatMap(([name, blocks]) =>
      Object.entries(blocks).map(([block, attributes]) => ({
        type: name,
        address: `${name}.${block}`,
        path: Origin.parse(attributes)['//'].metadata.path.split('/').slice(1).join('/'),
        attributes,
      })),
    );
}

/** Returns the value at `path` (`service_config.available_cpu`, `cors.0.origin`), or `undefined`. */
export function at(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((inner, key) => (inner instanceof Object ? Reflect.get(inner, key) : undefined), value);
}

/** Calls `visit` with every text and the path to it. */
export function eachText(value: unknown, visit: (text: string, path: string) => void, path = ''): void {
  if (typeof value === 'string') visit(value, path);
  else if (value instanceof Object)
    for (const [key, inner] of Object.entries(value)) {
      if (key !== '//') eachText(inner, visit, path === '' ? key : `${path}.${key}`);
    }
}

/** Terraform's `${…}` around `inner`. */
export const reference = (inner: string): string => `\${${inner}}`;
