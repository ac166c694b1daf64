import { z } from 'zod';
import { BroadcastId, SessionId } from '../ids';
import { nextCursor, Time } from './shapes';

export const RecordingAnswer = z
  .object({
    id: BroadcastId,
    state: z.enum(['live', 'processing', 'ready', 'taken_down']).meta({
      description:
        '`live`: publishers may still join the broadcast. `processing`: its last segments are waited for, or it is being put back. `taken_down`: the stream is suspended.',
    }),
    startedAt: Time,
    readyAt: Time.optional(),
    playback: z
      .object({ hls: z.url() })
      .optional()
      .meta({ description: 'When `ready`. Answers 403 or 404, as its storage does, if no whole segment was published.' }),
  })
  .meta({ id: 'Recording' });
export type RecordingAnswer = z.infer<typeof RecordingAnswer>;
export const RecordingDetail = RecordingAnswer.extend({ sessions: z.array(SessionId) }).meta({ id: 'RecordingDetail' });
export const RecordingPage = z.object({ recordings: z.array(RecordingAnswer), nextCursor }).meta({ id: 'RecordingPage' });

export const UsageQuery = z
  .strictObject({
    from: z.iso.datetime().optional().meta({ description: 'Counted from here. @default the beginning' }),
    to: z.iso.datetime().optional().meta({ description: 'Counted to here. @default now' }),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || Date.parse(from) < Date.parse(to), {
    path: ['to'],
    message: 'must be later than the beginning',
  });
export type UsageQuery = z.infer<typeof UsageQuery>;

export const UsageAnswer = z
  .object({
    from: Time,
    to: Time,
    publishedMinutes: z
      .number()
      .nonnegative()
      .meta({ description: 'Of its sessions between `from` and `to`, by the times they began and ended.' }),
    bytesStored: z.int().nonnegative().meta({ description: 'Now, playlists and segments together.' }),
  })
  .meta({ id: 'Usage' });
export type UsageAnswer = z.infer<typeof UsageAnswer>;
