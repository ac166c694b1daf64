import type { FlvTag } from '../../../functions/core/low-latency/flv';

const TYPES = { audio: 8, video: 9, script: 18 } as const;

/** An FLV file of these tags. */
export function flvBytes(tags: readonly FlvTag[]): Buffer {
  return Buffer.concat([Buffer.from('FLV\x01\x05\0\0\0\x09\0\0\0\0', 'latin1'), ...tags.map(tagBytes)]);
}

function tagBytes({ kind, timeMs, body }: FlvTag): Buffer {
  const head = Buffer.alloc(11);
  head.writeUInt8(TYPES[kind], 0);
  head.writeUIntBE(body.length, 1, 3);
  head.writeUIntBE(timeMs & 0xffffff, 4, 3);
  head.writeUInt8(timeMs >>> 24, 7);
  const back = Buffer.alloc(4);
  back.writeUInt32BE(11 + body.length);
  return Buffer.concat([head, body, back]);
}
