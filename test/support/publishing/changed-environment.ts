import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildHere } from '../../../scripts/tools/faults/rig';

const ROOT = join(__dirname, '../../..');
const STACK = 'cdktf.out/stacks/dev';
const FILE = `${STACK}/cdk.tf.json`;

/**
 * A folder like this repository's whose `dev` differs in the value of one environment variable, wherever it stands:
 * `root` of a platform. `remove` deletes the folder. Throws when no function has the variable.
 */
export async function changedEnvironment(variable: string, value: object): Promise<{ root: string; remove(): void }> {
  await buildHere();
  const root = mkdtempSync(join(tmpdir(), 'srs-live-changed-'));
  for (const name of readdirSync(ROOT)) if (name !== 'cdktf.out') symlinkSync(join(ROOT, name), join(root, name));
  mkdirSync(join(root, STACK), { recursive: true });
  let found = 0;
  const changed = JSON.parse(readFileSync(join(ROOT, FILE), 'utf8'), (key, was: unknown) => {
    if (key !== variable) return was;
    found += 1;
    return JSON.stringify(value);
  });
  if (found === 0) throw new Error(`${FILE} has no ${variable}`);
  writeFileSync(join(root, FILE), JSON.stringify(changed));
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
}
