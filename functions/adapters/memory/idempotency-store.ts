import { IdempotencyRecord } from '../../contract/state';
import type { IdempotencyStore, Version } from '../../ports/idempotency';
import { readable } from '../readable';

/** Records of this process; expired ones stay. */
export function memoryIdempotencyStore(): IdempotencyStore {
  const records = new Map<string, { record: IdempotencyRecord; version: Version }>();
  let writes = 0;
  const write = (record: IdempotencyRecord): Version => {
    writes += 1;
    records.set(record.id, {
      record: structuredClone(readable(IdempotencyRecord, record, `idempotency/${record.id}`)),
      version: `${writes}`,
    });
    return `${writes}`;
  };
  return {
    create: async (record) => (records.has(record.id) ? undefined : write(record)),
    get: async (id) => structuredClone(records.get(id)),
    replace: async (record, version) => (records.get(record.id)?.version === version ? write(record) : undefined),
    async remove(id, version) {
      if (records.get(id)?.version === version) records.delete(id);
    },
  };
}
