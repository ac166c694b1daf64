import { inflateRawSync } from 'node:zlib';
import { zip } from '../../../scripts/build/zip';

/** Reads an archive by its central directory, as every unpacker does. APPNOTE.TXT 4.3.12, 4.3.16. */
function unzip(archive: Buffer): Record<string, string> {
  const end = archive.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  let at = archive.readUInt32LE(end + 16);
  return Object.fromEntries(
    Array.from({ length: archive.readUInt16LE(end + 10) }, () => {
      const packed = archive.readUInt32LE(at + 20);
      const nameLength = archive.readUInt16LE(at + 28);
      const local = archive.readUInt32LE(at + 42);
      const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
      const data = local + 30 + archive.readUInt16LE(local + 26);
      at += 46 + nameLength;
      return [name, inflateRawSync(archive.subarray(data, data + packed)).toString()];
    }),
  );
}

describe('zip', () => {
  const files = { 'package.json': '{}\n', 'index.js': 'exports.a = 1;\n'.repeat(1000) };

  it('keeps every file', () => {
    expect(unzip(zip(files))).toEqual(files);
  });

  it('gives the same bytes for the same files, whatever their order', () => {
    const [first, last] = Object.entries(files);
    expect(zip(Object.fromEntries([last, first].filter((entry) => entry !== undefined)))).toEqual(zip(files));
  });

  it('has the checksum of each file', () => {
    // CRC-32 of "123456789": the check value of the algorithm's definition.
    expect(zip({ a: '123456789' }).readUInt32LE(14)).toBe(0xcbf43926);
  });
});
