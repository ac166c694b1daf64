import { linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Throws one sentence when segments cannot be hard-linked from SRS's folder into the spool. */
export function assertSameMount(hlsRoot: string, spoolRoot: string): void {
  const from = join(hlsRoot, '.mount-check');
  const to = join(spoolRoot, '.mount-check');
  try {
    mkdirSync(hlsRoot, { recursive: true });
    mkdirSync(spoolRoot, { recursive: true });
    rmSync(to, { force: true });
    writeFileSync(from, '');
    linkSync(from, to);
  } catch (error) {
    throw new Error(
      `segments cannot be linked from ${hlsRoot} to ${spoolRoot}: use two folders of one mount that this user may ` +
        'write',
      {
        cause: error,
      },
    );
  } finally {
    rmSync(from, { force: true });
    rmSync(to, { force: true });
  }
}
