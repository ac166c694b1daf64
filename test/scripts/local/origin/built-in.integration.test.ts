import { createOrigin } from '../../../../scripts/local/origin';
import { originSuite } from '../../../suites/origin';

originSuite('built-in', (options) => createOrigin({ ...options, docker: false }), { flushesAtTerm: true, restartsNumbers: true });
