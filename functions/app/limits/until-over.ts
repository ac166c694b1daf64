/** `media` as it is; `over` is called once it has ended, failed, or nobody reads it any more. */
export function untilOver(media: ReadableStream<Uint8Array>, over: () => void): ReadableStream<Uint8Array> {
  const reader = media.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read().catch((error: unknown) => {
          over();
          throw error;
        });
        if (!done) return controller.enqueue(value);
        over();
        controller.close();
      },
      async cancel(reason) {
        over();
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}
