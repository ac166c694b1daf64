import { memoryRegistry } from '../../../functions/adapters/memory/registry';
import { registrySuite } from '../../suites/registry';

registrySuite('memory', memoryRegistry);
