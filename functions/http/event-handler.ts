import { z } from 'zod';
import { guarded, type Handler, type HandlerDeps } from './http-handler';
import { parseJson } from './outside-json';
import { parseWith, readText } from './request-body';

const Attributes = z.object({
  specversion: z.literal('1.0'),
  id: z.string().min(1),
  source: z.string().min(1),
  type: z.string().min(1),
  subject: z.string().optional(),
  time: z.string().optional(),
});

/** https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md; `time` as it was sent. */
export type CloudEvent<T> = z.infer<typeof Attributes> & { data: T };

/**
 * A CloudEvent over HTTP, in binary or structured mode, its data parsed by `schema`. Answers 204 once `run` is done:
 * only then is the event acknowledged. A malformed one gets a 4xx that says why, a failure 500; the sender's retry
 * policy sees to both.
 */
export function eventHandler<T>(
  schema: z.ZodType<T>,
  run: (event: CloudEvent<T>) => Promise<void>,
  deps: HandlerDeps,
): Handler {
  return guarded(async ({ request }) => {
    const { attributes, data } = await readEvent(request);
    await run({ ...parseWith(Attributes, attributes, 'event'), data: parseWith(schema, data, 'data') });
    return new Response(null, { status: 204 });
  }, deps);
}

const Structured = z.looseObject({ data: z.unknown() });

async function readEvent(request: Request): Promise<{ attributes: unknown; data: unknown }> {
  const body = parseJson(await readText(request));
  if (!request.headers.get('content-type')?.startsWith('application/cloudevents+json')) {
    return { attributes: binaryAttributes(request.headers), data: body };
  }
  const { data, ...attributes } = parseWith(Structured, body, 'event');
  return { attributes, data };
}

function binaryAttributes(headers: Headers): Record<string, string> {
  return Object.fromEntries(
    [...headers].flatMap(([name, value]) => (name.startsWith('ce-') ? [[name.slice(3), value]] : [])),
  );
}
