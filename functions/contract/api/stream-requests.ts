import { z } from 'zod';
import { ChatChanges } from '../chat/settings';
import { Policy } from '../ids';
import { PageQuery } from './shapes';
import {
  allowedOrigins,
  dvrWindowSeconds,
  edges,
  encryption,
  hotBackup,
  keyRotationSegments,
  ladder,
  latency,
  maxBitrateBps,
  maxDurationSeconds,
  metadata,
  packaging,
  publisherAddresses,
  reconnectWindowSeconds,
  recording,
  recordingDays,
  title,
} from './stream-settings';
import { StreamStatus } from './streams';

export const CreateStream = z
  .strictObject({
    title,
    policy: Policy.default('open').meta({
      description: '`open`: everybody may watch. `gated`: viewers need a grant. The policy cannot be changed later.',
    }),
    recording: recording.default(true),
    dvrWindowSeconds: dvrWindowSeconds.default(30),
    reconnectWindowSeconds: reconnectWindowSeconds.optional(),
    allowedOrigins: allowedOrigins.optional(),
    publisherAddresses: publisherAddresses.optional(),
    maxBitrateBps: maxBitrateBps.optional(),
    maxDurationSeconds: maxDurationSeconds.optional(),
    recordingDays: recordingDays.optional(),
    packaging: packaging.optional(),
    ladder: ladder.optional(),
    latency: latency.optional(),
    encryption: encryption.optional(),
    keyRotationSegments: keyRotationSegments.optional(),
    edges: edges.optional(),
    chat: ChatChanges.optional().meta({
      description: 'The chat of the stream, off by default. It needs an environment that has chat.',
    }),
    hotBackup: hotBackup.optional(),
    metadata: metadata.default({}),
  })
  .meta({ id: 'CreateStream' });
export type CreateStream = z.infer<typeof CreateStream>;

const OR_NONE = 'Use null to remove the setting.';
/** Changes to a stream. Absent fields stay as they are. */
export const PatchStream = z
  .strictObject({
    title: title.optional(),
    policy: Policy.optional().meta({
      description: 'The policy cannot be changed: any value but the present one is answered with 409.',
    }),
    recording: recording.optional(),
    dvrWindowSeconds: dvrWindowSeconds.optional(),
    reconnectWindowSeconds: reconnectWindowSeconds.optional(),
    allowedOrigins: allowedOrigins.nullish().meta({ description: OR_NONE }),
    publisherAddresses: publisherAddresses.nullish().meta({ description: OR_NONE }),
    maxBitrateBps: maxBitrateBps.nullish().meta({ description: OR_NONE }),
    maxDurationSeconds: maxDurationSeconds.nullish().meta({ description: OR_NONE }),
    recordingDays: recordingDays.nullish().meta({ description: 'Use null for the setting of the environment.' }),
    ladder: ladder.optional(),
    latency: latency.optional(),
    encryption: encryption.optional(),
    keyRotationSegments: keyRotationSegments.optional(),
    edges: edges.optional(),
    chat: ChatChanges.optional().meta({ description: 'Changes the fields that are present. Others stay.' }),
    hotBackup: hotBackup.optional(),
    metadata: metadata.optional().meta({ description: 'Replaces all metadata of the stream.' }),
  })
  .meta({ id: 'PatchStream' });
export type PatchStream = z.infer<typeof PatchStream>;

export const StreamQuery = PageQuery.extend({
  status: StreamStatus.optional(),
  policy: Policy.optional(),
  title: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'The first characters of the title, case-sensitive.' }),
});
export type StreamQuery = z.infer<typeof StreamQuery>;
export const RotateKey = z
  .strictObject({
    graceSeconds: z
      .int()
      .min(0)
      .max(86_400)
      .default(300)
      .meta({
        description:
          'The time in which the previous key stays valid. After it, a session with the previous key is ended. ' +
          'With 0 this happens at once.',
      }),
  })
  .meta({ id: 'RotateKey' });
export const SuspendStream = z
  .strictObject({ reason: z.string().trim().min(1).max(200).meta({ pattern: '\\S' }).optional() })
  .meta({ id: 'SuspendStream' });
