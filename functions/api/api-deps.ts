import type { Policy } from '../contract/words';
import type { Clock, ObjectStore, Registry } from '../core/ports';
import type { HandlerDeps } from '../http/http-handler';

export interface ApiDeps extends HandlerDeps {
  registry: Registry;
  ingest: ObjectStore;
  delivery: (policy: Policy) => ObjectStore;
  clock: Clock;
  adminKey: string;
  /** `https://host`: what playback URLs begin with. */
  publicOrigin: string;
  /** `rtmp://host/live`: what an encoder's server field takes. */
  rtmpServer: string;
  /** Of a stream that names none, in seconds. */
  reconnectWindowSeconds: number;
}
