/**
 * Which addresses the platform connects to for a customer: public ones only. Everything that is not, by IANA's registries of special
 * addresses: private, loopback, link-local (the metadata server), carrier-grade NAT, multicast, documentation, and every form of
 * IPv6 that carries an IPv4 address within.
 * https://www.iana.org/assignments/iana-ipv4-special-registry https://www.iana.org/assignments/iana-ipv6-special-registry
 */
const SPECIAL_V4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

/** Only 2000::/3 is given out to anybody; these parts of it are special. */
const GLOBAL_V6 = ['2000::', 3] as const;
const SPECIAL_V6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
];

/** Whether `text` is an IP address at all, in a form Node and the WHATWG URL standard write one. */
export const isAddress = (text: string): boolean => bytesOf(text) !== undefined;

/** Whether `text` is an address of the public internet; false for anything that is not an address. */
export function isPublicAddress(text: string): boolean {
  const bytes = bytesOf(text);
  if (bytes === undefined) return false;
  if (bytes.length === 4) return !SPECIAL_V4.some((block) => lies(bytes, block));
  return lies(bytes, GLOBAL_V6) && !SPECIAL_V6.some((block) => lies(bytes, block));
}

/** 127.0.0.0/8 and ::1. */
export const isLoopback = (text: string): boolean => {
  const bytes = bytesOf(text);
  if (bytes === undefined) return false;
  return bytes.length === 4 ? bytes[0] === 127 : lies(bytes, ['::1', 128]);
};

function lies(bytes: readonly number[], [network, bits]: readonly [string, number]): boolean {
  const base = bytesOf(network) ?? [];
  if (base.length !== bytes.length) return false;
  return bytes.every((byte, index) => {
    const mask = 0xff & ~(0xff >> Math.min(8, Math.max(0, bits - index * 8)));
    return (byte & mask) === ((base[index] ?? 0) & mask);
  });
}

/** 4 or 16 bytes; `undefined` for what is not an address. A zone (`fe80::1%eth0`) is none. */
const bytesOf = (text: string): number[] | undefined => (text.includes(':') ? v6(text) : v4(text));

function v4(text: string): number[] | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part))) return undefined;
  const bytes = parts.map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

function v6(text: string): number[] | undefined {
  const [head = '', tail, ...rest] = text.split('::');
  if (rest.length > 0) return undefined;
  const front = groups(head);
  const back = tail === undefined ? [] : groups(tail);
  if (front === undefined || back === undefined) return undefined;
  const missing = 16 - front.length - back.length;
  if (tail === undefined ? missing !== 0 : missing < 2) return undefined;
  return [...front, ...Array.from({ length: missing }, () => 0), ...back];
}

/** `2001:db8`, the last group perhaps an IPv4 address. */
function groups(text: string): number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (part.includes('.')) {
      const last = index === parts.length - 1 ? v4(part) : undefined;
      if (last === undefined) return undefined;
      bytes.push(...last);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      const value = Number.parseInt(part, 16);
      bytes.push(value >> 8, value & 0xff);
    } else return undefined;
  }
  return bytes;
}
