import { memoryApiKeyStore } from '../../../functions/adapters/memory/api-key-store';
import { memoryGrantStore } from '../../../functions/adapters/memory/grant-store';
import { memoryIdempotencyStore } from '../../../functions/adapters/memory/idempotency-store';
import { apiKeyStoreSuite } from '../../suites/api-key-store';
import { grantStoreSuite } from '../../suites/grant-store';
import { idempotencyStoreSuite } from '../../suites/idempotency-store';

apiKeyStoreSuite('memory', memoryApiKeyStore);
grantStoreSuite('memory', memoryGrantStore);
idempotencyStoreSuite('memory', memoryIdempotencyStore);
