import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { realPart } from '../../support/platform/real-part';

/** The path to which `scripts/test` unpacks it. */
const HADOLINT = '.local/hadolint/hadolint';
const FOLDER = 'srs-image/image';
const dockerfiles = readdirSync(FOLDER).filter((name) => name.endsWith('.Dockerfile'));

const lint = (text: string) => spawnSync(HADOLINT, ['--no-color', '-'], { input: text, encoding: 'utf8' });

realPart('hadolint', existsSync(HADOLINT) ? undefined : 'not unpacked; scripts/test does so', () => {
  it.each(dockerfiles)('finds nothing to say of %s', (name) => {
    expect(lint(readFileSync(join(FOLDER, name), 'utf8'))).toMatchObject({ status: 0, stdout: '', stderr: '' });
  });

  it.each([
    ['a base without a version', 'FROM debian\nUSER 1:1\n', 'DL3006'],
    ['a command that is not there', 'FROM debian:12\nINSTALL curl\n', 'unexpected'],
    ['what a shell makes of a line', 'FROM debian:12\nRUN cp $HOME/a b\nUSER 1:1\n', 'SC2086'],
  ])('notices %s', (_what, text, rule) => {
    const { status, stdout, stderr } = lint(text);
    expect([status, `${stdout}${stderr}`]).toEqual([1, expect.stringContaining(rule)]);
  });
});
