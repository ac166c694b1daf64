import { Aspects, type DataResource, dependable, type ITerraformDependable, TerraformDataSource, TerraformResource } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';
import { type EnvironmentConfig, homeOf, type PlatformConfig } from '../config/schema';
import { CdnCleanerRole } from '../constructs/cdn-cleaner';
import { encrypt } from '../constructs/encryption';
import { FunctionBuilder } from '../constructs/function-builder';
import { ImageRegistry } from '../constructs/image-registry';
import { LogMetrics } from '../constructs/log-metrics';
import { NightKeeperRole } from '../constructs/nights-off';
import { NodeKeeperRole } from '../constructs/node-keeper';
import { StorageEvents } from '../constructs/storage-events';
import { Names } from '../names';
import { secretContainers } from './live-secrets';

export interface FoundationProps {
  readonly config: EnvironmentConfig;
  readonly repository: PlatformConfig['repository'];
  /** What says that the project's services are on. */
  readonly services: DataResource;
}

/**
 * What an environment stands on and what outlives it: made once, minutes before the first deploy, so that grants have reached all of
 * Google, metrics are known, keys have values and images are there. `destroy` of the environment leaves it, and the next deploy finds it.
 */
export class Foundation extends Construct {
  constructor(scope: Construct, id: string, { config, repository, services }: FoundationProps) {
    super(scope, id);
    const { name, projectId, destroyable } = config;
    const region = homeOf(config);
    const place = { names: new Names(name, projectId), projectId, region };
    new ImageRegistry(this, 'images', { ...place, repository });
    new FunctionBuilder(this, 'function-build', { ...place, destroyable });
    new StorageEvents(this, 'storage-events', place);
    new NodeKeeperRole(this, 'node-keeper', place);
    new NightKeeperRole(this, 'night-keeper', place);
    new CdnCleanerRole(this, 'cdn-cleaner', place);
    new LogMetrics(this, 'logs', place);
    secretContainers(this, place, config);
    encrypt(this, config.encryptionKey);
    Aspects.of(this).add({ visit: (node) => waitFor(services, node) });
  }
}

function waitFor(first: ITerraformDependable, node: IConstruct): void {
  if (node instanceof TerraformResource || node instanceof TerraformDataSource)
    node.dependsOn = [...(node.dependsOn ?? []), dependable(first)];
}
