import { EVENT_TYPES, messageAttributes, orderingKeyOf, PlatformEvent } from '../../../../functions/contract/events';
import {
  budgetStageChanged,
  nodeLost,
  recordingExpired,
  recordingReady,
  renditionsChanged,
  streamCreated,
  streamEnded,
  streamFailover,
  streamLive,
  streamReconnecting,
  streamSuspended,
  streamWarning,
} from '../../../../functions/core/events/events';
import { broadcastOf, nodeOf, reported, STREAM_ID, sessionOf, streamOf } from '../../../support/streams';

const AT = Date.UTC(2026, 10, 20, 10);
const ended = { ...sessionOf(1), endedAt: AT, endReason: 'unpublished' };
const change = { at: AT, before: 'none', stage: 'notify', cause: 'message' } as const;

const ALL: Record<PlatformEvent['type'], () => PlatformEvent> = {
  'stream.created': () => streamCreated(streamOf({ createdAt: AT })),
  'stream.live': () => streamLive(sessionOf(1)),
  'stream.failover': () => streamFailover(sessionOf(2), { from: sessionOf(1).id, atMs: AT }),
  'stream.reconnecting': () => streamReconnecting(ended),
  'stream.ended': () => streamEnded(broadcastOf(), AT),
  'stream.recording.ready': () => recordingReady({ ...broadcastOf(), policy: 'gated' }, AT),
  'stream.recording.expired': () => recordingExpired(broadcastOf(), AT),
  'stream.suspended': () => streamSuspended({ id: STREAM_ID }, { cause: 'runaway', atMs: AT }),
  'stream.warning': () =>
    streamWarning(sessionOf(1), {
      warning: { code: 'clock_floods', message: 'the media arrives faster than real time' },
      state: 'begun',
      atMs: AT,
    }),
  'stream.renditions.changed': () =>
    renditionsChanged({
      ...sessionOf(1),
      toldRenditions: { renditions: [{ name: '480p', state: 'shed', reason: 'too_slow' }], at: AT },
    }),
  'node.lost': () => nodeLost(nodeOf({ heartbeatAt: AT, sessions: [reported(sessionOf(1))] }), AT + 20_000),
  'budget.stage': () =>
    budgetStageChanged({ ...change, costAmount: 51, budgetAmount: 100, currencyCode: 'EUR', by: 'nobody else' }),
};

describe('events', () => {
  it.each(EVENT_TYPES)('%s is what its schema says, and nothing is lost in it', (type) => {
    const event = ALL[type]();
    expect(event.type).toBe(type);
    expect(PlatformEvent.parse(JSON.parse(JSON.stringify(event)))).toStrictEqual(event);
  });

  it('lists every type the schema knows', () => {
    expect(Object.keys(ALL).sort()).toEqual([...EVENT_TYPES].sort());
    expect(PlatformEvent.options.map(({ shape }) => shape.type.value).sort()).toEqual([...EVENT_TYPES].sort());
  });

  it.each(EVENT_TYPES)('%s of the same happening has the same id each time', (type) => {
    expect(ALL[type]().id).toBe(ALL[type]().id);
  });

  it('gives different happenings different ids', () => {
    const events = [
      ...Object.values(ALL).map((make) => make()),
      streamLive(sessionOf(2)),
      streamReconnecting({ ...ended, endedAt: AT + 1 }),
      streamEnded(broadcastOf({ id: 'b2-aaaaaaaa' }), AT),
      budgetStageChanged({ ...change, at: AT + 1 }),
    ];
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  });

  it('says when it happened, not when it was told', () => {
    expect(streamReconnecting(ended).occurredAt).toBe('2026-11-20T10:00:00.000Z');
  });

  it('counts only publishers as streams of a lost node', () => {
    const sessions = [reported(sessionOf(1)), reported(sessionOf(2), { publishing: false })];
    expect(nodeLost(nodeOf({ sessions }), AT).data.streams).toBe(1);
  });

  it('names the recording by its path below the public origin', () => {
    const { path } = recordingReady({ ...broadcastOf(), policy: 'gated' }, AT).data;
    expect(path).toBe(`/gated/p/${STREAM_ID}/b1-aaaaaaaa/recording.m3u8`);
  });

  it('orders the events of a stream among each other', () => {
    const ofStream = EVENT_TYPES.filter((type) => type.startsWith('stream.')).map((type) => orderingKeyOf(ALL[type]()));
    expect(new Set(ofStream)).toEqual(new Set([STREAM_ID]));
    expect(orderingKeyOf(ALL['node.lost']())).toBe('node-1');
    expect(orderingKeyOf(ALL['budget.stage']())).toBe('budget.stage');
  });

  it('says beside a message what a filter asks for', () => {
    const event = streamLive(sessionOf(1));
    expect(messageAttributes(event)).toEqual({
      type: 'stream.live',
      version: '1',
      eventId: event.id,
      streamId: STREAM_ID,
    });
    expect(messageAttributes(ALL['node.lost']())).not.toHaveProperty('streamId');
  });
});
