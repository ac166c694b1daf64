import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '../../../infra/config/load';
import { prepare } from '../../../scripts/local/command/prepare';

const SILENT = { note: () => undefined, detail: () => undefined };
let root: string;

/** A project whose build and synth are these programs. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'srs-live-prepare-'));
  for (const folder of ['functions', 'srs-image', 'infra', 'web', 'scripts/build'])
    mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, 'package-lock.json'), '{}');
  writeFileSync(join(root, 'scripts/build/build.mjs'), '');
});
afterEach(() => rmSync(root, { recursive: true }));

const synth = (program: string): void => writeFileSync(join(root, 'scripts/build/run.mjs'), program);

describe('the preparation of a command', () => {
  it('says every problem of the config, as synth itself does', async () => {
    const refused = new ConfigError(['dev.origin.surge: got 99; use 0 to 20', 'dev.regions: missing; use a region']);
    synth(`console.log('a line'); console.error(${JSON.stringify(refused.message)}); process.exitCode = 1;`);
    await expect(prepare(root, 'dev', SILENT)).rejects.toThrow(
      expect.objectContaining({ name: 'StartError', message: refused.message }),
    );
  });

  it('says the error of a program that fell over, without its trace', async () => {
    synth("throw new TypeError('no such thing')");
    await expect(prepare(root, 'dev', SILENT)).rejects.toThrow(
      /^synth failed \(exit code 1\): TypeError: no such thing$/,
    );
  });
});
