import { z } from 'zod';
import { DomainError } from '../../core/errors';

type CursorPosition = readonly (string | number)[];

/** Encodes where a page ended, opaque to the client: it outlives what it names. */
export const encodeCursor = (place: CursorPosition): string => Buffer.from(JSON.stringify(place)).toString('base64url');

/** The place; `undefined` for a first page, DomainError `bad_request` for what is none of ours. */
export function decodeCursor<T>(cursor: string | undefined, place: z.ZodType<T>): T | undefined {
  if (cursor === undefined) return undefined;
  try {
    return place.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch (cause) {
    throw new DomainError('bad_request', "cursor: use 'nextCursor' of the previous page", { cause });
  }
}

/** Milliseconds since the epoch that a clock can show. */
const time = z.int().min(0).max(8_640_000_000_000_000);
/** Returns the time when something began, and its id. */
export const cursorPositionOf = <Id extends z.ZodType<string>>(id: Id) => z.tuple([time, id]);

/**
 * A page of at most `limit` of what was found, for which one more than `limit` was asked, and the cursor of the next
 * page if there is one. `positionOf` names where the page ends.
 */
export function pageOf<T>(found: readonly T[], limit: number, positionOf: (last: T) => CursorPosition) {
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const hasMore = found.length > limit && last !== undefined;
  return { page, more: hasMore ? { nextCursor: encodeCursor(positionOf(last)) } : {} };
}
