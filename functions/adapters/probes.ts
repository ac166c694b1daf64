import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';

/** Longer than any caller waits. */
const PROBE_LIMIT_MS = 5000;
const RTMP_PORT = 1935;
/** C0 is the version, C1 four bytes of time, four of zero, and 1528 of chance. Adobe RTMP 1.0, 5.2. */
const VERSION = 3;
const C1_BYTES = 1536;

/**
 * Shakes hands with an RTMP server, `rtmp://host[:port]/app`, as far as its S0. Rejects when it is not one, or says
 * nothing.
 */
export function rtmpHandshake(server: string): Promise<void> {
  const { hostname, port } = new URL(server.replace(/^rtmp/, 'http'));
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port || RTMP_PORT) });
    const end = (error?: Error) => {
      socket.destroy();
      if (error === undefined) resolve();
      else reject(error);
    };
    socket.setTimeout(PROBE_LIMIT_MS, () => end(new Error(`'${server}' says nothing`)));
    socket.once('error', end);
    socket.once('close', () => end(new Error(`'${server}' hung up`)));
    socket.once('connect', () =>
      socket.write(Buffer.concat([Buffer.from([VERSION, 0, 0, 0, 0, 0, 0, 0, 0]), randomBytes(C1_BYTES - 8)])),
    );
    socket.once('data', (answer) =>
      end(answer[0] === VERSION ? undefined : new Error(`'${server}' answers version ${answer[0]}`)),
    );
  });
}

/** Reads a playlist. Rejects when it is not answered, or is none. */
export async function readPlaylist(url: string): Promise<void> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(PROBE_LIMIT_MS) });
  const text = await answer.text();
  if (!answer.ok || !text.startsWith('#EXTM3U')) throw new Error(`'${url}' answers ${answer.status}`);
}
