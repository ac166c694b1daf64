import { isAddress, isAddressIn } from './ip-address';

/**
 * Blocks the platform never connects to for a customer, by IANA's registries of special addresses: private, loopback,
 * link-local (the metadata server), carrier-grade NAT, multicast, documentation.
 * https://www.iana.org/assignments/iana-ipv4-special-registry
 */
const SPECIAL_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];

/**
 * The one block of IPv6 that is given out to anybody: every form that carries an IPv4 address within lies outside, or
 * in a special part.
 */
const GLOBAL_V6 = ['2000::/3'];
/** https://www.iana.org/assignments/iana-ipv6-special-registry */
const SPECIAL_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20'];

/** Says whether `text` is an address of the public internet; false for a text that is no address. */
export function isPublicAddress(text: string): boolean {
  if (!isAddress(text)) return false;
  if (!text.includes(':')) return !isAddressIn(text, SPECIAL_V4);
  return isAddressIn(text, GLOBAL_V6) && !isAddressIn(text, SPECIAL_V6);
}

/** Says whether `text` is in 127.0.0.0/8 or is `::1`. */
export const isLoopback = (text: string): boolean =>
  isAddress(text) && isAddressIn(text, text.includes(':') ? ['::1'] : ['127.0.0.0/8']);
