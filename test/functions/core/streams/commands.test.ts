import { sha256Hex } from '../../../../functions/core/signing/hash';
import {
  patchStream,
  resumeStream,
  rotateKey,
  stopStream,
  suspendStream,
} from '../../../../functions/core/streams/commands';
import { broadcastOf, KEY, OTHER_KEY, publishedStream, STREAM_ID, sessionOf, streamOf } from '../../../support/streams';

const AT = 1_000_000;
const kicked = (reason: string) => ({
  session: { nodeId: 'node-1', streamId: STREAM_ID, sessionId: '1-aaaaaaa1' },
  reason,
});
const closing = [broadcastOf({ state: 'closing' })];

describe('patchStream', () => {
  it('changes what is named, removes what is null, leaves the rest, and counts', () => {
    const stream = streamOf({
      maxBitrateBps: 500_000,
      allowedOrigins: ['https://a.example'],
      metadata: { a: '1' },
      revision: 4,
    });
    const patch = {
      title: 'new',
      dvrWindowSeconds: 600,
      allowedOrigins: null,
      metadata: { b: '2' },
      policy: 'open' as const,
    };
    const { allowedOrigins: _, ...kept } = stream;
    expect(patchStream(stream, patch, AT).change?.stream).toEqual({
      ...kept,
      title: 'new',
      dvrWindowSeconds: 600,
      metadata: { b: '2' },
      revision: 5,
    });
  });

  it('never changes the policy', () => {
    expect(() => patchStream(streamOf(), { policy: 'gated' }, AT)).toThrow(
      expect.objectContaining({ code: 'policy_fixed' }),
    );
  });

  it('plans the end of a live session again, ends one whose time is over', () => {
    const live = publishedStream({}, { unfinished: [broadcastOf({ startedAt: AT - 600_000 })] });
    const longer = patchStream(live, { maxDurationSeconds: 700 }, AT);
    expect(longer.plan).toEqual({ session: kicked('').session, cutoff: { at: AT + 100_000, reason: 'duration_cap' } });
    const shorter = patchStream(live, { maxDurationSeconds: 600 }, AT);
    expect(shorter.change?.sessions).toEqual([sessionOf(1, { endedAt: AT, endReason: 'duration_cap' })]);
    expect(shorter.kick).toEqual(kicked('duration_cap'));
    expect(patchStream(live, { maxDurationSeconds: null }, AT).plan).toEqual({
      session: kicked('').session,
      cutoff: undefined,
    });
  });

  it('has the reconciler look at the recordings when their retention changes, and only then', () => {
    const live = publishedStream();
    expect(patchStream(live, { recordingDays: 3 }, AT).change?.stream).toMatchObject({
      recordingDays: 3,
      recordingsExpireAt: AT,
    });
    const patched = patchStream({ ...live, recordingDays: 3 }, { recordingDays: null }, AT).change?.stream;
    expect([patched?.recordingDays, patched?.recordingsExpireAt]).toEqual([undefined, AT]);
    expect(patchStream(live, { title: 'another' }, AT).change?.stream.recordingsExpireAt).toBeUndefined();
  });
});

describe('rotateKey', () => {
  const rotate = (stream = publishedStream(), graceMs = 5000) =>
    rotateKey(stream, { keyHash: sha256Hex(OTHER_KEY), graceMs, at: AT });

  it('lets the key before be good for a while, and its session with it', () => {
    const { change, plan, kick } = rotate();
    expect(change?.stream).toMatchObject({
      keyHash: sha256Hex(OTHER_KEY),
      keyGeneration: 1,
      previousKey: { hash: sha256Hex(KEY), until: AT + 5000 },
      revision: 1,
    });
    expect(plan?.cutoff).toEqual({ at: AT + 5000, reason: 'key_expired' });
    expect(kick).toBeUndefined();
  });

  it('ends the session at once without a grace', () => {
    const { change, kick } = rotate(publishedStream(), 0);
    expect(change?.stream).not.toHaveProperty('previousKey');
    expect(change?.stream.session).toMatchObject({ endedAt: AT, endReason: 'key_expired' });
    expect(kick).toEqual(kicked('key_expired'));
  });

  it('ends a session whose key was followed by two', () => {
    expect(rotate(rotate().change?.stream).kick).toEqual(kicked('key_expired'));
  });
});

describe('suspendStream and resumeStream', () => {
  it('ends the publisher and the broadcast, once', () => {
    const { change, kick } = suspendStream(publishedStream(), { at: AT, reason: 'abuse' });
    expect(change?.stream).toMatchObject({ suspended: { at: AT, reason: 'abuse' }, unfinished: closing, revision: 1 });
    expect(change?.sessions).toEqual([sessionOf(1, { endedAt: AT, endReason: 'suspended' })]);
    expect(change?.broadcasts).toEqual(closing);
    expect(kick).toEqual(kicked('suspended'));
    expect(suspendStream(change?.stream ?? streamOf(), { at: AT + 1, reason: undefined })).toEqual({});
  });

  it('suspends a stream nobody publishes', () => {
    const mediaWork = { kind: 'take_down', at: AT } as const;
    expect(suspendStream(streamOf(), { at: AT, reason: undefined })).toEqual({
      change: { stream: streamOf({ suspended: { at: AT }, revision: 1, mediaEpoch: 1, mediaWork }), broadcasts: [] },
    });
  });

  it('lifts it again', () => {
    const mediaWork = { kind: 'put_back', at: AT } as const;
    expect(resumeStream(streamOf({ suspended: { at: 1 } }), AT).change?.stream).toEqual(
      streamOf({ revision: 1, mediaWork }),
    );
    expect(resumeStream(streamOf(), AT)).toEqual({});
  });
});

describe('stopStream', () => {
  it('ends the publisher and the broadcast', () => {
    const { change, kick } = stopStream(publishedStream(), AT);
    expect(change?.stream).toEqual(publishedStream({ endedAt: AT, endReason: 'stopped' }, { unfinished: closing }));
    expect(change?.broadcasts).toEqual(closing);
    expect(kick).toEqual(kicked('stopped'));
  });

  it('ends a broadcast whose publisher is away', () => {
    const { change, kick } = stopStream(publishedStream({ endedAt: AT - 1, endReason: 'unpublished' }), AT);
    expect(change?.stream.unfinished).toEqual(closing);
    expect(kick).toBeUndefined();
  });

  it('changes nothing when nothing is open', () => {
    expect(stopStream(streamOf(), AT)).toEqual({});
    expect(stopStream(publishedStream({ endedAt: 0, endReason: 'unpublished' }, { unfinished: [] }), AT)).toEqual({});
  });
});
