import type { DataResource } from 'cdktf';
import { Construct } from 'constructs';
import { pairingOf } from '../config/regions';
import { type EnvironmentConfig, homeOf, type PlatformConfig } from '../config/schema';
import { CustomRole } from '../constructs/functions/custom-role';
import { encrypt } from '../constructs/functions/encryption';
import { FunctionBuilder } from '../constructs/functions/function-builder';
import { StorageEvents } from '../constructs/functions/storage-events';
import { CDN_CLEANER_ROLE } from '../constructs/media/cdn-cleaner';
import { ImageRegistry } from '../constructs/nodes/image-registry';
import { NIGHT_KEEPER_ROLE } from '../constructs/nodes/nights-off';
import { NODE_KEEPER_ROLE } from '../constructs/nodes/node-keeper';
import { LogMetrics } from '../constructs/observability/log-metrics';
import { Names, secondOf } from '../names';
import { secretContainers } from '../subsystems/secrets';
import { waits } from './waits';

export interface FoundationProps {
  readonly config: EnvironmentConfig;
  readonly repository: PlatformConfig['repository'];
  /** The resource that exists once the project's services are enabled. */
  readonly services: DataResource;
}

/**
 * Resources that an environment stands on and that outlive it: made once, minutes before the first deploy, so that
 * grants have reached all of Google, metrics are known, keys have values and images are there. `destroy` of the
 * environment leaves it, and the next deploy finds it.
 */
export class Foundation extends Construct {
  constructor(scope: Construct, id: string, { config, repository, services }: FoundationProps) {
    super(scope, id);
    const { name, projectId, destroyable } = config;
    const region = homeOf(config);
    const place = { names: new Names(name, projectId), projectId, region };
    const location = pairingOf(config.regions)?.images ?? region;
    new ImageRegistry(this, 'images', { ...place, location, repository });
    const second = secondOf(place, config.regions);
    new FunctionBuilder(this, 'function-build', { ...place, destroyable, second });
    new StorageEvents(this, 'storage-events', place);
    new CustomRole(this, 'node-keeper', place, NODE_KEEPER_ROLE);
    new CustomRole(this, 'night-keeper', place, NIGHT_KEEPER_ROLE);
    new CustomRole(this, 'cdn-cleaner', place, CDN_CLEANER_ROLE);
    new LogMetrics(this, 'logs', place);
    secretContainers(this, place, config);
    encrypt(this, config.encryptionKey);
    waits(this, [services]);
  }
}
