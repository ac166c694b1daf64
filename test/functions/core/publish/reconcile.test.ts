import {
  awaitsUploads,
  decideClosed,
  reconcileSession,
  strayPublishers,
} from '../../../../functions/core/publish/reconcile';
import { broadcastOf, nodeOf, publishedStream, reported, sessionOf, streamOf } from '../../../support/streams';

const NOW = 10_000_000;
const old = { startedAt: NOW - 3_600_000 };
const naming = (heartbeatAt: number) => nodeOf({ heartbeatAt, sessions: [reported(sessionOf(1))] });

describe('reconcileSession', () => {
  it.each([
    ['a stream that never published', streamOf(), undefined],
    ['a live session', publishedStream(old), naming(NOW - 1000)],
    ['a session too young to be named', publishedStream({ startedAt: NOW - 5000 }), undefined],
    [
      'a session that ended within the window',
      publishedStream({ ...old, endedAt: NOW - 60_000, endReason: 'unpublished' }),
      undefined,
    ],
    [
      'a broadcast that is closing already',
      publishedStream(
        { ...old, endedAt: 0, endReason: 'unpublished' },
        { unfinished: [broadcastOf({ state: 'closing' })] },
      ),
      undefined,
    ],
  ])('leaves %s alone', (_name, stream, node) => {
    expect(reconcileSession(stream, node, NOW)).toBeUndefined();
  });

  it.each([
    ['when its node was heard of for the last time', naming(NOW - 30_000), 'node_lost', NOW - 30_000],
    ['at its start, if the node was never heard of', undefined, 'node_lost', old.startedAt],
    ['when the heartbeat came that does not name it', nodeOf({ heartbeatAt: NOW - 1000 }), 'not_reported', NOW - 1000],
  ] as const)('ends a session %s', (_name, node, endReason, endedAt) => {
    const change = reconcileSession(publishedStream(old), node, NOW);
    const ended = sessionOf(1, { ...old, endReason, endedAt });
    expect(change).toEqual({ stream: publishedStream(ended), sessions: [ended] });
  });

  it('closes the broadcast in a later step, so that heartbeats which were away can still come', () => {
    const first = reconcileSession(publishedStream(old), naming(NOW - 90_000), NOW);
    expect(first?.broadcasts).toBeUndefined();
    const stream = first?.stream ?? streamOf();
    expect(reconcileSession(stream, naming(NOW - 90_000), NOW)?.broadcasts).toEqual([
      { ...broadcastOf(), state: 'closing' },
    ]);
    const revived = reconcileSession(stream, naming(NOW), NOW);
    expect(revived).toEqual({ stream: publishedStream(old), sessions: [sessionOf(1, old)] });
  });

  it('closes the broadcast once the window is over', () => {
    const change = reconcileSession(
      publishedStream({ ...old, endedAt: NOW - 60_001, endReason: 'unpublished' }),
      undefined,
      NOW,
    );
    expect(change?.stream?.unfinished).toEqual([{ ...broadcastOf(), state: 'closing' }]);
  });

  it('revives no session that was superseded', () => {
    const stream = publishedStream({ ...old, endedAt: NOW - 30_000, endReason: 'superseded' });
    expect(reconcileSession(stream, naming(NOW), NOW)).toBeUndefined();
  });
});

