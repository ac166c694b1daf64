import type { Changes, DocumentView, StoredDocument } from './database';
import { checkDocumentName, databaseOf } from './names';
import { parseFieldPath, valueAt, withValueAt } from './query/field-path';
import { checkDocument } from './values/document-size';
import { fromTimestamp, type Micros, toTimestamp } from './values/time';
import { transformed } from './values/transforms';
import { identicalFields } from './values/values';
import { FirestoreError } from './wire/firestore-error';
import type { DocumentFields, FieldTransform, Precondition, Value, WireWriteResult, Write } from './wire/messages';

/**
 * Returns the result of `writes`, in their order, each seeing those before it; throws if one of them is not allowed.
 */
export function stageWrites(
  view: DocumentView,
  writes: readonly Write[],
  commit: { database: string; time: Micros },
): { changes: Changes; results: WireWriteResult[] } {
  const changes = new Map<string, StoredDocument | undefined>();
  const results = writes.map((write) => {
    const name = nameOf(write);
    checkDocumentName(name);
    if (databaseOf(name) !== commit.database)
      throw new FirestoreError('INVALID_ARGUMENT', `Document name "${name}" is not in database "${commit.database}".`);
    const before = changes.has(name) ? changes.get(name) : view.get(name);
    checkPrecondition(name, before, write.currentDocument);
    const { after, transformResults } = outcome(before, name, write, commit.time);
    if (after !== before) changes.set(name, after);
    return { updateTime: toTimestamp(after?.updateTime ?? commit.time), transformResults };
  });
  return { changes, results };
}

function nameOf({ update, delete: deleted, transform }: Write): string {
  return update?.name ?? deleted ?? transform?.document ?? '';
}

function checkPrecondition(
  name: string,
  before: StoredDocument | undefined,
  { exists, updateTime }: Precondition = {},
): void {
  if (exists === false && before) throw new FirestoreError('ALREADY_EXISTS', `Document already exists: ${name}`);
  if ((exists || updateTime) && !before) throw new FirestoreError('NOT_FOUND', `No document to update: ${name}`);
  if (updateTime && before?.updateTime !== fromTimestamp(updateTime))
    throw new FirestoreError(
      'FAILED_PRECONDITION',
      `the stored version of ${name} does not match the required base version`,
    );
}

interface WriteOutcome {
  after: StoredDocument | undefined;
  transformResults: Value[];
}

/** A write that changes nothing keeps the update time, as the service does. */
function outcome(before: StoredDocument | undefined, name: string, write: Write, time: Micros): WriteOutcome {
  if (write.delete !== undefined) return { after: undefined, transformResults: [] };
  const base = written(before?.fields ?? {}, write);
  const transforms = [...(write.updateTransforms ?? []), ...(write.transform?.fieldTransforms ?? [])];
  const { fields, transformResults } = transformAll(base, transforms, time);
  if (before && identicalFields(before.fields, fields)) return { after: before, transformResults };
  checkDocument(name, fields);
  return { after: { name, fields, createTime: before?.createTime ?? time, updateTime: time }, transformResults };
}

/**
 * Applies one write: without a mask the document is replaced; with one only its paths are, and those absent from the
 * update are removed.
 */
function written(current: DocumentFields, { update, updateMask }: Write): DocumentFields {
  if (update === undefined) return current;
  const fields = update.fields ?? {};
  if (updateMask === undefined) return fields;
  return updateMask.fieldPaths
    .map(parseFieldPath)
    .reduce((merged, path) => withValueAt(merged, path, valueAt(fields, path)), current);
}

function transformAll(
  base: DocumentFields,
  transforms: readonly FieldTransform[],
  time: Micros,
): { fields: DocumentFields; transformResults: Value[] } {
  let fields = base;
  const transformResults = transforms.map((transform) => {
    const path = parseFieldPath(transform.fieldPath);
    const { value, result } = transformed(valueAt(fields, path), transform, time);
    fields = withValueAt(fields, path, value);
    return result;
  });
  return { fields, transformResults };
}
