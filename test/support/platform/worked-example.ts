import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';
import type { SmokeTarget } from '../../../scripts/tools/smoke/target';

/** The shell blocks of a section of a Markdown page, in their order. */
export function shellBlocks(file: string, heading: string): string[] {
  const [, section] = readFileSync(file, 'utf8').split(`\n## ${heading}\n`);
  if (section === undefined) throw new Error(`${file} has no section '${heading}'`);
  const text = section.split('\n## ')[0] ?? '';
  return [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block);
}

/** A shell somebody types the commands of a page into: the folder stays, so do the definitions. */
export class Terminal {
  private readonly folder = mkdtempSync(join(tmpdir(), 'srs-live-example-'));

  /** `definitions`: a block that sets `API` and `ADMIN_KEY`, which here are those of `target`. */
  constructor(
    private readonly definitions: string,
    private readonly target: SmokeTarget,
  ) {
    symlinkSync(ffmpegPath, join(this.folder, 'ffmpeg'));
  }

  /** Runs the block to its end; what it printed. Rejects when a command fails. */
  async run(block: string): Promise<string> {
    const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', this.script(block)], this.options);
    return stdout.trim();
  }

  /** Returns the block's last argument as bash reads it: the program that would be run. */
  argumentOf(block: string, program: string): Promise<string> {
    if (!block.startsWith(`${program} `)) throw new Error(`'${block.trim()}' does not start ${program}`);
    return this.run(block.replace(program, 'echo'));
  }

  read(file: string): string {
    return readFileSync(join(this.folder, file), 'utf8');
  }

  script(block: string): string {
    const [first = '', ...rest] = this.definitions.split('\n');
    if (!/^API=\S+ ADMIN_KEY=\S+$/.test(first)) throw new Error(`'${first}' does not set API and ADMIN_KEY`);
    return [`API=${this.target.api} ADMIN_KEY=${this.target.adminKey}`, ...rest, block].join('\n');
  }

  get options() {
    return {
      cwd: this.folder,
      env: { ...process.env, PATH: `${this.folder}:${process.env.PATH ?? ''}` },
      timeout: 60_000,
    };
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
