import { memoryInvalidationStore } from '../../../../functions/adapters/memory/invalidation-store';
import { memoryMediaMover } from '../../../../functions/adapters/memory/media-mover';
import { memoryObjectStore } from '../../../../functions/adapters/memory/object-store';
import { cdnInvalidatorSuite } from '../../../suites/cdn-invalidator';
import { invalidationStoreSuite } from '../../../suites/invalidation-store';
import { mediaMoverSuite } from '../../../suites/media-mover';
import { FakeCdn } from '../../../support/fake-cdn';

invalidationStoreSuite('memory', memoryInvalidationStore);

mediaMoverSuite('memory', () => {
  const buckets = { open: memoryObjectStore(), gated: memoryObjectStore() };
  return { move: memoryMediaMover((policy) => buckets[policy]), bucketOf: (policy) => buckets[policy], prefix: '' };
});

cdnInvalidatorSuite('the fake', () => {
  const cdn = new FakeCdn();
  return {
    cdn,
    takes: (requests) => void Object.assign(cdn, { quota: requests }),
    minuteLater: () => void Object.assign(cdn, { quota: 500 }),
    forgotten: () => cdn.forgotten,
  };
});
