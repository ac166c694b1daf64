import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepare } from '../../local/command/prepare';
import { CliError } from '../google/cli-error';
import { parseCommandLine, runCommand } from '../google/command';
import { UnexplainedAccess } from './access';
import { API_DOCUMENT, apiDocument } from './api-document';
import { UndescribedField } from './configuration';
import { documents, FOLDER } from './documents';
import { UnexplainedPort } from './ports';

const USAGE = `usage: npm run docs

Writes ${FOLDER} again from the schema of the configuration and the synthesised stacks, and ${API_DOCUMENT} from the
API's routes. Works offline.`;

const ROOT = join(__dirname, '../../..');
const screen = { note: (line: string) => void process.stderr.write(`${line}\n`), detail: () => undefined };

/** Writes the documents. An error that an author of infra can correct is a message of its own. */
function write(): void {
  try {
    const read = (stack: string): unknown =>
      JSON.parse(readFileSync(join(ROOT, 'cdktf.out/stacks', stack, 'cdk.tf.json'), 'utf8'));
    mkdirSync(join(ROOT, FOLDER), { recursive: true });
    for (const [file, text] of Object.entries(documents(read))) writeFileSync(join(ROOT, FOLDER, file), text);
  } catch (error) {
    if (error instanceof UnexplainedAccess || error instanceof UnexplainedPort || error instanceof UndescribedField)
      throw new CliError(error.message);
    throw error;
  }
}

runCommand(async () => {
  const options = { help: { type: 'boolean', short: 'h' } } as const;
  const { values } = parseCommandLine({ args: process.argv.slice(2), options }, USAGE);
  if ('help' in values) process.stdout.write(`${USAGE}\n`);
  else {
    await prepare(ROOT, 'prod', screen);
    write();
    writeFileSync(join(ROOT, API_DOCUMENT), await apiDocument());
    process.stdout.write(`${FOLDER} and ${API_DOCUMENT} are written\n`);
  }
  return 0;
});
