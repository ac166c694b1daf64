import { deflateRawSync } from 'node:zlib';

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

function crc32(bytes: Uint8Array): number {
  let c = 0xffffffff;
  for (const byte of bytes) c = (CRC_TABLE[(c ^ byte) & 0xff] ?? 0) ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

/** 1980-01-01, the earliest a ZIP file can say: an archive's bytes must depend on its content alone. */
const NO_TIME = 0x00210000;

interface File {
  name: Buffer;
  data: Buffer;
  packed: Buffer;
}

/** The fields that the local header and the central directory share. APPNOTE.TXT 4.3.7, 4.3.12; method 8 is deflate. */
function sharedFields({ name, data, packed }: File): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
  fields.writeUInt16LE(8, 4);
  fields.writeUInt32LE(NO_TIME, 6);
  fields.writeUInt32LE(crc32(data), 10);
  fields.writeUInt32LE(packed.length, 14);
  fields.writeUInt32LE(data.length, 18);
  fields.writeUInt16LE(name.length, 22);
  return fields;
}

const signature = (text: string): Buffer => Buffer.from(`PK${text}`, 'latin1');

const localFile = (file: File): Buffer =>
  Buffer.concat([signature('\x03\x04'), sharedFields(file), file.name, file.packed]);

function directoryEntry(file: File, offset: number): Buffer {
  const rest = Buffer.alloc(14);
  rest.writeUInt32LE((0o100644 << 16) >>> 0, 6);
  rest.writeUInt32LE(offset, 10);
  return Buffer.concat([signature('\x01\x02'), Buffer.from([20, 3]), sharedFields(file), rest, file.name]);
}

function endOfDirectory(count: number, size: number, offset: number): Buffer {
  const end = Buffer.alloc(18);
  end.writeUInt16LE(count, 4);
  end.writeUInt16LE(count, 6);
  end.writeUInt32LE(size, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([signature('\x05\x06'), end]);
}

/**
 * Makes a ZIP archive of `{name: contents}`, in the order of the names; without times and owners: the same files give
 * the same bytes.
 */
export function zip(contents: Readonly<Record<string, string | Uint8Array>>): Buffer {
  const files = Object.entries(contents)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, data]) => ({ name: Buffer.from(name), data: Buffer.from(data), packed: deflateRawSync(data) }));
  let offset = 0;
  const directory = Buffer.concat(
    files.map((file) => {
      const entry = directoryEntry(file, offset);
      offset += localFile(file).length;
      return entry;
    }),
  );
  return Buffer.concat([...files.map(localFile), directory, endOfDirectory(files.length, directory.length, offset)]);
}
