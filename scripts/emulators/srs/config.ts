import { z } from 'zod';

const positive = z.number().positive();

/** The rules by which segments are cut and kept, as in `srs.conf`. Milliseconds. */
export const HlsRule = z.strictObject({ fragmentMs: positive, absoluteMs: positive, windowMs: positive });
export type HlsRule = z.infer<typeof HlsRule>;

/** The configuration of the built-in origin: one JSON value, its only argument. */
export const BuiltInConfig = z.strictObject({
  rtmpPort: z.int().min(1).max(65535),
  apiPort: z.int().min(1).max(65535),
  /** HTTP-FLV. */
  httpPort: z.int().min(1).max(65535).optional(),
  hooksUrl: z.url(),
  hlsRoot: z.string().startsWith('/'),
  nodeId: z.string().min(1),
  /** Actions that are posted; all others are accepted. */
  hooks: z.array(z.string()),
  hls: HlsRule,
});
export type BuiltInConfig = z.infer<typeof BuiltInConfig>;
