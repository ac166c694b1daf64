import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { close, listen } from '../../../../scripts/emulators/server/listen';
import { openWire, type Wire } from '../../../../scripts/tools/faults/wire';
import { until } from '../../../support/platform/until';

const heard: string[] = [];
const server = createServer((socket) =>
  socket.on('error', () => undefined).on('data', (data) => heard.push(`${data}`)),
);
let wire: Wire;
let near: Socket;

beforeEach(async () => {
  heard.length = 0;
  wire = await openWire(await listen(server, 0, 'far end'));
  near = connect(wire.port, '127.0.0.1').on('error', () => undefined);
  await once(near, 'connect');
});
afterEach(async () => {
  near.destroy();
  await wire.close();
  await close(server);
});

describe('a wire between an encoder and the platform', () => {
  it('passes bytes on', async () => {
    near.write('one');
    await until(() => heard.join('') === 'one');
  });

  it('passes nothing while it is held, and all of it afterwards', async () => {
    wire.held = true;
    near.write('one');
    near.write('two');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(heard).toEqual([]);
    wire.held = false;
    await until(() => heard.join('') === 'onetwo');
  });

  it('breaks every connection when it is cut, and takes new ones', async () => {
    const [error] = await Promise.all([once(near, 'error'), Promise.resolve().then(() => wire.cut())]);
    expect(error).toEqual([expect.objectContaining({ code: 'ECONNRESET' })]);
    const again = connect(wire.port, '127.0.0.1');
    again.write('again');
    await until(() => heard.join('') === 'again');
    again.destroy();
  });
});
