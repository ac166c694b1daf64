import type { Fault } from './fault';

/** Effect of one fault, as its viewer saw it. */
export interface Outcome {
  readonly stallSeconds: number;
  /** Whole segments that the origin closed and no playlist ever named. */
  readonly lostSegments: number;
  /** Seconds from the fault's end until the live playlist was fresh again; `undefined`: not within the time given. */
  readonly healSeconds: number | undefined;
  readonly discontinuities: number;
  readonly unanswered: number;
  /** Broken rules of rfc8216bis, a sentence each. */
  readonly broken: readonly string[];
}

/** The time beyond a fault's own cost: for detection, a reconnect, and a busy machine. */
const SLACK_SECONDS = 12;

/** Returns a sentence for each effect that the fault may not have; an empty list is right. */
export function complaints(
  { isFelt, lastsSeconds, discontinuities }: Pick<Fault, 'isFelt' | 'lastsSeconds' | 'discontinuities'>,
  outcome: Outcome,
): string[] {
  const mayStall = isFelt ? lastsSeconds + SLACK_SECONDS : SLACK_SECONDS / 2;
  const { stallSeconds, lostSegments, healSeconds } = outcome;
  return [
    ...(healSeconds === undefined ? ['the playlist did not become fresh again'] : []),
    ...(lostSegments > 0 ? [`${lostSegments} whole segments are in no playlist`] : []),
    ...(stallSeconds > mayStall ? [`viewers stood still for ${stallSeconds} s, more than ${mayStall} s`] : []),
    ...(outcome.discontinuities > discontinuities
      ? [`${outcome.discontinuities} discontinuities, at most ${discontinuities} were to be`]
      : []),
    ...outcome.broken,
  ];
}
