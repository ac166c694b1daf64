import { z } from 'zod';
import { PlaybackWay } from './playback';
import { Time } from './shapes';

const MAX_SECONDS = 604_800;
const seconds = z.number().min(0).max(MAX_SECONDS);

/**
 * A player's report of one viewing, from its first picture on. All counts are totals of the viewing, so a beacon that
 * is lost, doubled or late changes nothing once the next one comes.
 */
export const Beacon = z
  .strictObject({
    viewing: z
      .string()
      .regex(/^[A-Za-z0-9]{16,64}$/, 'use 16-64 of A-Z, a-z, 0-9')
      .meta({ description: 'A random name of this viewing. Each viewing has another one. It is not stored.' }),
    number: z.int().min(1).max(1_000_000).meta({ description: 'Counts the beacons of the viewing from 1.' }),
    way: PlaybackWay,
    playedSeconds: seconds.meta({ description: 'The time for which the picture moved.' }),
    stalls: z.int().min(0).max(100_000),
    stalledSeconds: seconds.meta({ description: 'The time for which the picture stood after it had begun.' }),
    startupMs: z
      .int()
      .min(0)
      .max(600_000)
      .meta({ description: 'The time from opening the player to its first picture.' }),
    leaving: z
      .boolean()
      .optional()
      .meta({ description: 'True for the last beacon: nobody watches any more, until another beacon comes.' }),
    playToken: z
      .string()
      .max(200)
      .optional()
      .meta({ description: 'The play token of the grant. A viewing of a gated stream is not counted without it.' }),
  })
  .meta({ id: 'Beacon' });
export type Beacon = z.infer<typeof Beacon>;

export const BeaconAnswer = z
  .object({
    counted: z.boolean().meta({
      description: 'False if the stream is not on air, needs a play token, or gets too many beacons from this address.',
    }),
    nextSeconds: z.int().positive().meta({ description: 'The time after which to send the next beacon.' }),
  })
  .meta({ id: 'BeaconAnswer' });
export type BeaconAnswer = z.infer<typeof BeaconAnswer>;

const count = z.int().nonnegative();
const ByWay = z.partialRecord(PlaybackWay, count);

export const ViewersAnswer = z
  .object({
    viewers: count.meta({
      description:
        'The viewers now: the players by HLS that send beacons, by WebRTC and HTTP-FLV the larger one of beacons ' +
        'and connections, and the connections by RTMP.',
    }),
    methods: z.object({
      beacons: ByWay.meta({
        description: 'The players that sent a beacon lately, by way. A player without a script sends none.',
      }),
      connections: z.object({ webrtc: count, flv: count, rtmp: count }).optional().meta({
        description: 'The connections that the nodes serve. Absent if a node does not answer.',
      }),
    }),
    estimated: z.boolean().meta({
      description: 'True for a large audience: a random sample of viewings is counted, with an error of some 3 %.',
    }),
    broadcast: z
      .object({
        id: z.string(),
        peak: z.object({ viewers: count, at: Time }),
        viewings: count.meta({ description: 'The number of players that began.' }),
        minutesWatched: z.number().nonnegative(),
        startupMs: z.number().nonnegative().optional().meta({ description: 'The mean. Absent without a viewing.' }),
        stallsPerHour: z.number().nonnegative().meta({ description: 'Stalls per hour watched.' }),
        stalledPercent: z
          .number()
          .min(0)
          .max(100)
          .meta({ description: 'The share of the time in which the picture stood.' }),
      })
      .optional()
      .meta({ description: 'The newest broadcast that was watched, by beacons. Absent before its first viewing.' }),
    lastHour: z
      .array(z.object({ at: Time, viewers: count }))
      .max(60)
      .meta({ description: 'The most viewers of each minute with a beacon, by beacons, oldest first.' }),
  })
  .meta({ id: 'Viewers' });
export type ViewersAnswer = z.infer<typeof ViewersAnswer>;
