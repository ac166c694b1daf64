import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { LineSink } from '../process/child-process';

/**
 * Writes the unedited output of a run to files of a folder: `<part>.log` for each part, and `requests.log`, every URL
 * of a request at the edge.
 */
export class Recorder {
  private readonly files = new Map<string, WriteStream>();

  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true });
  }

  readonly line: LineSink = (part, line) => void this.file(`${part}.log`).write(`${line}\n`);

  readonly request = (method: string, url: string): void => void this.file('requests.log').write(`${method} ${url}\n`);

  /** Resolves when everything is in the files; later lines are dropped. */
  async close(): Promise<void> {
    await Promise.all([...this.files.values()].map((file) => finished(file.end())));
  }

  private file(name: string): WriteStream {
    const open = this.files.get(name) ?? createWriteStream(join(this.folder, name));
    this.files.set(name, open);
    return open;
  }
}
