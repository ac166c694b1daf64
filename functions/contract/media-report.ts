import { z } from 'zod';

/** What a publisher sends, as the agent read it in the first segments of its connection. Absent parts are not known. */
export const MediaReport = z.object({
  /** Absent: no picture came. */
  video: z
    .object({
      codec: z.string().max(16).meta({ example: 'H264' }),
      width: z.int().positive().optional(),
      height: z.int().positive().optional(),
      framesPerSecond: z.number().positive().optional(),
      bFrames: z.boolean().optional(),
      /** The longest seen; absent where the encoder does not decide it, as by WebRTC. */
      keyframeSeconds: z.number().positive().optional(),
    })
    .optional(),
  /** Absent: no sound came. */
  audio: z
    .object({
      codec: z.string().max(16).meta({ example: 'AAC' }),
      samplesPerSecond: z.int().positive().optional(),
      channels: z.int().positive().optional(),
    })
    .optional(),
  /** What segments are cut to where keyframes allow it. */
  segmentSeconds: z.number().positive(),
});
export type MediaReport = z.infer<typeof MediaReport>;

/** What a publisher should change, for whoever configures the encoder. */
export const MediaWarning = z.object({
  code: z.enum(['keyframe_interval', 'b_frames', 'hevc', 'no_audio']).meta({ description: 'Stable: programs decide by it.' }),
  message: z.string().meta({ description: 'What is wrong, and for whom.' }),
  setting: z.string().meta({ description: 'What to change in the encoder.' }),
});
export type MediaWarning = z.infer<typeof MediaWarning>;
