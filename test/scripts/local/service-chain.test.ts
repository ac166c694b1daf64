import type { LocalService } from '../../../scripts/emulators/server/local-service';
import { ServiceChain } from '../../../scripts/local/process/service-chain';

const part = (name: string, calls: string[], fails: { start?: boolean; stop?: boolean } = {}): LocalService => ({
  name,
  start: async () => {
    calls.push(`start ${name}`);
    if (fails.start) throw new Error(`${name} does not start`);
    return new URL('http://127.0.0.1');
  },
  stop: async () => {
    calls.push(`stop ${name}`);
    if (fails.stop) throw new Error(`${name} does not stop`);
  },
});

describe('parts that belong together', () => {
  it('start in order and stop in reverse, once', async () => {
    const calls: string[] = [];
    const chain = new ServiceChain([part('a', calls), part('b', calls)]);
    await chain.start();
    await Promise.all([chain.stop(), chain.stop()]);
    expect(calls).toEqual(['start a', 'start b', 'stop b', 'stop a']);
  });

  it('are all stopped when one does not start, itself too', async () => {
    const calls: string[] = [];
    const chain = new ServiceChain([part('a', calls), part('b', calls, { start: true }), part('c', calls)]);
    await expect(chain.start()).rejects.toThrow('b does not start');
    expect(calls).toEqual(['start a', 'start b', 'stop b', 'stop a']);
  });

  it('are all stopped when one does not stop, which is told', async () => {
    const calls: string[] = [];
    const chain = new ServiceChain([part('a', calls), part('b', calls, { stop: true })]);
    await chain.start();
    await expect(chain.stop()).rejects.toThrow('b does not stop');
    expect(calls.at(-1)).toBe('stop a');
  });

  it('start no further once they are stopped', async () => {
    const calls: string[] = [];
    const first = part('a', calls);
    const stopMeanwhile = async (): Promise<URL> => {
      void chain.stop();
      return new URL('http://127.0.0.1');
    };
    const chain: ServiceChain = new ServiceChain([{ ...first, start: stopMeanwhile }, part('b', calls)]);
    await expect(chain.start()).rejects.toThrow('stopped while starting');
    expect(calls).toEqual(['stop a']);
  });
});
