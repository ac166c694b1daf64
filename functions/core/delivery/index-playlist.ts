import type { BroadcastId } from '../../contract/ids';
import type { IndexMetadata, RenditionAttributes } from '../../contract/objects/metadata';
import { formatMultivariant, parseMultivariant, type Variant } from '../playlist/multivariant';

/** An index and what its object's metadata says of it. */
export interface IndexState {
  text: string;
  metadata: IndexMetadata;
}

/** One rendition of a broadcast, as its session of this ordinal describes it. */
export interface RenditionNews {
  broadcast: BroadcastId;
  ordinal: number;
  variant: Variant;
}

/** Joins attributes: the newer ones hold, but BANDWIDTH never falls: a player that chose by it must not be misled. */
export const mergeAttributes = (older: RenditionAttributes, newer: RenditionAttributes): RenditionAttributes => ({
  ...newer,
  bandwidth: Math.max(older.bandwidth, newer.bandwidth),
});

/** The best first, and always in the same order. */
export const byBandwidth = (a: Variant, b: Variant): number =>
  b.attributes.bandwidth - a.attributes.bandwidth || (a.uri < b.uri ? -1 : 1);

/** The next index; `undefined` if it says all this already or shows a newer broadcast. Pure. */
export function advanceIndex(index: IndexState | undefined, news: RenditionNews): IndexState | undefined {
  const { broadcast, ordinal, variant } = news;
  if (index === undefined || (index.metadata.broadcast !== broadcast && index.metadata.ordinal < ordinal)) {
    return { text: formatMultivariant([variant]), metadata: { broadcast, ordinal } };
  }
  if (index.metadata.broadcast !== broadcast) return undefined;
  const variants = parseMultivariant(index.text);
  const listed = variants.find(({ uri }) => uri === variant.uri)?.attributes ?? variant.attributes;
  const late = ordinal < index.metadata.ordinal;
  const attributes = late ? mergeAttributes(variant.attributes, listed) : mergeAttributes(listed, variant.attributes);
  const others = variants.filter(({ uri }) => uri !== variant.uri);
  const text = formatMultivariant([...others, { uri: variant.uri, attributes }].sort(byBandwidth));
  const metadata = { broadcast, ordinal: Math.max(ordinal, index.metadata.ordinal) };
  return text === index.text ? undefined : { text, metadata };
}
