import type { Log } from '../../functions/ports/stores';
import type { FirestoreFaults } from '../emulators/firestore';
import type { ObjectStoreServer } from '../emulators/gcs';
import type { PubsubServer } from '../emulators/pubsub';
import type { EventFaults } from '../emulators/server/event-faults';
import type { LocalService } from '../emulators/server/local-service';
import type { Recorder } from './command/recorder';
import type { FunctionHost } from './functions/host';
import type { LocalOrigin } from './origin';
import type { Ports } from './ports';
import type { LineSink } from './process/child-process';
import type { AgentProcess } from './services/agent';
import type { GateProcess } from './services/gate';
import type { OriginKeeper } from './services/origin-keeper';
import type { Scheduler } from './services/scheduler';

export interface StackOptions {
  /** Folder of this repository, with bundles and synthesised Terraform in it. */
  readonly root: string;
  /** The environment whose Terraform is interpreted. */
  readonly environment: string;
  readonly ports: Ports;
  /** A real SRS; without it Docker's, or the built-in origin. */
  readonly srsBin?: string;
  /** True if Docker may be asked for an SRS. @default true */
  readonly docker?: boolean;
  /** True: SRS, coturn and Firestore of the Compose file. @default false */
  readonly containers?: boolean;
  /** Makes a Firestore at a port, in place of the local one, such as Google's emulator. @default none */
  readonly databaseAt?: (port: number) => LocalService;
  /** A second CDN: the percentage of streams whose viewers begin there. @default none */
  readonly secondCdnWeight?: number;
  /** A coturn of this machine. @default none */
  readonly turnBin?: string;
  readonly ffmpegPath: string;
  /** Receives the output of processes, line by line. */
  readonly output: LineSink;
  /** Gets every request at the edge and the origin's own output, which the log does not show. @default none */
  readonly record?: Pick<Recorder, 'line' | 'request'>;
  readonly log: Log;
}

/** The parts that tests control: all others are reached by the public API and the CDN. */
export interface StackControls {
  readonly store: ObjectStoreServer;
  /** Faults of storage events, which may change while they flow. */
  readonly eventFaults: EventFaults;
  readonly pubsub: PubsubServer;
  /** The same for Pub/Sub's messages. */
  readonly messageFaults: EventFaults;
  readonly functions: FunctionHost;
  readonly agent: AgentProcess;
  readonly gate: GateProcess;
  readonly origin: LocalOrigin;
  readonly originKeeper: OriginKeeper;
  readonly scheduler: Scheduler;
  /**
   * Faults of the database, which may change while calls come; without effect where Google's emulator is the database.
   */
  readonly databaseFaults: FirestoreFaults;
  /** Parts that a test takes away by `stop` and gives back by `start`, with their contents. */
  readonly outages: Readonly<Record<'database' | 'metadata' | 'edge' | 'messages', LocalService>>;
  /** Taken away in the same way; absent: there is no second CDN. */
  readonly secondCdn?: LocalService;
}
