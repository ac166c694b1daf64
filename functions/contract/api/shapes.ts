import { z } from 'zod';

/**
 * Shapes that all answers of the API share. The schemas of this folder are the API: they check requests, type the code,
 * and are the OpenAPI document. Times are ISO 8601 in UTC; objects take no field they do not name.
 */
export const Time = z.iso.datetime({ precision: 3 }).meta({ example: '2026-11-20T10:00:00.000Z' });

/** The fault of one field of a body. */
export const FieldProblem = z.object({
  field: z
    .string()
    .meta({ description: 'The path of the field. `body` means the whole body.', example: 'metadata.room' }),
  message: z.string(),
});
export type FieldProblem = z.infer<typeof FieldProblem>;

/** A quota and what is used of it. */
const QuotaUse = z.object({
  of: z.enum(['streams', 'apiKeys', 'webhooks', 'grants']),
  used: z.int().nonnegative(),
  allowed: z.int().nonnegative(),
});

/** RFC 9457. `code` never changes, `detail` is for people. */
export const Problem = z
  .object({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.int().min(400).max(599),
    code: z.string().meta({ description: 'A stable code for programs.' }),
    detail: z.string().meta({ description: 'An explanation for people: the error, and the allowed values.' }),
    requestId: z.string().meta({ description: 'The id of the request, also in `X-Request-Id` and in the logs.' }),
    errors: z
      .array(FieldProblem)
      .optional()
      .meta({ description: 'Every wrong field. Present if the code is `invalid_field`.' }),
    quota: QuotaUse.optional().meta({
      description: 'The quota that is full. Present if the code names one, such as `stream_limit`.',
    }),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof Problem>;

/** Query of every list. */
export const PageQuery = z.strictObject({
  limit: z.coerce
    .number('use 1-100')
    .int('use 1-100')
    .min(1, 'use 1-100')
    .max(100, 'use 1-100')
    .default(50)
    .meta({ description: 'The maximum number of items on the page.' }),
  cursor: z.string().max(200).optional().meta({ description: 'The `nextCursor` of the previous page.' }),
});

/** There is another page as long as there is one, even if this page is short. */
export const nextCursor = z.string().optional().meta({
  description: 'The cursor of the next page. Absent on the last page. A short page is not necessarily the last.',
});

/** The body of a request or answer that says nothing. */
export const Nothing = z.strictObject({}).meta({ id: 'Nothing' });
