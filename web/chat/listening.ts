/** The part of a document that tells whether anybody can see it. */
export type Sight = Pick<Document, 'hidden' | 'addEventListener' | 'removeEventListener'>;

/** A comment comes every 15 s: without anything for longer than this, the connection is dead. */
const SILENCE_MS = 45_000;
/**
 * A page that nobody sees gives its connection up after this time: by HTTP/1.1 a browser has six to a host, so that a
 * seventh tab would wait for good.
 */
const HIDDEN_MS = 60_000;

/** The limits of one connection: it ends with the page, after too long a silence, and where nobody sees the page. */
export class Listening {
  private readonly controller = new AbortController();
  private silence: ReturnType<typeof setTimeout> | undefined;
  private hiding: ReturnType<typeof setTimeout> | undefined;
  private readonly abort = () => this.controller.abort();
  private readonly look = () => {
    clearTimeout(this.hiding);
    if (this.sight.hidden) this.hiding = setTimeout(this.abort, HIDDEN_MS);
  };

  constructor(
    private readonly leaving: AbortSignal,
    private readonly sight: Sight,
  ) {
    leaving.addEventListener('abort', this.abort);
    sight.addEventListener('visibilitychange', this.look);
    this.heard();
    this.look();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  heard(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(this.abort, SILENCE_MS);
  }

  end(): void {
    clearTimeout(this.silence);
    clearTimeout(this.hiding);
    this.leaving.removeEventListener('abort', this.abort);
    this.sight.removeEventListener('visibilitychange', this.look);
  }
}

/** Resolves once somebody can see the page, or it is left. */
export async function seen(sight: Sight, leaving: AbortSignal): Promise<void> {
  if (!sight.hidden || leaving.aborted) return;
  await new Promise<void>((resolve) => {
    const end = () => {
      if (sight.hidden && !leaving.aborted) return;
      sight.removeEventListener('visibilitychange', end);
      leaving.removeEventListener('abort', end);
      resolve();
    };
    sight.addEventListener('visibilitychange', end);
    leaving.addEventListener('abort', end);
  });
}
