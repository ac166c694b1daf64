import type { SigningKey } from '../../../functions/contract/signing-keys';
import type { Clock, Log } from '../../../functions/ports/stores';
import type { BucketBlueprint, EdgeBlueprint } from '../blueprint/blueprint';

/** The parts of an edge. */
export interface EdgeOptions {
  readonly port: number;
  /** Another address of loopback. @default 127.0.0.1 */
  readonly address?: string;
  readonly edge: EdgeBlueprint;
  readonly buckets: readonly BucketBlueprint[];
  /** The URL where objects are read without credentials: `<store>/<bucket>/<object>`. */
  readonly store: URL;
  /** Port of a function's listener, by its name. */
  functionPort(name: string): number;
  /** Port of the one node's agent. */
  readonly nodePort: number;
  /** Returns the keys for signed requests of a backend, by its name; none: signatures are not checked. */
  signingKeysOf(backend: string): readonly SigningKey[];
  readonly cacheBytes: number;
  /** The port for invalidations, as at Compute Engine's API; absent: there is none. */
  readonly apiPort?: number;
  readonly clock: Pick<Clock, 'now'>;
  /** Called for every request, as a load balancer logs it. */
  readonly onRequest?: ((method: string, url: string) => void) | undefined;
  readonly log: Log;
}
