import type { StreamId, StreamKey } from '../functions/contract/ids';

/**
 * The contract's forms of names, for pages that are loaded over slow networks: the contract's own schemas bring a
 * hundred times their size. `test/web/names.test.ts` holds both together.
 */
const STREAM_ID = /^[a-z0-9]{16}$/;
const STREAM_KEY = /^sk_[a-z2-7]{32}$/;

/** Returns a well-formed stream id; else `undefined`. */
export const readStreamId = (text: string | null | undefined): StreamId | undefined =>
  typeof text === 'string' && STREAM_ID.test(text) ? text : undefined;

/** Returns a well-formed stream key; else `undefined`. */
export const readStreamKey = (text: string | undefined): StreamKey | undefined =>
  text !== undefined && STREAM_KEY.test(text) ? text : undefined;

/** Returns the path of the index of a stream that is open, or gated. */
export const indexPathOf = (policy: 'open' | 'gated', streamId: StreamId): string =>
  `/${policy}/p/${streamId}/index.m3u8`;
