import { createSocket } from 'node:dgram';
import { freePort } from '../platform/worker-ports';
import { srsWithGate } from '../rtmp/srs-with-gate';
import { DROPPED } from './datagrams';
import { strangeSrtSession } from './srt-stranger';

/**
 * Sends an SRS, in the network namespace this runs in, what ends one by UDP: malformed datagrams to its WebRTC port,
 * and SRT sessions of nobody's. Writes what SRS outlived as one line of JSON: `{ "<title>": true, ... }`; it stops at
 * the first that SRS did not. `SRS_BIN`, `RTC_PORT` and `SRT_PORT` come by environment.
 */
const { SRS_BIN = '', RTC_PORT = '0', SRT_PORT = '0' } = process.env;
const REPEATS = 3;

const datagrams = Object.entries(DROPPED).map(([what, datagram]) => ({
  title: `${what}, to the WebRTC port`,
  send: async () => {
    const socket = createSocket('udp4').on('error', () => undefined);
    for (let count = 0; count < REPEATS; count += 1)
      await new Promise<void>((done) => socket.send(datagram, Number(RTC_PORT), '127.0.0.1', () => done()));
    socket.close();
  },
}));

const sessions = ([3, 4] as const).map((subtype) => ({
  title: `an SRT session of nobody's, with a key message of kind ${subtype}`,
  send: () => strangeSrtSession(Number(SRT_PORT), subtype),
}));

async function main(): Promise<void> {
  const node = await srsWithGate(
    SRS_BIN,
    {},
    {
      SRS_RTC_SERVER_ENABLED: 'on',
      SRS_RTC_SERVER_LISTEN: RTC_PORT,
      SRS_SRT_SERVER_ENABLED: 'on',
      SRS_SRT_SERVER_LISTEN: SRT_PORT,
      SRS_HTTP_SERVER_LISTEN: `127.0.0.1:${await freePort()}`,
    },
  );
  const outlived: Record<string, boolean> = {};
  for (const { title, send } of [...datagrams, ...sessions]) {
    await send();
    await new Promise((resolve) => setTimeout(resolve, 100));
    outlived[title] = await node.isSrsAlive();
    if (!outlived[title]) break;
  }
  console.log(JSON.stringify(outlived));
  await node.stop();
  process.exit();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
