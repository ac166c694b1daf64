/**
 * IP addresses and CIDR blocks, in text. IPv4 is the part of IPv6 that IPv4-mapped addresses are (RFC 4291 2.5.5.2), so that a
 * dual-stack listener's `::ffff:192.0.2.1` is `192.0.2.1`.
 */
interface Block {
  bits: bigint;
  prefix: number;
}

const MAPPED = 0xffffn << 32n;
const WIDTH = 128;

/** Whether `address` lies in one of `blocks`; false for what is no address. */
export function isAddressIn(address: string, blocks: readonly string[]): boolean {
  const bits = parseAddress(address);
  return bits !== undefined && blocks.some((block) => contains(parseBlock(block), bits));
}

function contains(block: Block | undefined, bits: bigint): boolean {
  if (block === undefined) return false;
  const rest = BigInt(WIDTH - block.prefix);
  return bits >> rest === block.bits >> rest;
}

function parseBlock(text: string): Block | undefined {
  const [address = '', length] = text.split('/');
  const bits = parseAddress(address);
  if (bits === undefined) return undefined;
  const width = address.includes(':') ? WIDTH : 32;
  const prefix = length === undefined ? width : Number(length);
  return Number.isInteger(prefix) && prefix >= 0 && prefix <= width ? { bits, prefix: WIDTH - width + prefix } : undefined;
}

function parseAddress(text: string): bigint | undefined {
  if (!text.includes(':')) {
    const bits = parseIpv4(text);
    return bits === undefined ? undefined : MAPPED | bits;
  }
  return parseIpv6(text.split('%', 1)[0] ?? '');
}

function parseIpv4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255)) return undefined;
  return parts.reduce((bits, part) => (bits << 8n) | BigInt(part), 0n);
}

function parseIpv6(text: string): bigint | undefined {
  const halves = withHexTail(text).split('::');
  if (halves.length > 2) return undefined;
  const [head = [], tail] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array.from({ length: tail === undefined ? 0 : missing }, () => '0'), ...(tail ?? [])];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return groups.reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n);
}

/** `::ffff:192.0.2.1` as `::ffff:c000:201`. */
function withHexTail(text: string): string {
  const tail = text.slice(text.lastIndexOf(':') + 1);
  const bits = tail.includes('.') ? parseIpv4(tail) : undefined;
  if (bits === undefined) return text;
  return `${text.slice(0, -tail.length)}${(bits >> 16n).toString(16)}:${(bits & 0xffffn).toString(16)}`;
}
