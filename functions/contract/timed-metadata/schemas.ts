import { z } from 'zod';

/** The most that one message may have: players read all of a playlist every two seconds. */
const MAX_DATA_BYTES = 1024;

export const TimedMetadataId = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{1,64}$/, "use 1-64 of A-Z, a-z, 0-9, '_', '.', '-'")
  .meta({
    description: 'Your id of the message. Sent again with the same data, it is accepted and not added twice.',
    example: 'poll-7',
  });

export const TimedMetadataText = z
  .string()
  .min(1)
  .refine((text) => !/\p{Surrogate}/u.test(text), 'use well-formed Unicode')
  .refine((text) => Buffer.byteLength(text) <= MAX_DATA_BYTES, `use at most ${MAX_DATA_BYTES} bytes of UTF-8`)
  .meta({
    description: `Your text, for example JSON, of at most ${MAX_DATA_BYTES} bytes. The service does not interpret it.`,
    example: '{"question":"Who wins?","answers":["red","blue"]}',
    minLength: 1,
    maxLength: MAX_DATA_BYTES,
  });
