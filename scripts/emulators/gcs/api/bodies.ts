import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Bytes of one object: in memory, or in a file of the spill folder. */
export interface Body {
  readonly size: number;
  bytes: Buffer | undefined;
  file: string | undefined;
  freed: boolean;
  readers: number;
}

/**
 * Keeps bodies in memory up to `limitBytes`; beyond that the oldest go to files in a new folder below `spillFolder`
 * (the system's temp folder without one), which `close` removes. `put` waits for the move, so memory stays bounded.
 */
export class Bodies {
  readonly #inMemory = new Set<Body>();
  #memoryBytes = 0;
  #files = 0;
  #folder: string | undefined;
  #moving: Promise<void> = Promise.resolve();

  constructor(private readonly options: { limitBytes: number; spillFolder?: string }) {}

  get memoryBytes(): number {
    return this.#memoryBytes;
  }

  async put(bytes: Buffer): Promise<Body> {
    const body: Body = { size: bytes.length, bytes, file: undefined, freed: false, readers: 0 };
    this.#inMemory.add(body);
    this.#memoryBytes += body.size;
    if (this.#memoryBytes > this.options.limitBytes) await this.#moved(body);
    return body;
  }

  /** Waits for its turn to make room; if that fails, `body` is dropped. */
  async #moved(body: Body): Promise<void> {
    const move = this.#moving.then(() => this.#makeRoom());
    this.#moving = move.catch(() => undefined);
    try {
      await move;
    } catch (error) {
      this.free(body);
      throw error;
    }
  }

  /** Returns the bytes at the time of the call, also if the body is freed meanwhile. */
  async read(body: Body): Promise<Buffer> {
    if (body.bytes !== undefined) return body.bytes;
    if (body.file === undefined) throw new Error('a freed body was read');
    body.readers += 1;
    try {
      return await readFile(body.file);
    } finally {
      body.readers -= 1;
      await removeIfUnused(body);
    }
  }

  free(body: Body): void {
    body.freed = true;
    if (this.#inMemory.delete(body)) this.#memoryBytes -= body.size;
    if (body.file === undefined) body.bytes = undefined;
    else this.#moving = this.#moving.then(() => removeIfUnused(body));
  }

  async close(): Promise<void> {
    await this.#moving;
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
    this.#folder = undefined;
  }

  async #makeRoom(): Promise<void> {
    for (const body of this.#inMemory) {
      if (this.#memoryBytes <= this.options.limitBytes) return;
      await this.#spill(body);
    }
  }

  async #makeFolder(): Promise<string> {
    const { spillFolder = tmpdir() } = this.options;
    await mkdir(spillFolder, { recursive: true });
    return mkdtemp(join(spillFolder, 'object-store-'));
  }

  async #spill(body: Body): Promise<void> {
    if (body.bytes === undefined) return;
    this.#folder ??= await this.#makeFolder();
    this.#files += 1;
    const file = join(this.#folder, `${this.#files}`);
    await writeFile(file, body.bytes);
    body.file = file;
    body.bytes = undefined;
    if (this.#inMemory.delete(body)) this.#memoryBytes -= body.size;
    await removeIfUnused(body);
  }
}

async function removeIfUnused(body: Body): Promise<void> {
  if (body.freed && body.readers === 0 && body.file !== undefined) await rm(body.file, { force: true });
}
