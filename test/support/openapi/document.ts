import { z } from 'zod';

/** The part of an OpenAPI document that the tests read. */
export const JsonSchema = z.record(z.string(), z.unknown());
export type JsonSchema = z.infer<typeof JsonSchema>;

const Media = z.record(z.string(), z.object({ schema: JsonSchema }));
const Answer = z.object({
  description: z.string().min(1),
  content: Media.default({}),
  headers: z.record(z.string(), z.unknown()).default({}),
  'x-codes': z.array(z.string()).default([]),
});
const Operation = z.object({
  operationId: z.string(),
  summary: z.string().min(1),
  tags: z.array(z.string()).length(1),
  security: z.array(z.record(z.string(), z.unknown())).optional(),
  'x-permission': z.string().optional(),
  parameters: z
    .array(
      z.object({
        name: z.string(),
        in: z.enum(['path', 'query', 'header']),
        required: z.boolean().default(false),
        schema: JsonSchema,
      }),
    )
    .default([]),
  requestBody: z.object({ required: z.boolean().default(false), content: Media }).optional(),
  responses: z.record(z.string(), Answer),
});
export const Document = z.looseObject({
  openapi: z.literal('3.1.0'),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.object({ schemas: z.record(z.string(), JsonSchema) }),
});
export type Document = z.infer<typeof Document>;

export type Operation = z.infer<typeof Operation> & { method: string; path: string; mediaType?: string };

export const operationsOf = ({ paths }: Document): Operation[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const [mediaType] = Object.keys(operation.requestBody?.content ?? {});
      return { ...operation, method: method.toUpperCase(), path, ...(mediaType && { mediaType }) };
    }),
  );

/** The path with its parameters filled in; those that are not named stay as `unknown`, which nothing is called. */
export const pathOf = ({ path }: Operation, parameters: Readonly<Record<string, string>>): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => parameters[name] ?? 'unknown');
