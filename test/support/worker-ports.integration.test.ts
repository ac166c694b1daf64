import { createServer } from 'node:net';
import { close, listen } from '../../scripts/emulators/server/listen';
import { freeBase, freePort } from './platform/worker-ports';

describe('ports of a worker', () => {
  it('are of its own lane, and no two the same', async () => {
    const lane = Math.floor((await freeBase()) / 1000);
    const ports = [await freePort(), await freePort(), await freePort()];
    expect(new Set(ports).size).toBe(3);
    expect(ports.map((port) => Math.floor(port / 1000))).toEqual([lane, lane, lane]);
  });

  it.each([0, 1, 49])('leave out a block whose port %i is taken', async (offset) => {
    const base = await freeBase();
    const squatter = createServer();
    await listen(squatter, base + offset, 'squatter');
    try {
      expect(await freeBase()).toBeGreaterThan(base);
    } finally {
      await close(squatter);
    }
  });
});
