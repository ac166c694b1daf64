import { compareUtf8 } from './query/text-order';
import { FirestoreError } from './wire/firestore-error';

/**
 * Resource names. A document: `projects/p/databases/d/documents/<collection>/<id>[/<collection>/<id>...]`; the root
 * that holds collections ends at `documents`.
 */
const ROOT = /^(projects\/[^/]+\/databases\/[^/]+)\/documents(?:\/(.+))?$/;
const MAX_ID_BYTES = 1500;

/** Returns `projects/p/databases/d` of a document, a root or a database itself. */
export function databaseOf(name: string): string {
  const database = /^projects\/[^/]+\/databases\/[^/]+/.exec(name)?.[0];
  if (database === undefined) throw invalid(name, 'use projects/<project>/databases/<database>[/documents/...]');
  return database;
}

/** Refuses a text that is no document's name, with the rules of https://cloud.google.com/firestore/quotas#limits */
export function checkDocumentName(name: string): void {
  const segments = relativeSegments(name);
  if (segments.length === 0 || segments.length % 2 !== 0)
    throw invalid(name, 'a document has an even number of segments');
  for (const id of segments) {
    if (id === '' || id === '.' || id === '..') throw invalid(name, "an id is not empty, '.' or '..'");
    if (/^__.*__$/.test(id)) throw invalid(name, `the id "${id}" is reserved`);
    if (Buffer.byteLength(id) > MAX_ID_BYTES) throw invalid(name, `an id has at most ${MAX_ID_BYTES} bytes`);
  }
}

/** Refuses a name that can hold no collection: neither a database's root nor a document. */
export function checkParent(name: string): void {
  if (relativeSegments(name).length % 2 !== 0) throw invalid(name, 'a parent is .../documents or a document');
}

/** Returns the segments after `documents`. */
export function relativeSegments(name: string): string[] {
  const match = ROOT.exec(name);
  if (match === null) throw invalid(name, 'use projects/<project>/databases/<database>/documents/...');
  return match[2]?.split('/') ?? [];
}

/** Returns everything before the last segment: a document's collection, a collection's parent. */
export const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));
export const lastSegmentOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Compares names in Firestore's order: segment by segment, each by its UTF-8 bytes. */
export function compareNames(a: string, b: string): number {
  const left = a.split('/');
  const right = b.split('/');
  for (const [index, segment] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    if (segment !== other) return compareIds(segment, other);
  }
  return left.length - right.length;
}

/** Numeric ids, which clients send as bounds only, come before all others. */
const NUMERIC_ID = /^__id(-?\d+)__$/;

function compareIds(a: string, b: string): number {
  const left = NUMERIC_ID.exec(a)?.[1];
  const right = NUMERIC_ID.exec(b)?.[1];
  if (left === undefined && right === undefined) return compareUtf8(a, b);
  if (left === undefined || right === undefined) return left === undefined ? 1 : -1;
  return BigInt(left) < BigInt(right) ? -1 : Number(BigInt(left) > BigInt(right));
}

const invalid = (name: string, rule: string): FirestoreError =>
  new FirestoreError('INVALID_ARGUMENT', `Document name "${name}" is not valid: ${rule}.`);
