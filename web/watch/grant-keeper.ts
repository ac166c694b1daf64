import * as z from 'zod/mini';
import type { WatchGrant } from '../stream-link';

/** The fields of a renewal that the page uses. */
const Renewed = z.object({
  renewAfterSeconds: z.number().check(z.nonnegative()),
  playToken: z.optional(z.string()),
  chatToken: z.optional(z.string()),
  playback: z.object({ native: z.url() }),
  queries: z.array(z.object({ pathPrefix: z.string(), query: z.string() })),
});
type Renewed = z.infer<typeof Renewed>;

export interface GrantKeeperOptions {
  readonly grant: WatchGrant;
  readonly send: (path: string, init: RequestInit) => Promise<Response>;
  readonly sleep: (ms: number) => Promise<void>;
  readonly signal: AbortSignal;
  /** Called when the grant is over, with the status of the answer: no renewal brings it back. */
  readonly onEnd: (status: number) => void;
}

/** The interval between two tries without an answer; a grant lives ten seconds at least. */
const RETRY_MS = 2000;
const MIN_MS = 1000;
/**
 * Statuses that end a grant: it is not valid, or not any more, or its stream is suspended. Any other status is tried
 * again.
 */
const FINAL = [400, 401, 403, 404, 409, 410];

/**
 * Renews a grant for as long as the page plays. Each answer sets its cookies; the queries are for pages that get none.
 */
export class GrantKeeper {
  private renewed: Renewed | undefined;

  constructor(private readonly options: GrantKeeperOptions) {}

  /** Renews at once, then again and again. Resolves at the first answer: false if the grant is not valid. */
  async start(): Promise<boolean> {
    const renewed = await this.renew();
    if (renewed !== undefined) void this.goOn(renewed);
    return renewed !== undefined;
  }

  /** Returns `url` with the present signature; unchanged when the grant has none for its path. */
  signed(url: string): string {
    const { pathname } = new URL(url, 'http://any');
    const found = this.renewed?.queries.find(({ pathPrefix }) => pathname.startsWith(pathPrefix));
    return found === undefined ? url : `${url}${url.includes('?') ? '&' : '?'}${found.query}`;
  }

  /** The signed path for players that send neither cookies nor queries of their own. */
  get nativeUrl(): string | undefined {
    return this.renewed?.playback.native;
  }

  /** The right to play by WebRTC. */
  get playToken(): string | undefined {
    return this.renewed?.playToken;
  }

  /** The right to write in the chat, or at least to read it. */
  get chatToken(): string | undefined {
    return this.renewed?.chatToken ?? this.renewed?.playToken;
  }

  private async goOn(first: Renewed): Promise<void> {
    for (let renewed: Renewed | undefined = first; renewed !== undefined; renewed = await this.renew())
      await this.options.sleep(Math.max(renewed.renewAfterSeconds * 1000, MIN_MS));
  }

  /** Asks until there is an answer; `undefined` once the grant is over or the page is left. */
  private async renew(): Promise<Renewed | undefined> {
    const { sleep, signal, onEnd } = this.options;
    while (!signal.aborted) {
      const answer = await this.ask();
      if (typeof answer === 'object') {
        this.renewed = answer;
        return answer;
      }
      if (!signal.aborted && FINAL.includes(answer)) {
        onEnd(answer);
        return undefined;
      }
      await sleep(RETRY_MS);
    }
    return undefined;
  }

  /** Returns the renewal, or the status of a refusal; 0: no answer, or none that can be read. */
  private async ask(): Promise<Renewed | number> {
    const { grant, send, signal } = this.options;
    try {
      const headers = { Authorization: `Bearer ${grant.renewalToken}` };
      const answer = await send(grant.renewalPath, { method: 'POST', headers, signal });
      return answer.ok ? Renewed.parse(await answer.json()) : answer.status;
    } catch {
      return 0;
    }
  }
}
