import { createServer } from 'node:net';
import { close, listen } from '../../emulators/server/listen';

/** A port of 127.0.0.1 that nobody listens on just now. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  const port = await listen(probe, 0, 'probe');
  await close(probe);
  return port;
}
