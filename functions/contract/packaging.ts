import { z } from 'zod';

/**
 * Delivery of the segments of a stream: `ts` as SRS cuts them, `cmaf` as fragmented MP4 for HLS and DASH. Fixed at
 * creation.
 */
export const Packaging = z.enum(['ts', 'cmaf']);
export type Packaging = z.infer<typeof Packaging>;

/** Renditions that are made beside the source: none, or those of `LADDERS`. */
export const Ladder = z.enum(['none', 'sd', 'hd']);
export type Ladder = z.infer<typeof Ladder>;

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
