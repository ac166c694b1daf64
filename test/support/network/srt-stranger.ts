import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** The parts of SRT's handshake that a stranger needs (draft-sharabayko-srt, 3.2.1): no stream id, no passphrase. */
const CONTROL = 0x80000000;
const USER_DEFINED = 0xffff0000;
const INDUCTION = 1;
const CONCLUSION = 0xffffffff;
const HEADER = 16;
const COOKIE_AT = HEADER + 28;
const SOCKET_AT = HEADER + 24;
const TIMEOUT_MS = 1000;

const words = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [at, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, at * 4);
  return bytes;
};

const handshake = (fields: { version: number; extensions: number; type: number; cookie: number }, ...more: number[]) =>
  words(
    ...[CONTROL, 0, 0, 0],
    ...[fields.version, fields.extensions, 1000, 1500, 8192, fields.type, 4711, fields.cookie],
    ...[0x0100007f, 0, 0, 0],
    ...more,
  );

/** A version and flags, as every caller says them. */
const HSREQ = [0x00010003, 0x00010503, 0xbf, 0x00780000];

async function answered(socket: Socket, port: number, sent: Buffer): Promise<Buffer | undefined> {
  const heard = once(socket, 'message', { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(() => []);
  socket.send(sent, port, '127.0.0.1');
  const [answer]: unknown[] = await heard;
  return Buffer.isBuffer(answer) ? answer : undefined;
}

/**
 * Opens an SRT session of nobody's, then sends a key message far longer than any that a caller sends, as an own control
 * packet of that session. Whether the server took the session.
 */
export async function strangeSrtSession(port: number, subtype: 3 | 4, from = '127.0.0.1'): Promise<boolean> {
  const socket = createSocket('udp4').on('error', () => undefined);
  try {
    socket.bind(0, from);
    await once(socket, 'listening');
    const induced = await answered(socket, port, handshake({ version: 4, extensions: 2, type: INDUCTION, cookie: 0 }));
    if (induced === undefined) return false;
    const cookie = induced.readUInt32BE(COOKIE_AT);
    const taken = await answered(
      socket,
      port,
      handshake({ version: 5, extensions: 1, type: CONCLUSION, cookie }, ...HSREQ),
    );
    if (taken === undefined) return false;
    const to = taken.readUInt32BE(SOCKET_AT);
    socket.send(Buffer.concat([words(USER_DEFINED | subtype, 0, 0, to), Buffer.alloc(1340, 1)]), port, '127.0.0.1');
    await new Promise((resolve) => setTimeout(resolve, 200));
    return true;
  } finally {
    socket.close();
  }
}
