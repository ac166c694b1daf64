import { execFileSync } from 'node:child_process';
import { createOrigin, type OriginOptions } from '../../../../scripts/local/origin';
import { originSuite } from '../../../suites/origin';
import { originClockSuite } from '../../../suites/origin-clocks';
import { realPart } from '../../../support/platform/real-part';

const { SRS_BIN } = process.env;
const isFive =
  SRS_BIN !== undefined &&
  execFileSync(SRS_BIN, ['-v'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).startsWith('5.');

realPart('real SRS', SRS_BIN === undefined ? 'SRS_BIN not set' : undefined, () => {
  const open = (options: OriginOptions) =>
    createOrigin({ ...options, ...(SRS_BIN === undefined ? {} : { srsBin: SRS_BIN }) });
  originSuite(`SRS at ${SRS_BIN}`, open, { flushesAtTerm: !isFive, restartsNumbers: !isFive });
  originClockSuite(`SRS at ${SRS_BIN}`, open);
});
