import { isIPv6 } from 'node:net';

/** 127.64.0.0/10: SRS shows in its hooks and its API from which of them the gate connected. */
const FIRST = 0x7f400000;
const ADDRESSES = 1 << 22;
/** A hook of a connection may come after its end. */
const REMEMBERED_MS = 60_000;

const dotted = (address: number): string =>
  [address >>> 24, (address >>> 16) & 0xff, (address >>> 8) & 0xff, address & 0xff].join('.');

/** A loopback address for each session, and who stands behind it. Times in milliseconds. */
export class Sources {
  private readonly clients = new Map<string, { client: string; endedAt?: number }>();
  private next = 1;

  /** An address that nobody has now; `client` is its owner until `release`. */
  give(client: string): string {
    for (;;) {
      const address = dotted(FIRST + this.next);
      this.next = (this.next + 1) % ADDRESSES;
      // 0 and 255 are left out: some systems take them for networks.
      if (/\.(0|255)$/.test(address) || this.clients.has(address)) continue;
      this.clients.set(address, { client });
      return address;
    }
  }

  release(address: string, now: number): void {
    const entry = this.clients.get(address);
    if (entry !== undefined) entry.endedAt = now;
  }

  clientOf(address: string): string | undefined {
    return this.clients.get(address)?.client;
  }

  forget(now: number): void {
    for (const [address, { endedAt }] of this.clients) {
      if (endedAt !== undefined && now - endedAt > REMEMBERED_MS) this.clients.delete(address);
    }
  }
}

/** Answers what limits of an address count by: an IPv6 client has a whole /64 to choose from. */
export function subscriberOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  const behind = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - before.length - behind.length)).fill('0');
  return `${[...before, ...zeros, ...behind].slice(0, 4).join(':')}::/64`;
}
