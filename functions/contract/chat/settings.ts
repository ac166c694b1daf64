import { z } from 'zod';

/** The longest slow mode, an hour. */
const MAX_SLOW_SECONDS = 3600;
/** The longest retention, thirty days. */
const MAX_RETENTION_HOURS = 720;

export const SlowSeconds = z
  .int()
  .min(0)
  .max(MAX_SLOW_SECONDS)
  .meta({
    description:
      'Slow mode: the seconds between two messages of one viewer. With 0 a viewer may send one message a second. ' +
      'Moderators are exempt.',
  });

const fields = {
  enabled: z.boolean().meta({ description: 'Whether the stream has a chat.' }),
  slowSeconds: SlowSeconds,
  retentionHours: z
    .int()
    .min(1)
    .max(MAX_RETENTION_HOURS)
    .meta({ description: 'The hours for which a message is kept. A change takes effect for new messages.' }),
};

/** The chat of one stream. */
export const ChatSettings = z.strictObject(fields).meta({ id: 'ChatSettings' });
export type ChatSettings = z.infer<typeof ChatSettings>;

/** A stream that names no setting of its own. */
export const CHAT_OFF: ChatSettings = { enabled: false, slowSeconds: 0, retentionHours: 24 };

/** Changes to the settings. Absent fields stay as they are. */
export const ChatChanges = z
  .strictObject({
    enabled: fields.enabled.optional(),
    slowSeconds: fields.slowSeconds.optional(),
    retentionHours: fields.retentionHours.optional(),
  })
  .meta({ id: 'ChatChanges' });
export type ChatChanges = z.infer<typeof ChatChanges>;
