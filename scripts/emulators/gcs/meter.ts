export type Operation =
  | 'buckets.insert'
  | 'buckets.list'
  | 'buckets.get'
  | 'buckets.delete'
  | 'objects.insert'
  | 'objects.list'
  | 'objects.get'
  | 'objects.patch'
  | 'objects.rewrite'
  | 'objects.copy'
  | 'objects.compose'
  | 'objects.delete'
  | 'uploads.start'
  | 'uploads.cancel';

/** https://cloud.google.com/storage/pricing#operations-by-class */
const CLASS_OF: Readonly<Record<Operation, 'A' | 'B' | 'free'>> = {
  'buckets.insert': 'A',
  'buckets.list': 'A',
  'buckets.get': 'B',
  'buckets.delete': 'free',
  'objects.insert': 'A',
  'objects.list': 'A',
  'objects.get': 'B',
  'objects.patch': 'A',
  'objects.rewrite': 'A',
  'objects.copy': 'A',
  'objects.compose': 'A',
  'objects.delete': 'free',
  'uploads.start': 'free',
  'uploads.cancel': 'free',
};

export interface OperationCounts {
  readonly classA: number;
  readonly classB: number;
  /** Counts by bucket and operation. */
  readonly buckets: Readonly<Record<string, Readonly<Partial<Record<Operation, number>>>>>;
}

/** Counts the operations that Google would bill: those answered with less than 400. */
export class OperationMeter {
  readonly #counts = new Map<string, Map<Operation, number>>();

  count(operation: Operation, bucket: string): void {
    const counts = this.#counts.get(bucket) ?? new Map<Operation, number>();
    counts.set(operation, (counts.get(operation) ?? 0) + 1);
    this.#counts.set(bucket, counts);
  }

  counts(): OperationCounts {
    const all = [...this.#counts.values()].flatMap((counts) => [...counts]);
    const total = (wanted: 'A' | 'B') =>
      all.reduce((sum, [operation, count]) => (CLASS_OF[operation] === wanted ? sum + count : sum), 0);
    const buckets = [...this.#counts].map(([bucket, counts]) => [bucket, Object.fromEntries(counts)] as const);
    return { classA: total('A'), classB: total('B'), buckets: Object.fromEntries(buckets) };
  }
}
