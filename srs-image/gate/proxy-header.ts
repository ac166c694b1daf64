import { isIP } from 'node:net';
import { GateRefusal } from './refusal';

/** https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt, 2.1 and 2.2 */
const V1 = Buffer.from('PROXY ');
const V1_LONGEST = 107;
const V2 = Buffer.from([0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]);
const V2_HEAD = 16;
/** Addresses take 36 at most; what a balancer says beyond them is skipped. */
const V2_LONGEST = 1024;
const LOCAL = 0x20;
const PROXY = 0x21;
const TCP4 = 0x11;
const TCP6 = 0x21;

/** The header's bytes, and the client it names; none for a balancer's own connection, as of a health check. */
export interface ProxyHeader {
  readonly bytes: number;
  readonly client?: string;
}

/**
 * The header at the beginning of `read`; nothing as long as it is not whole. Throws `GateRefusal` as soon as it is
 * none.
 */
export function readProxyHeader(read: Buffer): ProxyHeader | undefined {
  if (beginsWith(read, V1)) return readText(read);
  if (beginsWith(read, V2)) return readBinary(read);
  throw new GateRefusal('proxy_header', 'no PROXY protocol header, which this port requires');
}

const beginsWith = (read: Buffer, signature: Buffer): boolean => {
  const length = Math.min(read.length, signature.length);
  return read.subarray(0, length).equals(signature.subarray(0, length));
};

function readText(read: Buffer): ProxyHeader | undefined {
  const end = read.subarray(0, V1_LONGEST).indexOf('\r\n');
  if (end < 0 && read.length < V1_LONGEST) return undefined;
  const [, family, client = ''] = read.toString('latin1', 0, Math.max(end, 0)).split(' ');
  const bytes = end + 2;
  if (family === 'UNKNOWN') return { bytes };
  const version = family === 'TCP4' ? 4 : family === 'TCP6' ? 6 : undefined;
  if (version === undefined || isIP(client) !== version)
    throw new GateRefusal('proxy_header', 'a PROXY header without an address');
  return { bytes, client };
}

function readBinary(read: Buffer): ProxyHeader | undefined {
  if (read.length < V2_HEAD) return undefined;
  const command = read.readUInt8(12);
  const family = read.readUInt8(13);
  const length = read.readUInt16BE(14);
  if (length > V2_LONGEST)
    throw new GateRefusal('proxy_header', `a PROXY header of ${length} bytes: at most ${V2_LONGEST} are read here`);
  const bytes = V2_HEAD + length;
  if (read.length < bytes) return undefined;
  if (command === LOCAL) return { bytes };
  const size = family === TCP4 ? 4 : family === TCP6 ? 16 : undefined;
  if (command !== PROXY || size === undefined || length < 2 * size + 4)
    throw new GateRefusal('proxy_header', `a PROXY header of command ${command} and family ${family}`);
  return { bytes, client: addressOf(read.subarray(V2_HEAD, V2_HEAD + size)) };
}

const addressOf = (bytes: Buffer): string => {
  if (bytes.length === 4) return bytes.join('.');
  const groups = [0, 2, 4, 6, 8, 10, 12, 14].map((at) => bytes.readUInt16BE(at).toString(16));
  return plainAddress(new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1));
};

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
const MAPPED_HEX = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i;

/** An IPv4 address in the shape of an IPv6 one is an IPv4 address. */
export function plainAddress(address: string): string {
  const [, dotted] = MAPPED.exec(address) ?? [];
  if (dotted !== undefined) return dotted;
  const [, high, low] = MAPPED_HEX.exec(address) ?? [];
  if (high === undefined || low === undefined) return address;
  const a = Number.parseInt(high, 16);
  const b = Number.parseInt(low, 16);
  return [a >> 8, a & 0xff, b >> 8, b & 0xff].join('.');
}
