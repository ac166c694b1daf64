import { relativeSegments } from '../names';
import { FirestoreError } from '../wire/firestore-error';
import type { DocumentFields, Value } from '../wire/messages';

/** https://cloud.google.com/firestore/quotas#limits */
const MAX_DOCUMENT_BYTES = 1_048_576;
const MAX_DEPTH = 20;

/** Refuses a document that is too large for Firestore. Sizes: https://cloud.google.com/firestore/docs/storage-size */
export function checkDocument(name: string, fields: DocumentFields): void {
  const bytes = nameBytes(name) + fieldBytes(fields, 1) + 32;
  if (bytes <= MAX_DOCUMENT_BYTES) return;
  throw new FirestoreError(
    'INVALID_ARGUMENT',
    `Document '${name}' cannot be written because its size (${bytes} bytes) exceeds the maximum allowed size of ` +
      `${MAX_DOCUMENT_BYTES} bytes.`,
  );
}

const textBytes = (text: string): number => Buffer.byteLength(text) + 1;
const nameBytes = (name: string): number => relativeSegments(name).reduce((sum, id) => sum + textBytes(id), 16);

function fieldBytes(fields: DocumentFields, depth: number): number {
  if (depth > MAX_DEPTH)
    throw new FirestoreError('INVALID_ARGUMENT', `Maps and arrays nest at most ${MAX_DEPTH} deep.`);
  let bytes = 0;
  for (const [key, value] of Object.entries(fields)) bytes += textBytes(key) + valueBytes(value, depth);
  return bytes;
}

function valueBytes(value: Value, depth: number): number {
  if ('stringValue' in value) return textBytes(value.stringValue);
  if ('bytesValue' in value) return value.bytesValue.length;
  if ('referenceValue' in value) return nameBytes(value.referenceValue);
  if ('mapValue' in value) return fieldBytes(value.mapValue.fields ?? {}, depth + 1);
  if ('arrayValue' in value)
    return (value.arrayValue.values ?? []).reduce((sum, item) => sum + elementBytes(item, depth + 1), 0);
  if ('geoPointValue' in value) return 16;
  return 'nullValue' in value || 'booleanValue' in value ? 1 : 8;
}

function elementBytes(value: Value, depth: number): number {
  if ('arrayValue' in value)
    throw new FirestoreError('INVALID_ARGUMENT', 'Cannot convert an array value in an array value.');
  return valueBytes(value, depth);
}
