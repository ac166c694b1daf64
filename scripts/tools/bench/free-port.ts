import { createServer } from 'node:net';
import { close, listen } from '../../emulators/server/listen';

/** Returns a port of 127.0.0.1 on which no program listens at this moment. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  const port = await listen(probe, 0, 'probe');
  await close(probe);
  return port;
}
