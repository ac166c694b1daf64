import fc from 'fast-check';
import { memoryStreamStore } from '../../../../functions/adapters/memory/stream-store';
import { filterPage, passesFilter } from '../../../../functions/app/streams/stream-list';
import { nodeOf, publishedStream, reported, sessionOf, streamOf } from '../../../support/streams';

const NOW = 10_000_000;

describe('filterPage', () => {
  it('gives every stream that passes once, in order, whatever the pages', async () => {
    const pages = fc.record({
      total: fc.nat(60),
      limit: fc.integer({ min: 1, max: 20 }),
      every: fc.integer({ min: 1, max: 7 }),
    });
    await fc.assert(
      fc.asyncProperty(pages, async ({ total, limit, every }) => {
        const streamStore = memoryStreamStore();
        const idOf = (n: number) => `s${String(n).padStart(15, '0')}`;
        for (let n = 0; n < total; n += 1) await streamStore.createStream(streamOf({ id: idOf(n), createdAt: n }));
        const seen: number[] = [];
        for (let after: { id: string; createdAt: number } | undefined; ; ) {
          const page = await filterPage(
            streamStore.listStreams,
            { limit, after },
            ({ createdAt }) => createdAt % every === 0,
          );
          expect(page.streams.length).toBeLessThanOrEqual(limit);
          seen.push(...page.streams.map(({ createdAt }) => createdAt));
          if (page.next === undefined) break;
          after = page.next;
        }
        const wanted = Array.from({ length: total }, (_, n) => n).filter((n) => n % every === 0);
        expect(seen).toEqual(wanted.reverse());
      }),
      { numRuns: 50 },
    );
  });

  it('looks at so many only, and goes on from there', async () => {
    const asked: number[] = [];
    const endless = async ({ limit }: { limit: number }) => {
      asked.push(limit);
      return Array.from({ length: limit }, (_, n) => streamOf({ createdAt: asked.length * 1000 - n }));
    };
    const page = await filterPage(endless, { limit: 10 }, () => false);
    expect(page.streams).toEqual([]);
    expect(page.next).toBeDefined();
    expect(asked.reduce((sum, each) => sum + each)).toBeLessThan(1300);
  });
});

describe('passesFilter', () => {
  const node = nodeOf({ heartbeatAt: NOW, sessions: [reported(sessionOf(1))] });
  it.each([
    [{}, true],
    [{ status: 'live' }, true],
    [{ status: 'ended' }, false],
    [{ policy: 'open' }, true],
    [{ policy: 'gated' }, false],
    [{ title: 'a s' }, true],
    [{ title: 'A s' }, false],
    [{ title: 'a s', status: 'live', policy: 'open' }, true],
  ] as const)('%j: %s', (filter, passes) => {
    expect(passesFilter(filter, [node], NOW)(publishedStream())).toBe(passes);
  });
});
