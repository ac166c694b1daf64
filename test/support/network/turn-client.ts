import { createHash, createHmac, randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';

/**
 * As much of a TURN client over UDP as probes need, written from RFC 8489 and RFC 8656 rather than shared with any
 * server.
 */

const MAGIC = 0x2112a442;
const METHOD = { allocate: 0x003, refresh: 0x004, createPermission: 0x008 } as const;
const SEND_INDICATION = 0x0016;
const DATA_INDICATION = 0x0017;
const ATTRIBUTE = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  lifetime: 0x000d,
  xorPeerAddress: 0x0012,
  data: 0x0013,
  realm: 0x0014,
  nonce: 0x0015,
  xorRelayedAddress: 0x0016,
  requestedAddressFamily: 0x0017,
  requestedTransport: 0x0019,
} as const;
const UDP = 17;
export const TCP = 6;

type Attributes = readonly (readonly [type: number, value: Buffer])[];

interface Message {
  type: number;
  transaction: Buffer;
  attributes: ReadonlyMap<number, Buffer>;
}

export interface Peer {
  address: string;
  port: number;
}
export interface Credentials {
  username: string;
  password: string;
}

const padded = (value: Buffer): Buffer => Buffer.concat([value, Buffer.alloc((4 - (value.length % 4)) % 4)]);

function attribute(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, padded(value)]);
}

function header(type: number, length: number, transaction: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(length, 2);
  head.writeUInt32BE(MAGIC, 4);
  return Buffer.concat([head, transaction]);
}

/** With MESSAGE-INTEGRITY when there is a key: the length counts it already. */
function encode(type: number, transaction: Buffer, attributes: Attributes, key?: Buffer): Buffer {
  const body = Buffer.concat(attributes.map(([name, value]) => attribute(name, value)));
  if (key === undefined) return Buffer.concat([header(type, body.length, transaction), body]);
  const signed = Buffer.concat([header(type, body.length + 24, transaction), body]);
  return Buffer.concat([
    signed,
    attribute(ATTRIBUTE.messageIntegrity, createHmac('sha1', key).update(signed).digest()),
  ]);
}

function decode(packet: Buffer): Message {
  const attributes = new Map<number, Buffer>();
  for (let at = 20; at + 4 <= packet.length; ) {
    const length = packet.readUInt16BE(at + 2);
    attributes.set(packet.readUInt16BE(at), packet.subarray(at + 4, at + 4 + length));
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return { type: packet.readUInt16BE(0), transaction: packet.subarray(8, 20), attributes };
}

const bytesOf = (address: string): Buffer => {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail] = address.split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const all = [...left, ...Array.from({ length: 8 - left.length - right.length }, () => '0'), ...right];
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
};

/** XOR-MAPPED form: port and address under the magic number, an IPv6 one under the transaction too. */
function xorAddress({ address, port }: Peer, transaction: Buffer): Buffer {
  const bytes = bytesOf(address);
  const mask = header(0, 0, transaction).subarray(4);
  const head = Buffer.alloc(4);
  head.writeUInt8(bytes.length === 4 ? 1 : 2, 1);
  head.writeUInt16BE(port ^ (MAGIC >>> 16), 2);
  return Buffer.concat([head, Buffer.from(bytes.map((byte, index) => byte ^ (mask[index] ?? 0)))]);
}

const portOf = (value: Buffer): number => value.readUInt16BE(2) ^ (MAGIC >>> 16);

/** 0 for success, else the error code. */
function outcome({ type, attributes }: Message): number {
  const error = attributes.get(ATTRIBUTE.errorCode);
  if ((type & 0x0110) !== 0x0110 || error === undefined) return 0;
  return error.readUInt8(2) * 100 + error.readUInt8(3);
}

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

export class TurnClient {
  private readonly socket: Socket = createSocket('udp4');
  private readonly waiting = new Map<string, (message: Message) => void>();
  private readonly data: Buffer[] = [];
  private wakeReader = (): void => undefined;
  private realm = Buffer.alloc(0);
  private nonce = Buffer.alloc(0);

  private constructor(
    private readonly server: Peer,
    private readonly credentials: Credentials,
  ) {
    this.socket.on('message', (packet) => this.take(decode(packet)));
  }

