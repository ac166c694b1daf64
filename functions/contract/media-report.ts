import { z } from 'zod';

/**
 * Bounds of what an encoder can mean: a number beyond them is a broken header or a broken clock. Sizes: H.264, table
 * A-1, level 6.2.
 */
export const MEDIA_BOUNDS = {
  pixels: 16_384,
  framesPerSecond: 1000,
  keyframeSeconds: 100_000,
  samplesPerSecond: 768_000,
  channels: 64,
} as const;

/**
 * Faults of a publisher's clocks: more media than time, clocks that jump again and again, picture and sound > 10 s
 * apart.
 */
export const ClockFault = z.enum(['clock_floods', 'clock_jumps', 'tracks_apart']);
export type ClockFault = z.infer<typeof ClockFault>;

/**
 * Properties of a publisher's media, read by the agent in the first segments of its connection. Absent parts are not
 * known.
 */
export const MediaReport = z.object({
  /** Absent: no picture came. */
  video: z
    .object({
      codec: z.string().max(16).meta({ example: 'H264' }),
      width: z.int().positive().max(MEDIA_BOUNDS.pixels).optional(),
      height: z.int().positive().max(MEDIA_BOUNDS.pixels).optional(),
      framesPerSecond: z.number().positive().max(MEDIA_BOUNDS.framesPerSecond).optional(),
      bFrames: z.boolean().optional(),
      /** The longest seen; absent where the encoder does not decide it, as by WebRTC. */
      keyframeSeconds: z.number().positive().max(MEDIA_BOUNDS.keyframeSeconds).optional(),
    })
    .optional(),
  /** Absent: no sound came. */
  audio: z
    .object({
      codec: z.string().max(16).meta({ example: 'AAC' }),
      samplesPerSecond: z.int().positive().max(MEDIA_BOUNDS.samplesPerSecond).optional(),
      channels: z.int().positive().max(MEDIA_BOUNDS.channels).optional(),
    })
    .optional(),
  /** The length to which segments are cut where keyframes allow it. */
  segmentSeconds: z.number().positive(),
  /** While it is so; who goes on with it is cut after 30 s. */
  clock: ClockFault.optional(),
});
export type MediaReport = z.infer<typeof MediaReport>;

/**
 * Problems that come and go while a session publishes, judged by the node with a margin between its begin and its end,
 * so that a value at the edge does not begin and end one again and again.
 */
export const HealthProblem = z.enum(['few_frames', 'slow_arrival', 'upload_behind']);
export type HealthProblem = z.infer<typeof HealthProblem>;

export const WarningCode = z.enum([
  'keyframe_interval',
  'b_frames',
  'hevc',
  'no_audio',
  ...ClockFault.options,
  ...HealthProblem.options,
]);
export type WarningCode = z.infer<typeof WarningCode>;

/** A warning to the publisher, with the encoder setting to change. */
export const MediaWarning = z.object({
  code: WarningCode.meta({ description: 'A stable code for programs.' }),
  message: z.string().meta({ description: 'The problem, and the viewers it affects.' }),
  setting: z.string().meta({ description: 'The encoder setting to change.' }),
});
export type MediaWarning = z.infer<typeof MediaWarning>;
