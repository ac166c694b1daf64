import { z } from 'zod';

/** The one line that `./scripts/start --json` prints when the platform answers. */
export const Ready = z.object({
  /** Server field of an encoder: `rtmp://host:port/live`. */
  rtmp: z.string(),
  /** Origin in front of `/api/v1`. */
  api: z.url(),
  /** Origin in front of `/open` and `/gated`. */
  cdn: z.url(),
  web: z.url(),
  adminKey: z.string().min(32),
  /** Origin of the object store: Cloud Storage's JSON API. */
  storage: z.url(),
  /** The server that accepts the publishers: `srs <version>` or `built-in`. */
  origin: z.string().regex(/^(srs \S+|built-in)$/),
  demo: z.object({ streamId: z.string(), hls: z.url() }).optional(),
  /** Process ids of the parts at this moment: each function by its name, `agent`, `origin`. */
  processes: z.record(z.string(), z.int()),
  buckets: z.object({ ingest: z.string(), open: z.string(), gated: z.string() }),
  /** The folder to which the origin writes HLS. */
  hlsRoot: z.string(),
});
export type Ready = z.infer<typeof Ready>;
