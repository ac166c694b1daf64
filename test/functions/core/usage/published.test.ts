import { publishedMs } from '../../../../functions/core/usage/published';
import { nodeOf, reported, sessionOf } from '../../../support/streams';

const NOW = 1_000_000;
const all = { fromMs: 0, toMs: NOW };
const over = (ordinal: number, startedAt: number, endedAt: number) =>
  sessionOf(ordinal, { startedAt, endedAt, endReason: 'unpublished' });

describe('publishedMs', () => {
  it('adds up what sessions published within the range', () => {
    const sessions = [over(1, 1000, 4000), over(2, 10_000, 20_000)];
    expect(publishedMs(sessions, all, { nodes: [], nowMs: NOW })).toBe(13_000);
    expect(publishedMs(sessions, { fromMs: 3000, toMs: 12_000 }, { nodes: [], nowMs: NOW })).toBe(3000);
    expect(publishedMs(sessions, { fromMs: 4000, toMs: 10_000 }, { nodes: [], nowMs: NOW })).toBe(0);
  });

  it('counts a live session until now, one that is not heard of any more to its last heartbeat', () => {
    const session = sessionOf(1, { startedAt: NOW - 600_000 });
    const node = (heartbeatAt: number) => nodeOf({ heartbeatAt, sessions: [reported(session)] });
    expect(publishedMs([session], all, { nodes: [node(NOW - 1000)], nowMs: NOW })).toBe(600_000);
    expect(publishedMs([session], all, { nodes: [node(NOW - 100_000)], nowMs: NOW })).toBe(500_000);
  });
});
