import { z } from 'zod';
import type { Stream } from '../contract/state';
import { StreamId } from '../contract/words';
import type { Registry } from '../core/ports';

type Place = Pick<Stream, 'id' | 'createdAt'>;

const CURSOR = /^([0-9]{1,15})\.([a-z0-9]{16})$/;

/** Where a page ended, opaque to the client: it outlives the stream it names. */
const encodeCursor = ({ id, createdAt }: Place): string => Buffer.from(`${createdAt}.${id}`).toString('base64url');

const Cursor = z.string().transform((text, context): Place => {
  const [, createdAt, id] = CURSOR.exec(Buffer.from(text, 'base64url').toString()) ?? [];
  const parsed = StreamId.safeParse(id);
  if (parsed.success) return { createdAt: Number(createdAt), id: parsed.data };
  context.addIssue({ code: 'custom', message: "use 'nextCursor' of the page before" });
  return z.NEVER;
});

export const ListQuery = z.strictObject({
  limit: z
    .string()
    .regex(/^([1-9][0-9]?|100)$/, 'use 1-100')
    .default('50')
    .transform(Number),
  cursor: Cursor.optional(),
});
type ListQuery = z.infer<typeof ListQuery>;

/** A page of streams, newest first; without `nextCursor` it is the last one. */
export async function listPage(
  registry: Registry,
  { limit, cursor }: ListQuery,
): Promise<{ streams: Stream[]; nextCursor?: string }> {
  const found = await registry.listStreams({ limit: limit + 1, ...(cursor && { after: cursor }) });
  const streams = found.slice(0, limit);
  const last = streams.at(-1);
  return found.length > limit && last !== undefined ? { streams, nextCursor: encodeCursor(last) } : { streams };
}
