import { z } from 'zod';
import { SessionId, StreamId } from '../ids';

/** The most edges that have one stream at a time. */
export const MAX_EDGES = 10;

/** Edges that get a copy of a stream: `none`, `auto` by its viewers, or a number of them. */
export const Edges = z.union([z.enum(['none', 'auto']), z.int().min(1).max(MAX_EDGES)]);
export type Edges = z.infer<typeof Edges>;

/** The right to push one session of one stream to one edge, once. */
export const PushToken = z.string().regex(/^sle_[a-z0-9]{32}$/, 'use sle_ and 32 of a-z, 0-9');

/** Names a node of viewers without its name: the first digits of its SHA-256. */
export const NodeMark = z.string().regex(/^[0-9a-f]{8}$/, 'use 8 of 0-9, a-f');

/** A copy of a session on an edge, as the edge tells of it. */
export const EdgeCopy = z.object({
  streamId: StreamId,
  sessionId: SessionId,
  /** Connections that play it from this edge. */
  viewers: z.int().nonnegative(),
});
export type EdgeCopy = z.infer<typeof EdgeCopy>;

/** Viewers' connections to a node, and the number it takes. */
export const ViewerRoom = z.object({ playing: z.int().nonnegative(), most: z.int().positive() });
export type ViewerRoom = z.infer<typeof ViewerRoom>;
