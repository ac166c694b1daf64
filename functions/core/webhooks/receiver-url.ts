import { isAddress } from '../addresses/ip-address';
import { isLoopback, isPublicAddress } from '../addresses/public-address';

/** Exceptions to the rule that receivers are on the public internet: only where the whole platform is one machine. */
export interface ReceiverPolicy {
  /** Plain HTTP and any port, on loopback. */
  loopback: boolean;
}

/** Ports where HTTPS is served. Any port would make the platform a scanner of other people's networks. */
const PORTS = ['', '8443'];

/** Names that never lead to the public internet. https://www.iana.org/assignments/special-use-domain-names */
const PRIVATE_NAMES = [
  'localhost',
  'local',
  'internal',
  'lan',
  'home.arpa',
  'test',
  'invalid',
  'onion',
  'localdomain',
  'corp',
  'home',
];

/**
 * Returns why `text` cannot be a receiver; `undefined` when it can, as far as a URL tells. Its name may still resolve
 * to a private address: the sender looks at every address before it connects.
 */
export function receiverProblem(text: string, policy: ReceiverPolicy): string | undefined {
  if (!URL.canParse(text)) return 'use a URL: https://host/path';
  const url = new URL(text);
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (policy.loopback && isOwnMachine(url, host)) return undefined;
  if (url.protocol !== 'https:') return `scheme '${url.protocol.slice(0, 20)}': use https`;
  if (url.username !== '' || url.password !== '')
    return 'it must not contain a user or password: verify the signature instead';
  if (!PORTS.includes(url.port)) return `port ${url.port}: use 443 or 8443`;
  return hostProblem(host);
}

/** Returns whether a connection to this address of a receiver may be made. */
export const mayConnect = (address: string, policy: ReceiverPolicy): boolean =>
  isPublicAddress(address) || (policy.loopback && isLoopback(address));

const isOwnMachine = ({ protocol }: URL, host: string): boolean =>
  (protocol === 'http:' || protocol === 'https:') && (host === 'localhost' || isLoopback(host));

function hostProblem(host: string): string | undefined {
  if (isAddress(host)) return isPublicAddress(host) ? undefined : `host '${host}': use a public address`;
  const name = host.slice(0, 253);
  if (!name.includes('.')) return `host '${name}': use a full domain name`;
  const isPrivate = PRIVATE_NAMES.some((suffix) => name === suffix || name.endsWith(`.${suffix}`));
  return isPrivate ? `host '${name}': use a name of the public internet` : undefined;
}
