import { z } from 'zod';

/** Public id of a stream: 16 lower-case letters and digits, also its playback id. SRS's `[stream]` is this id. */
export const StreamId = z.string().regex(/^[a-z0-9]{16}$/, 'use 16 of a-z, 0-9');
export type StreamId = z.infer<typeof StreamId>;

/**
 * Secret of a publisher: `sk_` and 32 of RFC 4648 base32 in lower case (160 bits). No character SRS's query parser
 * splits on.
 */
export const StreamKey = z.string().regex(/^sk_[a-z2-7]{32}$/, 'use sk_ and 32 of a-z, 2-7');
export type StreamKey = z.infer<typeof StreamKey>;

/** One admitted publish: `<ordinal>-<random>`; the ordinal counts up per stream, from 1. */
export const SessionId = z.string().regex(/^[1-9][0-9]{0,8}-[a-z0-9]{8}$/, "use '<ordinal>-<8 of a-z, 0-9>'");
export type SessionId = z.infer<typeof SessionId>;

/** The sessions that follow each other within the reconnect window: `b<ordinal of its first session>-<random>`. */
export const BroadcastId = z.string().regex(/^b[1-9][0-9]{0,8}-[a-z0-9]{8}$/, "use 'b<ordinal>-<8 of a-z, 0-9>'");
export type BroadcastId = z.infer<typeof BroadcastId>;

/** One quality; `source` is what the encoder sent. */
export const Rendition = z.string().regex(/^[a-z0-9]{1,16}$/, 'use 1-16 of a-z, 0-9');
export type Rendition = z.infer<typeof Rendition>;

/** The playback policy, fixed when the stream is created. */
export const Policy = z.enum(['open', 'gated']);
export type Policy = z.infer<typeof Policy>;

/** One SRS VM. Its instance name in the cloud: SRS's `server_id`. */
export const NodeId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "use 1-63 of a-z, 0-9, '-'");
export type NodeId = z.infer<typeof NodeId>;

/** The environments: a stack and a project each. Their values stand in `infra/config/environments`. */
export const EnvironmentName = z.enum(['dev', 'staging', 'prod']);

/** The one SRS application publishers may use. */
export const LIVE_APP = 'live';

/** The one rendition an encoder sends. */
export const SOURCE_RENDITION = 'source';

/** The rendition of sound that every picture of a stream in CMAF uses. */
export const SOUND_RENDITION = 'audio';
