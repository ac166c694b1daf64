import type { StackAddresses } from '../../local/stack';
import type { StackControls } from '../../local/stack-options';
import type { Encoder } from './encoder';
import type { Wire } from './wire';

/** Parts that are processes of their own, by the names `LocalStack.processes` has for them. */
export type StackPart = 'agent' | 'gate' | 'origin' | 'api' | 'srs-hooks' | 'hls-publisher' | 'reconciler';

/** One live stream of a running platform, and everything that a fault can change. */
export interface Scene {
  readonly controls: StackControls;
  readonly addresses: StackAddresses;
  readonly streamId: string;
  /** `<id>?key=...`, as an encoder's key field takes it. */
  readonly streamKey: string;
  readonly publisher: Encoder;
  /** The line between the publisher and the platform. */
  readonly wire: Wire;
  /** Process id of a part; throws when it does not run. */
  pid(part: StackPart): number;
}

/** Ends a fault: restores everything that an operator or a restart would restore. */
export type Mend = () => Promise<unknown> | unknown;

/** One row of the fault table: what is done to a platform with a live stream, and what its viewers may notice. */
export interface Fault {
  readonly name: string;
  /** The fault in one sentence. */
  readonly does: string;
  readonly lastsSeconds: number;
  /** True: the picture may stand still for viewers while the fault lasts. False: they must not notice. */
  readonly isFelt: boolean;
  /** Discontinuities it may leave in the live playlist. */
  readonly discontinuities: number;
  /** True: it is part of the short form, too. */
  readonly isShort?: boolean;
  strike(scene: Scene): Promise<Mend> | Mend;
}
