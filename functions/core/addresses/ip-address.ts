import ipaddr from 'ipaddr.js';

/** An address with its zone has at most 45 characters and the name of an interface. A longer text is refused unread. */
const MAX_CHARACTERS = 64;
/**
 * An IPv4 address as the IPv6 address that it is part of (RFC 4291 2.5.5.2), so that both have one order and one
 * length.
 */
const asIpv6 = (address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv6 =>
  address instanceof ipaddr.IPv4 ? address.toIPv4MappedAddress() : address;
const MAPPED_BITS = 96;

/**
 * Parses an IPv4 address of four decimal parts, or an IPv6 address, perhaps with a zone; `undefined` for any other
 * text.
 */
function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  if (text.length > MAX_CHARACTERS) return undefined;
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  const [withoutZone = ''] = text.split('%', 1);
  // ipaddr.js reads `::192.0.2.1` as the IPv4-mapped address. It is the deprecated IPv4-compatible one (RFC 4291
  // 2.5.5.1), and another.
  const ipv6 = withoutZone.replace(/^::(?=\d+\.)/, '0::');
  return ipv6.includes(':') && ipaddr.IPv6.isValid(ipv6) ? ipaddr.IPv6.parse(ipv6) : undefined;
}

function parseBlock(text: string): [ipaddr.IPv6, number] | undefined {
  const [network = '', length] = text.split('/');
  const address = parseAddress(network);
  if (address === undefined) return undefined;
  const width = address instanceof ipaddr.IPv4 ? 32 : 128;
  const bits = length === undefined ? width : Number(length);
  if (!Number.isInteger(bits) || bits < 0 || bits > width) return undefined;
  return [asIpv6(address), address instanceof ipaddr.IPv4 ? MAPPED_BITS + bits : bits];
}

/**
 * Says whether `text` is an IP address in a form that Node and the WHATWG URL standard write. An address with a zone is
 * refused.
 */
export const isAddress = (text: string): boolean => !text.includes('%') && parseAddress(text) !== undefined;

/**
 * Says whether `address` lies in one of `blocks`, each an address or a CIDR block; false for a text that is no address.
 * IPv4 is the part of IPv6 that IPv4-mapped addresses are, so a dual-stack listener's `::ffff:192.0.2.1` is
 * `192.0.2.1`. A zone does not count.
 */
export function isAddressIn(address: string, blocks: readonly string[]): boolean {
  const parsed = parseAddress(address);
  if (parsed === undefined) return false;
  const bits = asIpv6(parsed);
  return blocks.some((text) => {
    const block = parseBlock(text);
    return block !== undefined && bits.match(block);
  });
}
