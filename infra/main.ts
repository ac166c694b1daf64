import { join } from 'node:path';
import { App } from 'cdktf';
import { dev } from './config/environments/dev';
import { prod } from './config/environments/prod';
import { staging } from './config/environments/staging';
import { ConfigError, loadConfig, withOverlay } from './config/load';
import { platform } from './config/platform';
import { environmentNamed, PlatformConfig } from './config/schema';
import { BootstrapStack } from './stacks/bootstrap-stack';
import { built } from './stacks/built';
import { LiveStack } from './stacks/live-stack';
import { putLocks } from './stacks/locks';

const ROOT = join(__dirname, '..');

function synth(): void {
  const schemas = {
    dev: environmentNamed('dev'),
    staging: environmentNamed('staging'),
    prod: environmentNamed('prod'),
  };
  const { platform: shared, ...environments } = loadConfig(
    { ...schemas, platform: PlatformConfig },
    withOverlay({ dev, staging, prod, platform }, process.env.CONFIG_OVERLAY),
  );
  const parts = { platform: shared, ...built(ROOT) };
  const app = new App({ outdir: process.env.CDKTF_OUTDIR ?? join(ROOT, 'cdktf.out') });
  new BootstrapStack(app, 'bootstrap', { platform: shared, environments: Object.values(environments) });
  for (const config of Object.values(environments)) new LiveStack(app, config.name, { config, ...parts });
  app.synth();
  putLocks(join(ROOT, 'infra/locks'), app.outdir, ['bootstrap', ...Object.keys(environments)]);
}

try {
  synth();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