  static async connect(server: Peer, credentials: Credentials): Promise<TurnClient> {
    const client = new TurnClient(server, credentials);
    await new Promise<void>((resolve) => client.socket.bind(0, '127.0.0.1', resolve));
    return client;
  }

  /** 0, or the error code; `relayPort` of a success. */
  async allocate(options: { transport?: number; ipv6?: boolean } = {}): Promise<{ code: number; relayPort?: number }> {
    const attributes: Attributes = [
      [ATTRIBUTE.requestedTransport, Buffer.from([options.transport ?? UDP, 0, 0, 0])],
      ...(options.ipv6 ? ([[ATTRIBUTE.requestedAddressFamily, Buffer.from([2, 0, 0, 0])]] as const) : []),
    ];
    const answer = await this.request(METHOD.allocate, () => attributes);
    const relayed = answer.attributes.get(ATTRIBUTE.xorRelayedAddress);
    return { code: outcome(answer), ...(relayed && { relayPort: portOf(relayed) }) };
  }

  /** Asks whether the server would relay to `peer`; nothing is sent there. 0, or the error code. */
  async createPermission(peer: Peer): Promise<number> {
    return outcome(
      await this.request(METHOD.createPermission, (transaction) => [
        [ATTRIBUTE.xorPeerAddress, xorAddress(peer, transaction)],
      ]),
    );
  }

  send(peer: Peer, data: Buffer): void {
    const transaction = randomBytes(12);
    const attributes: Attributes = [
      [ATTRIBUTE.xorPeerAddress, xorAddress(peer, transaction)],
      [ATTRIBUTE.data, data],
    ];
    this.socket.send(encode(SEND_INDICATION, transaction, attributes), this.server.port, this.server.address);
  }

  /** The next data a peer sent back. */
  async receive(): Promise<Buffer> {
    while (this.data.length === 0) await new Promise<void>((resolve) => (this.wakeReader = resolve));
    return this.data.shift() ?? Buffer.alloc(0);
  }

  /** Gives the allocation back. */
  async close(): Promise<void> {
    await this.request(METHOD.refresh, () => [[ATTRIBUTE.lifetime, uint32(0)]]);
    await new Promise<void>((resolve) => this.socket.close(resolve));
  }

  /** The first answer of a server is 401 with its realm and nonce; the second counts. */
  private async request(method: number, attributes: (transaction: Buffer) => Attributes): Promise<Message> {
    const first = await this.exchange(method, attributes);
    if (outcome(first) !== 401 && outcome(first) !== 438) return first;
    this.realm = Buffer.from(first.attributes.get(ATTRIBUTE.realm) ?? '');
    this.nonce = Buffer.from(first.attributes.get(ATTRIBUTE.nonce) ?? '');
    return this.exchange(method, attributes);
  }

  private exchange(method: number, attributes: (transaction: Buffer) => Attributes): Promise<Message> {
    const transaction = randomBytes(12);
    const packet = encode(method, transaction, [...attributes(transaction), ...this.identity()], this.key());
    return new Promise((resolve) => {
      const again = setInterval(() => this.socket.send(packet, this.server.port, this.server.address), 500);
      this.waiting.set(transaction.toString('hex'), (message) => {
        clearInterval(again);
        resolve(message);
      });
      this.socket.send(packet, this.server.port, this.server.address);
    });
  }

  private identity(): Attributes {
    if (this.realm.length === 0) return [];
    return [
      [ATTRIBUTE.username, Buffer.from(this.credentials.username)],
      [ATTRIBUTE.realm, this.realm],
      [ATTRIBUTE.nonce, this.nonce],
    ];
  }

  private key(): Buffer | undefined {
    if (this.realm.length === 0) return undefined;
    const { username, password } = this.credentials;
    return createHash('md5').update(`${username}:${this.realm}:${password}`).digest();
  }

  private take(message: Message): void {
    if (message.type === DATA_INDICATION) {
      this.data.push(Buffer.from(message.attributes.get(ATTRIBUTE.data) ?? ''));
      this.wakeReader();
      return;
    }
    const id = message.transaction.toString('hex');
    const answer = this.waiting.get(id);
    this.waiting.delete(id);
    answer?.(message);
  }
}
