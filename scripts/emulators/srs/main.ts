import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { jsonLog } from '../../../functions/adapters/log';
import { randomId, systemClock } from '../../../functions/adapters/system';
import { close, listen } from '../server/listen';
import { apiListener } from './api';
import { BuiltInOrigin } from './built-in-origin';
import { BuiltInConfig } from './config';
import { flvListener } from './flv-listener';
import { hookPoster } from './hooks';

/** SRS ends after 0.6 to 1.7 s, and does not wait for a hook that hangs. */
const STOP_MS = 3000;

async function main(): Promise<void> {
  const config = BuiltInConfig.parse(JSON.parse(process.argv[2] ?? ''));
  const log = jsonLog((line) => process.stderr.write(`${line}\n`), systemClock);
  const identity = { serverId: config.nodeId, serviceId: randomId(8) };
  const origin = new BuiltInOrigin({ ...config, identity, log, post: hookPoster(config.hooksUrl, config.hooks, log) });
  const rtmp = createServer((socket) => origin.accept(socket));
  const api = createHttpServer(apiListener(origin, identity));
  const web = createHttpServer(flvListener(origin));

  const stop = async () => {
    rtmp.close();
    await Promise.race([origin.stop(), systemClock.sleep(STOP_MS)]);
    await Promise.all([close(api), close(web)]);
    process.exit(0);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.once('disconnect', stop); // its parent is gone
  await listen(rtmp, config.rtmpPort, 'RTMP');
  await listen(api, config.apiPort, 'SRS API');
  if (config.httpPort !== undefined) await listen(web, config.httpPort, 'HTTP-FLV');
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
