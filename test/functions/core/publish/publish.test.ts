import type { Stream } from '../../../../functions/contract/state';
import type { PublishRequest } from '../../../../functions/core/publish/admission';
import { decidePublish } from '../../../../functions/core/publish/publish';
import { sha256Hex } from '../../../../functions/core/signing/hash';
import { broadcastOf, KEY, OTHER_KEY, publishedStream, STREAM_ID, sessionOf, streamOf } from '../../../support/streams';

const IDS = { session: 'ssssssss', broadcast: 'bbbbbbbb' };
const AT = 1_000_000;
const request = (more: Partial<PublishRequest> = {}): PublishRequest => ({
  nodeId: 'node-2',
  serviceId: 'service-2',
  clientId: 'newcomer',
  keyHash: sha256Hex(KEY),
  at: AT,
  address: '192.0.2.7',
  viaProxy: false,
  publishingMode: 'all',
  ...more,
});
const newcomer = { nodeId: 'node-2', serviceId: 'service-2', clientId: 'newcomer' };

function admitted(stream: Stream, more: Partial<PublishRequest> = {}) {
  const decision = decidePublish(stream, request(more), IDS);
  if (decision.kind === 'refused') throw new Error(`refused: ${decision.error}`);
  return decision;
}

describe('decidePublish', () => {
  it('begins the first broadcast with the first session', () => {
    const session = {
      ...newcomer,
      id: '1-ssssssss',
      streamId: STREAM_ID,
      broadcastId: 'b1-bbbbbbbb',
      ordinal: 1,
      startedAt: AT,
    };
    const broadcast = broadcastOf({ id: 'b1-bbbbbbbb', startedAt: AT, recording: true });
    expect(decidePublish(streamOf(), request(), IDS)).toEqual({
      kind: 'admitted',
      change: {
        stream: streamOf({ ordinal: 1, session, unfinished: [broadcast] }),
        sessions: [session],
        broadcasts: [broadcast],
      },
      grant: {
        streamId: STREAM_ID,
        sessionId: '1-ssssssss',
        ordinal: 1,
        broadcastId: 'b1-bbbbbbbb',
        policy: 'open',
        recording: true,
        dvrWindowSeconds: 30,
        reconnectWindowSeconds: 60,
      },
    });
  });

  describe('refuses', () => {
    it.each<[string, Stream | undefined, Partial<PublishRequest>, string]>([
      ['an unknown stream', undefined, {}, 'unknown_stream'],
      ['a publisher without a key', streamOf(), { keyHash: undefined }, 'wrong_key'],
      ['a wrong key', streamOf(), { keyHash: sha256Hex(OTHER_KEY) }, 'wrong_key'],
      [
        'a wrong key of the very client that is live',
        publishedStream(newcomer),
        { keyHash: sha256Hex(OTHER_KEY) },
        'wrong_key',
      ],
      ['a client that a newer one followed', publishedStream({}, { earlierClients: [newcomer] }), {}, 'superseded'],
      [
        'the fourth takeover within a minute',
        publishedStream({}, { takeovers: [AT - 59_999, AT - 1, AT - 1] }),
        {},
        'takeover_limit',
      ],
    ])('%s', (_name, stream, more, error) => {
      const decision = decidePublish(stream, request(more), IDS);
      expect(decision).toEqual({ kind: 'refused', error, message: expect.any(String) });
      expect(JSON.stringify(decision)).not.toContain('sk_');
    });
  });

  describe('is idempotent by client', () => {
    it('gives a doubled on_publish the same session and changes nothing', () => {
      const stream = publishedStream(newcomer);
      const { grant, change } = admitted(stream);
      expect(grant).toMatchObject({ sessionId: stream.session?.id, ordinal: 1, broadcastId: 'b1-aaaaaaaa' });
      expect(change).toBeUndefined();
    });

    it.each(['node_lost', 'not_reported'] as const)(
      'gives a session back whose end (%s) was only supposed',
      (endReason) => {
        const { grant, change } = admitted(publishedStream({ ...newcomer, endedAt: AT - 90_000, endReason }));
        expect(grant.sessionId).toBe('1-aaaaaaa1');
        expect(change?.stream?.session).toEqual(sessionOf(1, newcomer));
        expect(change?.sessions).toEqual([sessionOf(1, newcomer)]);
      },
    );

    it('begins a session when the supposed one is of a broadcast that is over', () => {
      const ended = { ...newcomer, endedAt: AT - 90_000, endReason: 'node_lost' as const };
      const { grant } = admitted(publishedStream(ended, { unfinished: [broadcastOf({ state: 'closing' })] }));
      expect(grant).toMatchObject({ sessionId: '2-ssssssss', broadcastId: 'b2-bbbbbbbb' });
    });

    it('begins a session when the connection publishes again after its on_unpublish', () => {
      const { grant, change } = admitted(
        publishedStream({ ...newcomer, endedAt: AT - 1000, endReason: 'unpublished' }),
      );
      expect(grant.sessionId).toBe('2-ssssssss');
      expect(change?.stream?.earlierClients).toEqual([]);
    });

    it.each([{ nodeId: 'node-3' }, { serviceId: 'service-3' }, { clientId: 'other' }])(
      'takes %j for another client',
      (other) => {
        expect(
          admitted(publishedStream({ ...newcomer, endedAt: AT, endReason: 'unpublished' }), other).grant.ordinal,
        ).toBe(2);
      },
    );
  });

  describe('joins or begins a broadcast', () => {
    const ended = (endedAt: number) => ({ endedAt, endReason: 'unpublished' as const });

    it.each<[string, Stream, 'joins' | 'begins']>([
      ['a live session before it', publishedStream(), 'joins'],
      ['one that ended a moment ago', publishedStream(ended(AT - 2000)), 'joins'],
      ['one that ended at the edge of the window', publishedStream(ended(AT - 60_000)), 'joins'],
      ['one that ended just before the window', publishedStream(ended(AT - 60_001)), 'begins'],
      [
        'a window of 0 and a session before it',
        publishedStream(ended(AT - 1), { reconnectWindowSeconds: 0 }),
        'begins',
      ],
      [
        'a closing broadcast',
        publishedStream(ended(AT - 1), { unfinished: [broadcastOf({ state: 'closing' })] }),
        'begins',
      ],
      ['a closed broadcast', publishedStream(ended(AT - 1), { unfinished: [] }), 'begins'],
    ])('after %s: %s', (_name, stream, wanted) => {
      expect(admitted(stream).grant.broadcastId).toBe(wanted === 'joins' ? 'b1-aaaaaaaa' : 'b2-bbbbbbbb');
    });

    it('closes the open broadcast when it begins one', () => {
      const { change } = admitted(publishedStream(ended(0)));
      const broadcasts = [
        { ...broadcastOf(), state: 'closing' },
        { id: 'b2-bbbbbbbb', streamId: STREAM_ID, state: 'open', startedAt: AT, recording: true },
      ];
      expect(change?.broadcasts).toEqual(broadcasts);
      expect(change?.stream?.unfinished).toEqual(broadcasts);
    });

    it('changes no broadcast when it joins one', () => {
      const { change } = admitted(publishedStream(ended(AT - 1)));
      expect(change?.broadcasts).toEqual([]);
      expect(change?.stream?.unfinished).toEqual([broadcastOf()]);
    });
  });

  describe('takes over', () => {
    it('ends the live session, remembers its client, and has its node told', () => {
      const { change, kick } = admitted(publishedStream());
      const superseded = sessionOf(1, { endedAt: AT, endReason: 'superseded' });
      expect(change?.sessions?.[0]).toEqual(superseded);
      expect(change?.stream).toMatchObject({
        takeovers: [AT],
        earlierClients: [{ nodeId: 'node-1', serviceId: 'service-1', clientId: 'client-1' }],
      });
      expect(kick).toEqual({ nodeId: 'node-1', streamId: STREAM_ID, sessionId: superseded.id });
    });

    it('leaves the kick to the agent on the node it happens on', () => {
      const { kick, change } = admitted(publishedStream(), { nodeId: 'node-1', serviceId: 'service-1' });
      expect(kick).toBeUndefined();
      expect(change?.stream?.takeovers).toEqual([AT]);
    });

    it('takes a publisher after a new start of SRS for no takeover: the one before is dead', () => {
      const stream = publishedStream({}, { takeovers: [AT - 1, AT - 1, AT - 1] });
      const { change, kick } = admitted(stream, { nodeId: 'node-1' });
      expect(change?.sessions?.[0]).toMatchObject({ endReason: 'node_lost' });
      expect(kick).toBeUndefined();
    });

    it('forgets takeovers after a minute', () => {
      const { change } = admitted(publishedStream({}, { takeovers: [AT - 60_000, AT - 60_000, AT - 59_999] }));
      expect(change?.stream?.takeovers).toEqual([AT - 59_999, AT]);
    });

    it('leaves an end as it was', () => {
      const { change } = admitted(publishedStream({ endedAt: AT - 1, endReason: 'unpublished' }));
      expect(change?.sessions).toHaveLength(1);
    });

    it('never lets a session end before it began, whatever the clocks say', () => {
      const { change } = admitted(publishedStream({ startedAt: AT + 5 }));
      expect(change?.sessions?.[0]?.endedAt).toBe(AT + 5);
    });

    it('remembers eight clients', () => {
      const earlierClients = Array.from({ length: 8 }, (_, n) => ({ ...newcomer, clientId: `c${n}` }));
      const { change } = admitted(publishedStream({}, { earlierClients }));
      expect(change?.stream?.earlierClients?.map(({ clientId }) => clientId)).toEqual([
        ...['c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7'],
        'client-1',
      ]);
    });
  });

  describe('knows a key that was followed by another', () => {
    const rotated = (more: Partial<Stream> = {}) =>
      publishedStream(
        { ...newcomer, endedAt: AT - 1000, endReason: 'unpublished' },
        {
          keyHash: sha256Hex(OTHER_KEY),
          keyGeneration: 3,
          previousKey: { hash: sha256Hex(KEY), until: AT + 1 },
          ...more,
        },
      );

    it('admits it during its grace, and says when the session has to end', () => {
      const { grant, cutoff, change } = admitted(rotated());
      expect(change?.stream?.session).toMatchObject({ id: grant.sessionId, keyGeneration: 2 });
      expect(cutoff).toEqual({ at: AT + 1, reason: 'key_expired' });
    });

    it('admits the newer key without an end', () => {
      const { cutoff, change } = admitted(rotated(), { keyHash: sha256Hex(OTHER_KEY) });
      expect(change?.stream?.session).toMatchObject({ keyGeneration: 3 });
      expect(cutoff).toBeUndefined();
    });

    it.each<[string, Partial<Stream>]>([
      ['when its grace is over', { previousKey: { hash: sha256Hex(KEY), until: AT } }],
      ['when it was followed by two', { previousKey: { hash: sha256Hex('sk_third'), until: AT + 1 } }],
    ])('refuses it %s', (_name, more) => {
      expect(decidePublish(rotated(more), request(), IDS)).toMatchObject({ error: 'wrong_key' });
    });

    it('lets it take over from its like, and never from the newer key', () => {
      const live = (keyGeneration: number) => rotated({ session: sessionOf(1, { keyGeneration }) });
      expect(decidePublish(live(3), request(), IDS)).toMatchObject({ kind: 'refused', error: 'superseded' });
      expect(decidePublish(live(2), request(), IDS)).toMatchObject({ kind: 'admitted', kick: { nodeId: 'node-1' } });
      const newer = request({ keyHash: sha256Hex(OTHER_KEY) });
      expect(decidePublish(live(2), newer, IDS)).toMatchObject({ kind: 'admitted' });
    });

    it('finds the session of a doubled hook though its key was followed by another', () => {
      expect(admitted(rotated({ session: sessionOf(1, { ...newcomer, keyGeneration: 2 }) })).change).toBeUndefined();
    });
  });

  describe('keeps to the settings', () => {
    const listed = (...publisherAddresses: string[]) => streamOf({ publisherAddresses });

    it.each([
      ['192.0.2.7', '192.0.2.0/24'],
      ['192.0.2.7', '192.0.2.7'],
      ['::ffff:192.0.2.7', '192.0.2.0/29'],
      ['2001:db8::1', '2001:db8::/32'],
    ])('takes %s from %s', (address, block) => {
      expect(decidePublish(listed('198.51.100.1', block), request({ address }), IDS).kind).toBe('admitted');
    });

    it.each([
      ['another address', { address: '192.0.3.7' }],
      ['what is no address', { address: 'localhost' }],
      ['an address that only a proxy shows', { viaProxy: true }],
    ])('refuses %s', (_name, more) => {
      expect(decidePublish(listed('192.0.2.0/24'), request(more), IDS)).toMatchObject({ error: 'address_not_allowed' });
    });

    it('refuses everybody while it is suspended', () => {
      const stream = publishedStream(newcomer, { suspended: { at: 0 } });
      expect(decidePublish(stream, request(), IDS)).toMatchObject({ error: 'suspended' });
    });

    it.each(['stopped', 'suspended', 'key_expired', 'duration_cap'] as const)(
      'refuses a late hook of a connection that was told to end (%s), and takes a new connection',
      (endReason) => {
        const stream = publishedStream({ ...newcomer, endedAt: AT - 1, endReason });
        expect(decidePublish(stream, request(), IDS)).toMatchObject({ error: 'told_to_end' });
        expect(decidePublish(stream, request({ clientId: 'next' }), IDS)).toMatchObject({ kind: 'admitted' });
      },
    );

    it('ends a broadcast at its cap, however often the publisher came back', () => {
      const begun = (startedAt: number) =>
        publishedStream(
          { endedAt: AT - 1, endReason: 'unpublished' },
          { maxDurationSeconds: 600, unfinished: [broadcastOf({ startedAt })] },
        );
      expect(admitted(begun(AT - 599_000)).cutoff).toEqual({ at: AT + 1000, reason: 'duration_cap' });
      expect(decidePublish(begun(AT - 600_000), request(), IDS)).toMatchObject({ error: 'duration_cap' });
      expect(admitted(streamOf({ maxDurationSeconds: 600 })).cutoff).toEqual({
        at: AT + 600_000,
        reason: 'duration_cap',
      });
    });

    it('takes a publisher that was over its bitrate again after 30 s', () => {
      const cut = (endedAt: number) => publishedStream({ endedAt, endReason: 'bitrate_cap' });
      expect(decidePublish(cut(AT - 29_999), request(), IDS)).toMatchObject({ error: 'bitrate_cap' });
      expect(decidePublish(cut(AT - 30_000), request(), IDS)).toMatchObject({ kind: 'admitted' });
    });

    it('gives a session what the broadcast began with', () => {
      const unfinished = [broadcastOf({ recording: false })];
      const ended = { endedAt: AT - 1, endReason: 'unpublished' } as const;
      expect(admitted(publishedStream(ended, { unfinished })).grant.recording).toBe(false);
    });
  });

  describe('keeps to what the budget guard takes', () => {
    const away = publishedStream({ endedAt: AT - 1000, endReason: 'unpublished' });
    it.each([
      ['all', streamOf(), 'admitted'],
      ['reconnects', streamOf(), 'refused'],
      ['reconnects', away, 'admitted'],
      ['none', away, 'refused'],
      ['none', publishedStream(newcomer), 'admitted'],
    ] as const)('%s', (publishingMode, stream, kind) => {
      const decision = decidePublish(stream, request({ publishingMode }), IDS);
      expect(decision.kind).toBe(kind);
      if (decision.kind === 'refused') expect(decision.error).toBe('budget');
    });
  });
});
