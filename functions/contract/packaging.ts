import { z } from 'zod';
import { Rendition } from './ids';

/**
 * Delivery of the segments of a stream: `ts` as SRS cuts them, `cmaf` as fragmented MP4 for HLS and DASH. Fixed at
 * creation.
 */
export const Packaging = z.enum(['ts', 'cmaf']);
export type Packaging = z.infer<typeof Packaging>;

/** Renditions that are made beside the source: none, or those of `LADDERS`. */
export const Ladder = z.enum(['none', 'sd', 'hd']);
export type Ladder = z.infer<typeof Ladder>;

/** Reasons why a rendition is not made as it was asked for. */
export const RenditionTrouble = z.enum(['no_cores', 'too_slow', 'encoder_failed', 'packager_failed']);
export type RenditionTrouble = z.infer<typeof RenditionTrouble>;

/** Renditions of one session that a node reports at most. */
const MAX_RENDITIONS = 8;

/** The state of a rendition of a session in CMAF, as its node makes it now. */
export const RenditionReport = z.object({
  name: Rendition.meta({ example: '480p' }),
  state: z.enum(['made', 'shed', 'unpackaged']).meta({
    description:
      '`shed`: the node does not make this rung now. `unpackaged`: the rest of the session is MPEG-TS, without rungs.',
  }),
  reason: RenditionTrouble.optional().meta({
    description: 'The reason for any state but `made`. `no_cores`: other ladders use the cores of the node.',
  }),
});
export type RenditionReport = z.infer<typeof RenditionReport>;
export const RenditionReports = z.array(RenditionReport).max(MAX_RENDITIONS);

/** Settings that a stream asks for; an absent field is `ts` or `none`. */
export const PackagingSettings = z.object({ packaging: Packaging.optional(), ladder: Ladder.optional() });
export type PackagingSettings = z.infer<typeof PackagingSettings>;

/** Packaging that the nodes of an environment have the programs for, and the default of a new stream. */
export const PackagingOffer = z
  .strictObject({
    cmaf: z.boolean().describe('Whether the nodes have Shaka Packager, so that streams can have CMAF.'),
    ladders: z.boolean().describe('Whether the nodes have ffmpeg too, so that streams can have a ladder.'),
    default: z
      .strictObject({
        packaging: Packaging.describe('The packaging of a new stream that names none.'),
        ladder: Ladder.describe('The ladder of a new stream in CMAF that names none.'),
      })
      .describe('The packaging and the ladder of a new stream that names neither.'),
  })
  .refine(({ cmaf, ladders }) => cmaf || !ladders, { path: ['ladders'], message: 'must be false where cmaf is false' })
  .refine((offer) => offer.default.packaging === 'ts' || offer.cmaf, {
    path: ['default', 'packaging'],
    message: "must be 'ts' where cmaf is false",
  })
  .refine(({ ladders, default: { packaging, ladder } }) => ladder === 'none' || (ladders && packaging === 'cmaf'), {
    path: ['default', 'ladder'],
    message: "must be 'none' where ladders is false or packaging is 'ts'",
  });
export type PackagingOffer = z.infer<typeof PackagingOffer>;
