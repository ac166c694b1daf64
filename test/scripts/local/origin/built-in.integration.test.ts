import { createOrigin, type OriginOptions } from '../../../../scripts/local/origin';
import { originSuite } from '../../../suites/origin';
import { originClockSuite } from '../../../suites/origin-clocks';

const open = (options: OriginOptions) => createOrigin({ ...options, docker: false });
originSuite('built-in', open, { flushesAtTerm: true, restartsNumbers: true });
originClockSuite('built-in', open);
