import { z } from 'zod';
import type { Stream } from '../contract/state';
import { Policy, type StreamKey } from '../contract/words';
import { mintStreamKey } from '../core/keys';
import { sha256Hex } from '../core/signing/hash';
import type { ApiDeps } from './api-deps';

export const CreateStream = z.strictObject({
  title: z.string().trim().min(1).max(200),
  policy: Policy.default('open'),
  recording: z.boolean().default(true),
  reconnectWindowSeconds: z.int().min(0).max(1800).optional(),
  liveWindowSeconds: z.int().min(10).max(3600).default(30),
});
export type CreateStream = z.infer<typeof CreateStream>;

/** 36^16 ids: one that is taken means the random source is broken. */
const MAX_TRIES = 3;

/** A new stream and its key, which is kept nowhere. */
export async function createStream(wanted: CreateStream, deps: ApiDeps): Promise<{ stream: Stream; key: StreamKey }> {
  const key = mintStreamKey(deps.randomId);
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const stream = newStream(wanted, sha256Hex(key), deps);
    if (await deps.registry.createStream(stream)) return { stream, key };
  }
  throw new Error(`no free stream id in ${MAX_TRIES} tries`);
}

const newStream = (wanted: CreateStream, keyHash: string, { randomId, clock, reconnectWindowSeconds }: ApiDeps): Stream => ({
  ...wanted,
  id: randomId(16),
  reconnectWindowSeconds: wanted.reconnectWindowSeconds ?? reconnectWindowSeconds,
  keyHash,
  createdAt: clock.now(),
  ordinal: 0,
  unfinished: [],
  takeovers: [],
});
