import type { StorageFault } from '../../../emulators/gcs/faults';
import type { Fault } from '../fault';

const WRITES = ['objects.insert', 'objects.compose', 'objects.patch', 'uploads.start'] as const;

/** Makes a row of a fault of Cloud Storage. */
const storage = (
  name: string,
  does: string,
  fault: StorageFault,
  more: Partial<Pick<Fault, 'lastsSeconds' | 'isShort'>> = {},
): Fault => ({
  name,
  does,
  lastsSeconds: 6,
  isFelt: true,
  discontinuities: 0,
  ...more,
  strike: ({ controls }) => controls.store.faults.add(fault),
});

export const STORAGE: readonly Fault[] = [
  storage('storage-429', 'Cloud Storage answers every write with 429.', { operations: WRITES, status: 429 }),
  storage('storage-503', 'Cloud Storage answers everything with 503.', { status: 503 }, { isShort: true }),
  storage('storage-500-writes', 'Cloud Storage answers every write with 500.', { operations: WRITES, status: 500 }),
  storage('storage-slow', 'Each write takes Cloud Storage 1.5 s.', { operations: WRITES, delayMs: 1500 }),
  storage('storage-hangs', 'Cloud Storage answers no write for 20 s.', { operations: WRITES, delayMs: 20_000 }),
  storage('storage-resets', 'Cloud Storage breaks each connection before it does anything.', { reset: true }),
  storage('storage-loses-answers', 'Cloud Storage carries each write out and breaks the connection.', {
    operations: WRITES,
    loseAnswer: true,
  }),
  storage('storage-half-answers', 'Reads end in the middle of their body.', {
    operations: ['objects.get'],
    halfAnswer: true,
  }),
];
