import { z } from 'zod';
import { NodeMark } from '../hooks/edges';
import { Policy, StreamId } from '../ids';

/** Ways of watching, the one with the least delay first. */
export const PlaybackWay = z.enum(['webrtc', 'flv', 'low_latency_hls', 'hls']).meta({
  description: 'WebRTC by WHEP, HTTP-FLV, low-latency HLS, or HLS.',
});
export type PlaybackWay = z.infer<typeof PlaybackWay>;

const way = PlaybackWay;
const OpenWay = z.object({
  way,
  open: z.literal(true),
  url: z.url(),
  latencySeconds: z.number().positive().meta({ description: 'The typical delay behind the encoder.' }),
  edge: NodeMark.optional().meta({
    description:
      'The edge that serves this way, as in the URL. Absent if no edge has the stream and room for a viewer.',
  }),
});
const ClosedWay = z.object({
  way,
  open: z.literal(false),
  code: z
    .enum([
      ...(['not_live', 'never_published', 'suspended', 'grant_needed', 'not_offered'] as const),
      ...(['codec', 'b_frames', 'no_video', 'no_room'] as const),
    ])
    .meta({ description: 'A stable code for programs.' }),
  reason: z.string().meta({ description: 'A sentence for the viewer.' }),
});

/** The ways in which a viewer can watch a stream now, for players. */
export const WaysToPlay = z
  .object({
    id: StreamId,
    policy: Policy,
    ways: z
      .array(z.discriminatedUnion('open', [OpenWay, ClosedWay]))
      .meta({ description: 'All ways, the one with the least delay first. Take the first that is open.' }),
  })
  .meta({ id: 'WaysToPlay' });
export type WaysToPlay = z.infer<typeof WaysToPlay>;
export type WayToPlay = WaysToPlay['ways'][number];
