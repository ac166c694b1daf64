import { z } from 'zod';

/**
 * A list of what can be read by `schema`; an item that cannot be is left out, because its neighbours belong to others.
 */
export const eachReadable = <T>(schema: z.ZodType<T>) =>
  z.array(z.unknown()).transform((items): T[] =>
    items.flatMap((item) => {
      const parsed = schema.safeParse(item);
      return parsed.success ? [parsed.data] : [];
    }),
  );
