import type { StreamStatus } from '../../../../functions/contract/api/streams';
import type { Node, Stream } from '../../../../functions/contract/state';
import { lastAliveAt, statusOf } from '../../../../functions/core/publish/liveness';
import { broadcastOf, nodeOf, publishedStream, reported, sessionOf, streamOf } from '../../../support/streams';

const NOW = 10_000_000;
const old = { startedAt: NOW - 3_600_000 };
const naming = (heartbeatAt: number, more: Parameters<typeof reported>[1] = {}) =>
  nodeOf({ heartbeatAt, sessions: [reported(sessionOf(1), more)] });
const ended = (endedAt: number, endReason: 'unpublished' | 'superseded' | 'node_lost' | 'not_reported') => ({
  ...old,
  endedAt,
  endReason,
});

describe('a session without an agent', () => {
  const startedAt = NOW;
  const at = (ms: number) => statusOf(publishedStream({ startedAt, foreign: true }), undefined, startedAt + ms);

  it('is over after twelve hours, if nobody ever said so, and that is its end', () => {
    expect([at(12 * 3_600_000 - 1), at(12 * 3_600_000), at(12 * 3_600_000 + 60_001)]).toEqual([
      'live',
      'reconnecting',
      'ended',
    ]);
    expect(lastAliveAt(sessionOf(1, { startedAt, foreign: true }), undefined)).toBe(startedAt + 12 * 3_600_000);
  });
});

describe('statusOf', () => {
  it.each<[string, StreamStatus, Stream, Node | undefined]>([
    ['never published', 'idle', streamOf(), undefined],
    ['named by a heartbeat', 'live', publishedStream(old), naming(NOW - 1000)],
    ['named by the last heartbeat in time', 'live', publishedStream(old), naming(NOW - 20_000)],
    ['of a node not heard of for 20 s', 'reconnecting', publishedStream(old), naming(NOW - 20_001)],
    ['of a node not heard of for longer than the window', 'ended', publishedStream(old), naming(NOW - 60_001)],
    ['of a node nobody knows', 'ended', publishedStream(old), undefined],
    ['not named by its node', 'reconnecting', publishedStream(old), nodeOf({ heartbeatAt: NOW })],
    [
      'named as no longer publishing',
      'reconnecting',
      publishedStream(old),
      naming(NOW, { publishing: false, pendingSegments: 3 }),
    ],
    ['named under another stream', 'reconnecting', publishedStream(old), naming(NOW, { streamId: 'zzzzzzzzzzzzzzzz' })],
    [
      'too young for a heartbeat',
      'live',
      publishedStream({ startedAt: NOW - 12_000 }),
      nodeOf({ heartbeatAt: NOW - 1000 }),
    ],
    [
      'just too old for that',
      'reconnecting',
      publishedStream({ startedAt: NOW - 12_001 }),
      nodeOf({ heartbeatAt: NOW - 1000 }),
    ],
    ['unpublished a moment ago', 'reconnecting', publishedStream(ended(NOW - 1000, 'unpublished')), naming(NOW - 500)],
    [
      'unpublished before the window',
      'ended',
      publishedStream(ended(NOW - 60_001, 'unpublished')),
      nodeOf({ heartbeatAt: NOW }),
    ],
    ['resumed after its on_unpublish', 'live', publishedStream(ended(NOW - 20_000, 'unpublished')), naming(NOW - 1000)],
    ['supposed lost, then heard of', 'live', publishedStream(ended(NOW - 90_000, 'node_lost')), naming(NOW - 1000)],
    ['without an agent, for hours', 'live', publishedStream({ startedAt: NOW - 9_000_000, foreign: true }), undefined],
    [
      'without an agent, until its on_unpublish',
      'reconnecting',
      publishedStream({ ...ended(NOW - 1000, 'unpublished'), foreign: true }),
      undefined,
    ],
    ['superseded', 'reconnecting', publishedStream(ended(NOW - 30_000, 'superseded')), naming(NOW)],
    [
      'of a broadcast that closes, though the node goes on',
      'ended',
      publishedStream(ended(NOW - 1000, 'node_lost'), { unfinished: [broadcastOf({ state: 'closing' })] }),
      naming(NOW),
    ],
    [
      'of a closed broadcast',
      'ended',
      publishedStream(ended(NOW - 1000, 'unpublished'), { unfinished: [] }),
      nodeOf({ heartbeatAt: NOW }),
    ],
  ])('a stream %s is %s', (_name, status, stream, node) => {
    expect(statusOf(stream, node, NOW)).toBe(status);
  });

  it('is no longer live 30 s after a death, with no hook at all', () => {
    const stream = publishedStream({ startedAt: NOW });
    const statuses = [0, 10, 20, 30].map((seconds) => statusOf(stream, naming(NOW), NOW + seconds * 1000));
    expect(statuses).toEqual(['live', 'live', 'live', 'reconnecting']);
  });
});
