import { z } from 'zod';

/**
 * `schema` written as JSON, as a variable, a secret or an object's metadata holds it. `hint`: what to use if it is no
 * JSON.
 */
export const jsonText = <T extends z.ZodType>(schema: T, hint = 'use JSON') =>
  z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: 'custom', message: hint });
        return z.NEVER;
      }
    })
    .pipe(schema);