describe('reconcileSession cuts a live session', () => {
  const live = { ...old, startedAt: NOW - 700_000 };
  const begun = { unfinished: [broadcastOf({ startedAt: NOW - 700_000 })] };
  const beating = (peakBitrateBps?: number) =>
    nodeOf({
      heartbeatAt: NOW - 1000,
      sessions: [{ ...reported(sessionOf(1)), ...(peakBitrateBps && { peakBitrateBps }) }],
    });

  it.each([
    ['whose key was followed by another', publishedStream(live, { keyGeneration: 1 }), beating(), 'key_expired'],
    [
      'whose broadcast lasted long enough',
      publishedStream(live, { ...begun, maxDurationSeconds: 700 }),
      beating(),
      'duration_cap',
    ],
    ['over its bitrate', publishedStream(live, { maxBitrateBps: 1_000_000 }), beating(1_000_001), 'bitrate_cap'],
  ] as const)('%s', (_name, stream, node, endReason) => {
    expect(reconcileSession(stream, node, NOW)?.sessions).toEqual([sessionOf(1, { ...live, endedAt: NOW, endReason })]);
  });

  it.each([
    [
      'in the grace of its key',
      publishedStream(live, { keyGeneration: 1, previousKey: { hash: 'a', until: NOW + 1 } }),
      beating(),
    ],
    ['before its cap', publishedStream(live, { ...begun, maxDurationSeconds: 701 }), beating()],
    ['at its bitrate', publishedStream(live, { maxBitrateBps: 1_000_000 }), beating(1_000_000)],
  ])('except one %s', (_name, stream, node) => {
    expect(reconcileSession(stream, node, NOW)).toBeUndefined();
  });

  it('once the budget guard stops everybody', () => {
    const change = reconcileSession(publishedStream(live), beating(), NOW, { stopAll: true });
    expect(change?.sessions).toEqual([sessionOf(1, { ...live, endedAt: NOW, endReason: 'budget' })]);
  });

  it('revives none whose key was followed by another meanwhile', () => {
    const supposed = { ...live, endedAt: NOW - 60_000, endReason: 'node_lost' } as const;
    const change = reconcileSession(publishedStream(supposed, { keyGeneration: 1 }), beating(), NOW);
    expect(change?.sessions).toEqual([sessionOf(1, { ...supposed, endReason: 'key_expired' })]);
  });

  it('revives none that was told to end', () => {
    const stream = publishedStream({ ...live, endedAt: NOW - 30_000, endReason: 'key_expired' });
    expect(reconcileSession(stream, beating(), NOW)).toBeUndefined();
    expect(strayPublishers([beating()], [stream], NOW)).toHaveLength(1);
  });
});

describe('awaitsUploads', () => {
  const session = sessionOf(1, { endedAt: NOW - 5000 });
  const uploading = (heartbeatAt: number, pendingSegments: number) =>
    nodeOf({ heartbeatAt, sessions: [reported(session, { publishing: false, pendingSegments })] });

  it.each([
    ['waits while a living node has segments left', [uploading(NOW, 1)], NOW, true],
    ['goes on when all are uploaded', [uploading(NOW, 0)], NOW, false],
    ['goes on when the node is gone', [uploading(NOW - 20_001, 1)], NOW, false],
    ['goes on when no node knows the session', [nodeOf({ heartbeatAt: NOW })], NOW, false],
    ['waits ten minutes at most', [uploading(NOW + 600_000, 1)], NOW + 600_000, false],
  ])('%s', (_name, nodes, now, waits) => {
    expect(awaitsUploads([session], nodes, now)).toBe(waits);
  });
});

describe('decideClosed', () => {
  it('closes a closing broadcast and takes it from the unfinished', () => {
    const open = broadcastOf({ id: 'b2-aaaaaaaa' });
    const stream = streamOf({ unfinished: [broadcastOf({ state: 'closing' }), open] });
    expect(decideClosed(stream, 'b1-aaaaaaaa', NOW)).toEqual({
      stream: streamOf({ unfinished: [open], recordingsExpireAt: NOW }),
      broadcasts: [broadcastOf({ state: 'closed', closedAt: NOW })],
    });
  });

  it.each([
    ['an open one', streamOf({ unfinished: [broadcastOf()] })],
    ['one closed before', streamOf()],
    ['one of a stream that is gone', undefined],
  ])('leaves %s alone', (_name, stream) => {
    expect(decideClosed(stream, 'b1-aaaaaaaa', NOW)).toBeUndefined();
  });
});

describe('strayPublishers', () => {
  const stray = [{ nodeId: 'node-1', streamId: sessionOf(1).streamId, sessionId: sessionOf(1).id }];

  it.each([
    ['the newest session of an open broadcast', naming(NOW), [publishedStream()], []],
    ['a session that a newer one followed', naming(NOW), [publishedStream({ id: '2-bbbbbbbb', ordinal: 2 })], stray],
    [
      'a session of a broadcast that closes',
      naming(NOW),
      [publishedStream({}, { unfinished: [broadcastOf({ state: 'closing' })] })],
      stray,
    ],
    ['a session of a stream that is gone or finished', naming(NOW), [], stray],
    [
      'a session that is no longer published',
      nodeOf({ heartbeatAt: NOW, sessions: [reported(sessionOf(1), { publishing: false })] }),
      [],
      [],
    ],
    ['a session of a dead node', naming(NOW - 20_001), [], []],
  ])('%s', (_name, node, unfinished, kicks) => {
    expect(strayPublishers([node], unfinished, NOW)).toEqual(kicks);
  });
});
