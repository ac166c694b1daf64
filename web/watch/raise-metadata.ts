import { RaisedIds, type TimedMetadata } from '../sdk/timed-metadata';

/** The event of the page's `<video>`, and the `type` of the message to the page that embeds it. */
export const METADATA_EVENT = 'srs-live.metadata';

/**
 * Returns what raises timed metadata in a page, each id once: as a CustomEvent of the `<video>`, which bubbles, and as
 * a message to the page that embeds this one.
 */
export function metadataRaiser(video: HTMLVideoElement): (metadata: TimedMetadata) => void {
  // A way of playing that follows another has the same messages.
  const raised = new RaisedIds();
  return (metadata) => {
    if (!raised.isNew(metadata.id)) return;
    video.dispatchEvent(new CustomEvent(METADATA_EVENT, { detail: metadata, bubbles: true }));
    const embedder = embeddingOrigin();
    if (embedder !== undefined) window.parent.postMessage({ type: METADATA_EVENT, metadata }, embedder);
  };
}

/** The origin of the page that embeds this one, as far as the browser tells it. */
function embeddingOrigin(): string | undefined {
  if (window.parent === window || document.referrer === '') return undefined;
  return new URL(document.referrer).origin;
}
