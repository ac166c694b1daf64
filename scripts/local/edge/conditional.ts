import type { IncomingHttpHeaders } from 'node:http';

/**
 * The part of an object in an answer: all, none because the client has it, one range, or a range that does not exist.
 */
export type Selection =
  | { readonly kind: 'whole' }
  | { readonly kind: 'not-modified' }
  | { readonly kind: 'range'; readonly first: number; readonly last: number }
  | { readonly kind: 'unsatisfiable' };

export interface Validators {
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
}

const weak = (tag: string): string => tag.trim().replace(/^W\//, '');

/** RFC 9110 13.1.2 and 13.1.3: If-Modified-Since counts only without If-None-Match. */
function isNotModified(headers: IncomingHttpHeaders, { etag, lastModified }: Validators): boolean {
  const tags = headers['if-none-match'];
  if (tags !== undefined)
    return tags.trim() === '*' || (etag !== undefined && tags.split(',').some((tag) => weak(tag) === weak(etag)));
  const since = headers['if-modified-since'];
  return since !== undefined && lastModified !== undefined && Date.parse(lastModified) <= Date.parse(since);
}

/** RFC 9110 14.2; several ranges at once are answered with the whole object, which the clause allows. */
function selectRange(range: string | undefined, size: number): Selection {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(range ?? '') ?? [];
  if (from === '' && to === '') return { kind: 'whole' };
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (from !== '' && to !== '' && Number(to) < first) return { kind: 'whole' };
  return first >= size || first > last ? { kind: 'unsatisfiable' } : { kind: 'range', first, last };
}

/** If-Range (RFC 9110 13.1.5): a range of another version is no use, so the whole object is sent. */
const isSameVersion = (condition: string | undefined, { etag, lastModified }: Validators): boolean =>
  condition === undefined || condition === etag || condition === lastModified;

/** Returns the part of an object of `size` bytes that answers a GET or HEAD with these headers. */
export function select(headers: IncomingHttpHeaders, validators: Validators, size: number): Selection {
  if (isNotModified(headers, validators)) return { kind: 'not-modified' };
  const condition = headers['if-range'];
  const asked = isSameVersion(typeof condition === 'string' ? condition : undefined, validators)
    ? headers.range
    : undefined;
  return selectRange(asked, size);
}
