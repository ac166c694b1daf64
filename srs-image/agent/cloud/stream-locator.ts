import { type StreamLocation, StreamLocations } from '../../../functions/contract/hooks/locations';
import type { StreamId } from '../../../functions/contract/ids';
import { ROUTES } from '../../../functions/contract/routes';
import type { Clock, Log } from '../../../functions/ports/stores';
import type { HooksClient } from '../runtime/ports';
import { reasonOf } from '../runtime/reason';

export interface StreamLocatorDeps {
  hooks: HooksClient;
  clock: Pick<Clock, 'now'>;
  log: Log;
  /** This node: its own word about itself is old here. */
  ownUrl: string | undefined;
}

/** A table that old is asked for again; together with that of srs-hooks it is a second. */
const FRESH_MS = 500;
/** Without an answer the last table is good for so long. */
const KEPT_MS = 10_000;

type Table = ReadonlyMap<string, StreamLocation>;

/**
 * Knows which node has which stream: the whole table, asked for at most twice a second and only while somebody wants a
 * stream that is not here. So streams that do not exist cost nothing, however many are asked for.
 */
export class StreamLocator {
  private table: Table = new Map();
  private askedAt = Number.NEGATIVE_INFINITY;
  private answeredAt = Number.NEGATIVE_INFINITY;
  private asking: Promise<void> | undefined;

  constructor(private readonly deps: StreamLocatorDeps) {}

  /**
   * Finds the base URL of the agent that has the stream; `undefined` when it is not published, or when that is not
   * known now.
   */
  async urlOf(streamId: StreamId): Promise<string | undefined> {
    return (await this.locationOf(streamId))?.agentUrl;
  }

  /**
   * Finds the nodes that have the stream, in the order in which to ask them: the edge of this mark, other edges, and
   * the origin.
   */
  async placesOf(streamId: StreamId, mark: string | undefined): Promise<string[]> {
    const location = await this.locationOf(streamId);
    if (location === undefined) return [];
    const { copies = [], agentUrl } = location;
    const named = copies.filter(({ edge }) => edge === mark);
    const others = copies.filter(({ edge }) => edge !== mark);
    const all = [...named, ...others].map((copy) => copy.agentUrl);
    return [...all.filter((url) => url !== this.deps.ownUrl), agentUrl];
  }

  private async locationOf(streamId: StreamId): Promise<StreamLocation | undefined> {
    const { clock } = this.deps;
    if (this.asking === undefined && clock.now() - this.askedAt >= FRESH_MS) {
      this.askedAt = clock.now();
      this.asking = this.ask().finally(() => {
        this.asking = undefined;
      });
    }
    await this.asking;
    return clock.now() - this.answeredAt < KEPT_MS ? this.table.get(streamId) : undefined;
  }

  private async ask(): Promise<void> {
    const { hooks, clock, log, ownUrl } = this.deps;
    const askedAt = clock.now();
    try {
      const { status, body } = await hooks.post(ROUTES.hooks.locations, {});
      if (status !== 200) throw new Error(`srs-hooks answered ${status}`);
      const others = StreamLocations.parse(body).locations.filter(({ agentUrl }) => agentUrl !== ownUrl);
      this.table = new Map(others.map((location) => [location.streamId, location]));
      this.answeredAt = askedAt;
    } catch (error) {
      log.warn('locations_unknown', { error: reasonOf(error) });
    }
  }
}
