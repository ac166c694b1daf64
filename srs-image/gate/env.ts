import { z } from 'zod';
import { GateLimits } from './limits';

const Port = z.int().min(1).max(65535);

/** What the gate is told at its start: one JSON value, `GATE_ENV`. Whatever is left out is as on a VM. */
export const GateEnv = z.strictObject({
  /** What the doors for encoders and players bind. */
  host: z.union([z.ipv4(), z.ipv6()]).default('0.0.0.0'),
  /** RTMP as it comes. */
  rtmpPort: Port.default(1935),
  /** RTMP behind a load balancer that says by PROXY protocol (1 or 2) who connects; absent: there is none. */
  proxyPort: Port.optional(),
  /** Where SRS takes RTMP, on 127.0.0.1. */
  srsPort: Port.default(11_935),
  /** Metrics, and who stands behind an address of `sources.ts`; on 127.0.0.1. */
  statusPort: Port.default(8087),
  limits: GateLimits.prefault({}),
});
export type GateEnv = z.infer<typeof GateEnv>;
