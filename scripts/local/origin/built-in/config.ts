import { z } from 'zod';

/** What the built-in origin is started with: one JSON value, its only argument. */
export const BuiltInConfig = z.strictObject({
  rtmpPort: z.int().min(1).max(65535),
  apiPort: z.int().min(1).max(65535),
  hooksUrl: z.url(),
  hlsRoot: z.string().startsWith('/'),
  nodeId: z.string().min(1),
  ffmpegPath: z.string().min(1),
});
export type BuiltInConfig = z.infer<typeof BuiltInConfig>;
