import type { DocumentData, Query, QueryDocumentSnapshot } from '@google-cloud/firestore';
import type { z } from 'zod';
import { jsonLog } from '../../log';
import { parse } from './stream-documents';

/** Documents that were told of: lists are read every few seconds. */
const MAX_NOTICED = 1000;
const noticed = new Set<string>();
const log = jsonLog();

/**
 * `document` by the contract; `undefined` for one that is not as it says. That is logged once: somebody has to mend it.
 */
export function parseIfReadable<T>(
  schema: z.ZodType<T>,
  document: { readonly ref: { readonly path: string }; data(): DocumentData | undefined },
): T | undefined {
  try {
    return parse(schema, document);
  } catch (error) {
    const { path } = document.ref;
    if (noticed.size >= MAX_NOTICED) noticed.clear();
    if (!noticed.has(path)) log.error('document_left_out', { path, error });
    noticed.add(path);
    return undefined;
  }
}

/** A whole list: a document that cannot be read is left out, because the others are other people's. */
export async function readAll<T>(schema: z.ZodType<T>, query: Query): Promise<T[]> {
  return readable(schema, (await query.get()).docs);
}

/** A page of a list: as many as `limit` while there are more, whatever has to be left out. */
export async function readPage<T>(schema: z.ZodType<T>, query: Query, limit: number): Promise<T[]> {
  const found: T[] = [];
  for (let from = query; ; ) {
    const { docs } = await from.limit(limit - found.length).get();
    const isLast = docs.length < limit - found.length;
    found.push(...readable(schema, docs));
    const last = docs.at(-1);
    if (isLast || last === undefined || found.length >= limit) return found;
    from = query.startAfter(last);
  }
}

const readable = <T>(schema: z.ZodType<T>, documents: readonly QueryDocumentSnapshot[]): T[] =>
  documents.flatMap((document) => {
    const parsed = parseIfReadable(schema, document);
    return parsed === undefined ? [] : [parsed];
  });
