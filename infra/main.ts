import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'cdktf';
import { dev } from './config/environments/dev';
import { prod } from './config/environments/prod';
import { staging } from './config/environments/staging';
import { ConfigError, loadConfig } from './config/load';
import { platform } from './config/platform';
import { EnvironmentConfig, PlatformConfig } from './config/schema';
import { BootstrapStack } from './stacks/bootstrap-stack';
import { LiveStack } from './stacks/live-stack';

const ROOT = join(__dirname, '..');

/** A file or folder of the build. */
function built(path: string): string {
  if (!existsSync(join(ROOT, path))) throw new ConfigError([`${path}: missing; make it with 'npm run build'`]);
  return join(ROOT, path);
}

function synth(): void {
  const environments = loadConfig(EnvironmentConfig, { dev, staging, prod });
  const shared = loadConfig(PlatformConfig, { platform }).platform;
  const app = new App({ outdir: process.env.CDKTF_OUTDIR ?? join(ROOT, 'cdktf.out') });
  new BootstrapStack(app, 'bootstrap', { platform: shared, environments: Object.values(environments) });
  const archive = (name: string) => built(`dist/functions/${name}.zip`);
  const parts = { platform: shared, archive, pages: built('dist/web') };
  for (const config of Object.values(environments)) new LiveStack(app, config.name, { config, ...parts });
  app.synth();
}

try {
  synth();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
