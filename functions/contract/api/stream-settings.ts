import { z } from 'zod';
import { Edges, MAX_EDGES } from '../hooks/edges';
import { Latency } from '../latency';
import { DvrWindowSeconds, ReconnectWindowSeconds } from '../limits';
import { Encryption, KeyRotationSegments } from '../objects/encryption';
import { Ladder, Packaging } from '../packaging';
import { WebOrigin } from '../web-origin';

const Address = z
  .union(
    [z.ipv4().meta({ format: 'ipv4' }), z.ipv6().meta({ format: 'ipv6' }), z.cidrv4(), z.cidrv6()],
    'use an IP address or a CIDR block',
  )
  .meta({ example: '192.0.2.0/24' });

const MAX_METADATA = 20;
const METADATA_KEY = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$/;
export const metadata = z
  .record(
    z.string().regex(METADATA_KEY, "use 1-40 of A-Z, a-z, 0-9, '_', '.', '-', a letter or digit first"),
    z.string().max(500),
  )
  .refine((pairs) => Object.keys(pairs).length <= MAX_METADATA, `at most ${MAX_METADATA} keys`)
  .meta({
    description: `Your own data, with at most ${MAX_METADATA} keys. The service does not interpret it.`,
    example: { room: '12' },
    propertyNames: { pattern: METADATA_KEY.source },
    maxProperties: MAX_METADATA,
  });

export const title = z.string().trim().min(1).max(200).meta({ example: 'Town hall', pattern: '\\S' });
export const recording = z.boolean().meta({
  description: 'Whether each broadcast is kept as a VOD playlist. A change takes effect with the next broadcast.',
});
export const dvrWindowSeconds = DvrWindowSeconds.meta({
  description:
    'The length of the live playlist, in which viewers can seek back. A change takes effect with the next session.',
});
export const reconnectWindowSeconds = ReconnectWindowSeconds.meta({
  description: 'The time in which a publisher can reconnect and continue the same broadcast.',
});
export const allowedOrigins = z.array(WebOrigin).min(1).max(20).meta({
  description: 'The web origins whose scripts may read responses of this stream. If absent, every origin may.',
});
export const publisherAddresses = z.array(Address).min(1).max(50).meta({
  description:
    'The addresses from which publishing is allowed by RTMP, RTMPS and SRT. If absent, every address is allowed.',
});
export const maxBitrateBps = z.int().min(100_000).max(100_000_000).meta({
  description:
    'The maximum bitrate of a segment. A publisher above it is disconnected and may publish again after 30 s.',
});
export const maxDurationSeconds = z
  .int()
  .min(60)
  .max(604_800)
  .meta({ description: 'The maximum length of a broadcast, reconnections included. The broadcast is ended after it.' });

export const recordingDays = z
  .int()
  .min(1)
  .max(3650)
  .meta({
    description:
      'The days for which a recording is kept after its broadcast was finished. ' +
      'A change takes effect for all recordings of the stream.',
  });

export const packaging = Packaging.meta({
  description:
    '`ts`: HLS with the MPEG-TS segments of the encoder. `cmaf`: HLS and MPEG-DASH with fragmented MP4. ' +
    'It cannot be changed later.',
});
export const ladder = Ladder.meta({
  description:
    'The renditions made beside the one of the encoder: `sd` has 480p and 240p, `hd` has 720p, 480p and 360p, ' +
    'none larger than the source. It needs `cmaf`. A change takes effect with the next session.',
});

export const latency = Latency.meta({
  description:
    '`low`: the stream is also delivered by low-latency HLS, some two seconds behind the encoder. ' +
    'It needs the policy `open`. A change takes effect with the next session.',
});

export const encryption = Encryption.meta({
  description:
    'The segments are encrypted with AES-128, in the CDN and in recordings. Players read the keys from the API. ' +
    '`aes-128`: whole MPEG-TS segments, it needs `ts`. `cbcs` and `cenc`: samples by Common Encryption, with keys ' +
    'for ClearKey, they need `cmaf`. All need the latency `normal`. ' +
    'A change takes effect with the next session.',
});
export const keyRotationSegments = KeyRotationSegments.meta({
  description:
    'The number of segments that share a key. With 0 each session has one key. ' +
    'It needs an encryption. In `cmaf` a long `dvrWindowSeconds` needs keys that change rarely. ' +
    'A change takes effect with the next session.',
});

export const hotBackup = z.boolean().meta({
  description:
    'Two publishers at once: the second one, on another node, stands by, and viewers get its media within some 6 s ' +
    'of the silence of the first. It needs `ts`, the latency `normal`, and neither encryption nor edges. Uploads and ' +
    'their storage are paid twice. A change takes effect with the next publisher.',
});

export const edges = Edges.meta({
  description:
    'The edges that get a copy of the stream, for viewers by WebRTC and HTTP-FLV: `none`, `auto` by the number of ' +
    `viewers, or 1 to ${MAX_EDGES}. Without edges in the environment, the node of the publisher serves them. ` +
    'A change takes effect with the next session.',
});
