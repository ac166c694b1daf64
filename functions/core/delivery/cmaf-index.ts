import type { BroadcastId } from '../../contract/ids';
import type { DescribedRendition, RenditionAttributes } from '../../contract/objects/metadata';
import { formatMultivariant, parseMultivariant, type Variant } from '../playlist/multivariant';
import { byBandwidth, type IndexState } from './index-playlist';

/** A rendition that is offered. `uri` leads to its media playlist. */
export interface OfferedRendition extends DescribedRendition {
  uri: string;
}

export interface CmafNews {
  broadcast: BroadcastId;
  ordinal: number;
  renditions: readonly OfferedRendition[];
}

const sum = (a: number | undefined, b: number | undefined): { averageBandwidth?: number } =>
  a === undefined || b === undefined ? {} : { averageBandwidth: a + b };

/** A picture with its sound: what both need of a network, and both codecs. */
function withSound(picture: RenditionAttributes, sound: RenditionAttributes): RenditionAttributes {
  const { codecs, averageBandwidth: _, ...rest } = picture;
  return {
    ...rest,
    bandwidth: picture.bandwidth + sound.bandwidth,
    ...sum(picture.averageBandwidth, sound.averageBandwidth),
    ...(codecs !== undefined && sound.codecs !== undefined ? { codecs: `${codecs},${sound.codecs}` } : {}),
  };
}

/**
 * Writes the multivariant playlist of renditions in CMAF, best first: each video with the one audio, and audio alone
 * for slow networks. `atLeast`: bandwidths of the version before, by URI, which never fall.
 */
export function cmafMultivariant(
  renditions: readonly OfferedRendition[],
  atLeast: ReadonlyMap<string, number> = new Map(),
): string {
  const pictures = renditions.filter(({ kind }) => kind === 'video');
  const sound = renditions.find(({ kind }) => kind === 'audio');
  const variants: Variant[] = [
    ...pictures.map(({ uri, attributes }) => ({
      uri,
      attributes: sound ? withSound(attributes, sound.attributes) : attributes,
    })),
    ...(sound ? [{ uri: sound.uri, attributes: sound.attributes }] : []),
  ];
  const never = variants.map(({ uri, attributes }) => ({
    uri,
    attributes: { ...attributes, bandwidth: Math.max(attributes.bandwidth, atLeast.get(uri) ?? 0) },
  }));
  const group = sound && pictures.length > 0 ? sound : undefined;
  return formatMultivariant(never.sort(byBandwidth), group && { uri: group.uri, channels: group.attributes.channels });
}

/**
 * The next index of a broadcast in CMAF; `undefined` if it says all this already or shows a newer broadcast or session.
 * Pure.
 */
export function advanceCmafIndex(index: IndexState | undefined, news: CmafNews): IndexState | undefined {
  const { broadcast, ordinal, renditions } = news;
  if (renditions.length === 0 || (index !== undefined && index.metadata.ordinal > ordinal)) return undefined;
  const isSame = index?.metadata.broadcast === broadcast;
  const before = isSame ? parseMultivariant(index.text) : [];
  const text = cmafMultivariant(renditions, new Map(before.map(({ uri, attributes }) => [uri, attributes.bandwidth])));
  const metadata = { broadcast, ordinal };
  return isSame && text === index.text ? undefined : { text, metadata };
}
