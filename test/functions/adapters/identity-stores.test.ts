import { memoryApiKeyStore } from '../../../functions/adapters/memory/api-key-store';
import { memoryGrantStore } from '../../../functions/adapters/memory/grant-store';
import { apiKeyStoreSuite } from '../../suites/api-key-store';
import { grantStoreSuite } from '../../suites/grant-store';

apiKeyStoreSuite('memory', memoryApiKeyStore);
grantStoreSuite('memory', memoryGrantStore);
