import { createHash } from 'node:crypto';

/** CRC-32C (Castagnoli), reflected polynomial. RFC 3720, appendix B.4. */
const POLYNOMIAL = 0x82f63b78;
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
  return crc;
});

/** Returns the checksum in Cloud Storage's form: base64 of the big-endian 32 bits. */
export function crc32c(bytes: Uint8Array): string {
  let crc = 0xffffffff;
  // An index: every byte of every segment passes here, and an iterator costs several times as much.
  for (let index = 0; index < bytes.length; index += 1)
    crc = (crc >>> 8) ^ (TABLE[(crc ^ (bytes[index] ?? 0)) & 0xff] ?? 0);
  const out = Buffer.alloc(4);
  out.writeUInt32BE((crc ^ 0xffffffff) >>> 0);
  return out.toString('base64');
}

export const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('base64');
