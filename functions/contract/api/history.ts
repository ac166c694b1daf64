import { z } from 'zod';
import { BroadcastId, SessionId } from '../ids';
import { nextCursor, Time } from './shapes';

export const RecordingAnswer = z
  .object({
    id: BroadcastId,
    state: z.enum(['live', 'processing', 'ready', 'taken_down']).meta({
      description:
        '`live`: publishers may still join the broadcast. `processing`: the last segments are not stored yet, or ' +
        'the recording is being restored. `taken_down`: the stream is suspended.',
    }),
    startedAt: Time,
    readyAt: Time.optional(),
    playback: z.object({ hls: z.url() }).optional().meta({
      description: 'Present when the state is `ready`. The URL answers 403 or 404 if no whole segment was published.',
    }),
  })
  .meta({ id: 'Recording' });
export type RecordingAnswer = z.infer<typeof RecordingAnswer>;
export const RecordingDetail = RecordingAnswer.extend({ sessions: z.array(SessionId) }).meta({ id: 'RecordingDetail' });
export const RecordingPage = z
  .object({ recordings: z.array(RecordingAnswer), nextCursor })
  .meta({ id: 'RecordingPage' });

export const UsageQuery = z
  .strictObject({
    from: z.iso
      .datetime()
      .optional()
      .meta({ description: 'The start of the period. @default the creation of the stream' }),
    to: z.iso.datetime().optional().meta({ description: 'The end of the period. @default now' }),
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
      .meta({ description: 'The total length of the sessions between `from` and `to`, by their start and end times.' }),
    bytesStored: z.int().nonnegative().meta({ description: 'The size of all playlists and segments stored now.' }),
  })
  .meta({ id: 'Usage' });
export type UsageAnswer = z.infer<typeof UsageAnswer>;
