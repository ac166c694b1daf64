import { memoryStreamStore } from '../../../functions/adapters/memory/stream-store';
import { registrySuite } from '../../suites/registry';

registrySuite('memory', memoryStreamStore);
