import { execFileSync } from 'node:child_process';
import { createOrigin } from '../../../../scripts/local/origin';
import { originSuite } from '../../../suites/origin';
import { realPart } from '../../../support/real-part';

const { SRS_BIN } = process.env;
const isFive =
  SRS_BIN !== undefined &&
  execFileSync(SRS_BIN, ['-v'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).startsWith('5.');

realPart('real SRS', SRS_BIN === undefined ? 'SRS_BIN not set' : undefined, () => {
  originSuite(
    `SRS at ${SRS_BIN}`,
    (options) => createOrigin({ ...options, ...(SRS_BIN === undefined ? {} : { srsBin: SRS_BIN }) }),
    {
      flushesAtTerm: !isFive,
      restartsNumbers: !isFive,
    },
  );
});
