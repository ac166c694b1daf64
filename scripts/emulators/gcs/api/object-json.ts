import { z } from 'zod';
import type { ObjectHeaders } from '../objects';
import { invalid } from './storage-error';

/**
 * Google's limit for all custom keys and values of an object together. https://cloud.google.com/storage/quotas#objects
 */
const METADATA_LIMIT_BYTES = 8192;
const NAME_LIMIT_BYTES = 1024;

const text = z.string().max(1024);
const fields = {
  contentType: text,
  cacheControl: text,
  contentEncoding: text,
  contentDisposition: text,
  contentLanguage: text,
  customTime: z.iso.datetime({ offset: true }).transform((value) => Date.parse(value)),
};

/** The metadata of an upload; output-only fields are ignored, as Cloud Storage does. */
export const InsertJson = z
  .object({
    ...fields,
    name: z.string(),
    metadata: z.record(z.string(), z.string()),
    md5Hash: z.string(),
    crc32c: z.string(),
  })
  .partial();
export type InsertJson = z.infer<typeof InsertJson>;

const { contentType, cacheControl, contentEncoding, contentDisposition, contentLanguage, customTime } = fields;
/** A patch: null clears a field, or one key of the custom metadata. */
export const PatchJson = z
  .object({
    contentType: contentType.nullable(),
    cacheControl: cacheControl.nullable(),
    contentEncoding: contentEncoding.nullable(),
    contentDisposition: contentDisposition.nullable(),
    contentLanguage: contentLanguage.nullable(),
    customTime: customTime.nullable(),
    metadata: z.record(z.string(), z.string().nullable()).nullable(),
  })
  .partial();
export type PatchJson = z.infer<typeof PatchJson>;

export const ComposeJson = z.object({
  destination: InsertJson.optional(),
  sourceObjects: z
    .array(z.object({ name: z.string(), generation: z.coerce.string().optional() }))
    .min(1)
    .max(32),
});

/** Parses JSON by `schema`, or throws 400 in Google's words. An empty body is an empty object. */
export function parseJson<T extends z.ZodType>(schema: T, body: Buffer): z.infer<T> {
  const result = schema.safeParse(body.length === 0 ? {} : parsed(body));
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw invalid(`Invalid value for: ${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'not understood'}`);
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw invalid('Parse Error');
  }
}

/** `fallbackType`: the content type of the part that carried the bytes. */
export function headersFrom(json: InsertJson, fallbackType?: string): ObjectHeaders {
  const { name: _name, md5Hash: _md5, crc32c: _crc, ...given } = json;
  return {
    ...present(given),
    contentType: json.contentType ?? fallbackType ?? 'application/octet-stream',
    metadata: json.metadata ?? {},
  };
}

/** Returns `headers` after `patch`. A custom time never goes back and is never removed. */
export function patched(headers: ObjectHeaders, patch: PatchJson): ObjectHeaders {
  const { metadata, customTime: newTime, ...rest } = patch;
  if (newTime === null || (newTime !== undefined && newTime < (headers.customTime ?? 0))) {
    throw invalid('Custom time cannot be removed or set to an earlier time.', 'customTime');
  }
  const merged = present({ ...headers, ...rest, ...(newTime === undefined ? {} : { customTime: newTime }) });
  return {
    ...merged,
    contentType: merged.contentType ?? 'application/octet-stream',
    metadata: patchedMetadata(headers.metadata, metadata),
  };
}

function patchedMetadata(metadata: ObjectHeaders['metadata'], patch: PatchJson['metadata']): Record<string, string> {
  if (patch === null) return {};
  const entries = Object.entries({ ...metadata, ...patch });
  return Object.fromEntries(entries.flatMap(([key, value]) => (value === null ? [] : [[key, value]])));
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], null | undefined> };
const isPresent = ([, value]: [string, unknown]): boolean => value !== null && value !== undefined;
function present<T extends object>(value: T): Present<T>;
function present(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(isPresent));
}

export function assertMetadataFits(headers: ObjectHeaders): void {
  const size = Object.entries(headers.metadata).reduce((sum, pair) => sum + Buffer.byteLength(pair.join('')), 0);
  if (size > METADATA_LIMIT_BYTES) {
    throw invalid(
      `The total size of the custom metadata is ${size} bytes; at most ${METADATA_LIMIT_BYTES} are allowed.`,
      'metadata',
    );
  }
}

/** https://cloud.google.com/storage/docs/objects#naming */
export function assertName(name: string): void {
  const size = Buffer.byteLength(name);
  const forbidden =
    name === '.' || name === '..' || /[\r\n]/.test(name) || name.startsWith('.well-known/acme-challenge/');
  if (size === 0 || size > NAME_LIMIT_BYTES || forbidden)
    throw invalid(`Invalid object name: '${name.slice(0, 80)}'.`, 'name');
}
