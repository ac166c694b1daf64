import type { Log } from '../../../functions/ports/stores';
import type { LocalService } from '../../emulators/server/local-service';
import type { Compose } from '../compose/compose';
import type { LineSink } from '../process/child-process';

export interface OriginOptions {
  /** RTMP listener on 127.0.0.1. */
  readonly rtmpPort: number;
  /** SRS's HTTP API on 127.0.0.1: the stream list and the kick. */
  readonly apiPort: number;
  /** Base URL of the agent's listener, an IP literal: hooks are posted to `<hooksUrl>/srs/<action>`. */
  readonly hooksUrl: string;
  /**
   * Folder of the HLS files, absolute, made if absent: `<hlsRoot>/live/<streamId>/live.m3u8` and
   * `<timestamp>-<seq>.ts`.
   */
  readonly hlsRoot: string;
  /**
   * HTTP-FLV on 127.0.0.1; a real SRS also has SRT over UDP and WebRTC over UDP and TCP on every interface, as SRS does
   * it. @default off
   */
  readonly media?: { readonly httpPort: number; readonly srtPort: number; readonly rtcPort: number };
  /** `server_id` of the hooks. */
  readonly nodeId: string;
  /** A real SRS 5 or 6; without it an SRS image that Docker already holds, else the built-in origin. */
  readonly srsBin?: string;
  /** True if Docker may be asked for an SRS. @default true */
  readonly docker?: boolean;
  /** The Compose file, whose SRS is used. @default none */
  readonly compose?: Compose;
  /** The parent of the process's own folder, which is deleted when it stops. @default the system's temp folder */
  readonly tempFolder?: string;
  readonly log: Log;
  /** Gets the output of the process line by line; the log gets it without keys. @default none */
  readonly record?: LineSink;
}

/** The media server of the local stack: a process of its own, so that it can be killed as in the cloud. */
export interface LocalOrigin extends LocalService {
  /** `srs 6.0.157`, `srs 6.0.184 (docker)` or `built-in`. */
  readonly label: string;
  /** True for a real SRS, which has SRT and WebRTC too. */
  readonly isSrs: boolean;
  /** `rtmp://127.0.0.1:<port>/live` */
  readonly rtmpUrl: string;
  /** Process id while it runs. */
  readonly pid: number | undefined;
  /** Sends a signal and waits until the process is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Starts a new process on the same ports and folder; ends a running one first. */
  restart(): Promise<void>;
}
