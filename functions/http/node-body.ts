import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * The body of `message` as the Fetch standard has it, read as fast as it is asked for. A reader that stops asking
 * leaves the rest to the server. A client that waits for `100 Continue` hears it when its body is wanted, and not
 * before (RFC 9110 10.1.1).
 */
export function requestBody(message: IncomingMessage, response: ServerResponse): ReadableStream<Uint8Array> {
  const chunks: AsyncIterator<unknown> = message.iterator({ destroyOnReturn: false });
  let isWaiting = message.headers.expect !== undefined;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (isWaiting) response.writeContinue();
        isWaiting = false;
        const { done, value } = await chunks.next();
        if (done === true) controller.close();
        else if (value instanceof Uint8Array) controller.enqueue(value);
      },
      async cancel() {
        await chunks.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
