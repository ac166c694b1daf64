import type { SigningKey } from '../../../functions/contract/signing-keys';
import type { Clock, Log } from '../../../functions/ports/stores';
import type { BucketBlueprint, EdgeBlueprint } from '../blueprint/blueprint';

/** The parts of an edge. */
export interface EdgeOptions {
  readonly port: number;
  readonly edge: EdgeBlueprint;
  readonly buckets: readonly BucketBlueprint[];
  /** The URL where objects are read, as anyone: `<store>/<bucket>/<object>`. */
  readonly store: URL;
  /** Port of a function's listener, by its name. */
  functionPort(name: string): number;
  /** Port of the one node's agent. */
  readonly nodePort: number;
  /**
   * Keys for signed requests of a backend, by its name, as a script gives them to Cloud CDN; none: signatures mean
   * nothing.
   */
  signingKeysOf(backend: string): readonly SigningKey[];
  readonly cacheBytes: number;
  /** The port for invalidations, as at Compute Engine's API; absent: none. */
  readonly apiPort?: number;
  readonly clock: Pick<Clock, 'now'>;
  /** Told of every request, as a load balancer's log is. */
  readonly onRequest?: ((method: string, url: string) => void) | undefined;
  readonly log: Log;
}
