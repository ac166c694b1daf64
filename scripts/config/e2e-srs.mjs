// `npm run e2e:srs`: the whole platform on a real SRS. `SRS_BIN` names its program.
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';

const { SRS_BIN } = process.env;

function why() {
  if (SRS_BIN === undefined || SRS_BIN === '') return 'it is not set';
  try {
    accessSync(SRS_BIN, constants.X_OK);
    return undefined;
  } catch {
    return `'${SRS_BIN}' is no program`;
  }
}

const problem = why();
if (problem !== undefined) {
  console.error(`SRS_BIN: ${problem}. Name the program of an SRS 5 or 6: SRS_BIN=/path/to/objs/srs npm run e2e:srs`);
  process.exit(1);
}
const jest = spawn(
  'npx',
  ['--no-install', 'jest', '--selectProjects', 'srs', '--runInBand', ...process.argv.slice(2)],
  {
    stdio: 'inherit',
  },
);
jest.once('exit', (code) => process.exit(code ?? 1));
