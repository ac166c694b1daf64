import { decodeMetadataText, METADATA_ATTRIBUTE, METADATA_CLASS } from '../../functions/contract/timed-metadata/text';

/** A message of the stream's owner, at the moment of the picture to which it belongs. */
export interface TimedMetadata {
  readonly id: string;
  /** The text as the owner sent it, for example JSON: never to be put into a page as HTML. */
  readonly data: string;
  readonly startsAt: Date;
  readonly durationSeconds: number | undefined;
}

/** The part of a date range of hls.js that is read. */
interface SeenRange {
  readonly id: string;
  readonly class: string;
  readonly startDate: Date;
  readonly duration: number | null;
  readonly attr: Readonly<Record<string, unknown>>;
}

/** So late a message without a duration still counts: a picture stands for a while, or is looked at seldom. */
const LATE_SECONDS = 5;

/** Ids that are remembered; a playlist has a hundred at most. */
const MAX_IDS = 500;

/**
 * Ids that were raised. They stay when a playlist no longer has them: the one of another rendition may be a version
 * behind, and list them once more.
 */
export class RaisedIds {
  private readonly ids = new Set<string>();

  /** True the first time. */
  isNew(id: string): boolean {
    if (this.ids.has(id)) return false;
    const [oldest] = this.ids;
    if (this.ids.size >= MAX_IDS && oldest !== undefined) this.ids.delete(oldest);
    this.ids.add(id);
    return true;
  }
}

/** Messages of the playlist that plays: each is raised once, when the picture reaches it. */
export class MetadataCues {
  private messages: readonly TimedMetadata[] = [];
  private readonly raised = new RaisedIds();

  constructor(private readonly raise: (metadata: TimedMetadata) => void) {}

  /** Takes what the newest version of the playlist has. */
  list(ranges: Readonly<Record<string, SeenRange | undefined>>): void {
    this.messages = Object.values(ranges)
      .flatMap((range) => (range?.class === METADATA_CLASS ? (messageOf(range) ?? []) : []))
      .sort((a, b) => a.startsAt.getTime() - b.startsAt.getTime());
  }

  /** Raises what has begun at this moment of the picture and still holds: a viewer who comes later gets it too. */
  reached(playing: Date | null): void {
    const now = playing?.getTime();
    if (now === undefined || Number.isNaN(now)) return;
    for (const message of this.messages) {
      const { id, startsAt, durationSeconds = 0 } = message;
      const overAt = startsAt.getTime() + Math.max(durationSeconds, LATE_SECONDS) * 1000;
      if (startsAt.getTime() <= now && overAt >= now && this.raised.isNew(id)) this.raise(message);
    }
  }
}

function messageOf({ id, startDate, duration, attr }: SeenRange): TimedMetadata | undefined {
  const encoded = attr[METADATA_ATTRIBUTE];
  const data = typeof encoded === 'string' ? decodeMetadataText(encoded) : undefined;
  return data === undefined ? undefined : { id, data, startsAt: startDate, durationSeconds: duration ?? undefined };
}
