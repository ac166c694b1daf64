import { z } from 'zod';
import { HealthProblem, MEDIA_BOUNDS } from '../media-report';

/** Bounds of what a node can mean. More than 100 Gbit/s or a day of delay is a broken counter or clock. */
const MAX_BITS = 100_000_000_000;
const MAX_SECONDS = 86_400;

const values = {
  inBitsPerSecond: z
    .int()
    .nonnegative()
    .max(MAX_BITS)
    .optional()
    .meta({ description: 'The media server counts what the publisher sends.' }),
  outBitsPerSecond: z
    .int()
    .nonnegative()
    .max(MAX_BITS)
    .optional()
    .meta({ description: 'The traffic of viewers by RTMP, HTTP-FLV and WebRTC. HLS comes from the CDN.' }),
  framesPerSecond: z
    .number()
    .nonnegative()
    .max(MEDIA_BOUNDS.framesPerSecond)
    .optional()
    .meta({ description: 'The pictures in a second of media. Absent without video.' }),
  keyframeSeconds: z
    .number()
    .positive()
    .max(MEDIA_BOUNDS.keyframeSeconds)
    .optional()
    .meta({ description: 'The mean time between two keyframes. Absent without H.264 video.' }),
  lostSegments: z
    .int()
    .nonnegative()
    .max(1_000_000)
    .meta({ description: 'Segments that were lost between the media server and the bucket.' }),
  uploadLagSeconds: z
    .number()
    .nonnegative()
    .max(MAX_SECONDS)
    .optional()
    .meta({ description: 'The time from the end of a segment to its place in the bucket.' }),
};

/** Rolling values of a session that publishes: of the last 10 s, those that are of segments of the last 30 s. */
export const SessionHealth = z
  .object({ ...values, problems: z.array(HealthProblem).max(HealthProblem.options.length).optional() })
  .meta({ id: 'SessionHealth' });
export type SessionHealth = z.infer<typeof SessionHealth>;

/** The means of one minute, of the upload lag the longest. `at`: the begin of the minute, in Unix milliseconds. */
export const HealthMinute = z.object({ at: z.int().nonnegative(), ...values });
export type HealthMinute = z.infer<typeof HealthMinute>;

export const HEALTH_MINUTES = 60;

/** The last hour of one stream, as one node measured it, oldest first. */
export const NodeHealth = z.object({ minutes: z.array(HealthMinute).max(HEALTH_MINUTES) });
export type NodeHealth = z.infer<typeof NodeHealth>;
