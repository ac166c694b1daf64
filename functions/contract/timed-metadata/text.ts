/**
 * Timed metadata in a media playlist: EXT-X-DATERANGE of rfc8216bis 4.4.5.1. Without schemas: players read it too.
 */
export const METADATA_CLASS = 'srs-live.metadata';
/** The attribute with the text. The prefix `X-` is for attributes of the client's own. */
export const METADATA_ATTRIBUTE = 'X-SRS-LIVE-DATA';

/** A quoted attribute has no quotes and no line ends (rfc8216bis 4.2); a header of the object has ASCII only. */
const OUTSIDE = /[^\x20-\x7e]|["%]/gu;

/** Writes well-formed text as a quoted attribute can hold it: percent-encoded where it has to be, and no more. */
export const encodeMetadataText = (text: string): string =>
  text.replace(OUTSIDE, (character) => encodeURIComponent(character));

/** Reads what `encodeMetadataText` wrote; `undefined` for text that it cannot have written. */
export function decodeMetadataText(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}
