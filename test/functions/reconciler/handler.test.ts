import { jsonLog } from '../../../functions/adapters/log';
import { type MemoryObjectStore, memoryObjectStore } from '../../../functions/adapters/memory/object-store';
import { memoryStreamStore } from '../../../functions/adapters/memory/stream-store';
import { randomId } from '../../../functions/adapters/system';
import { OBJECT_KINDS } from '../../../functions/contract/objects/cache';
import {
  indexName,
  livePlaylistName,
  recordingName,
  segmentName,
  sessionPlaylistName,
} from '../../../functions/contract/objects/layout';
import { encodeMetadata } from '../../../functions/contract/objects/metadata';
import type { Session } from '../../../functions/contract/state';
import { formatMediaPlaylist, parseMediaPlaylist } from '../../../functions/core/playlist/media-playlist';
import type { StreamStore } from '../../../functions/ports/stores';
import { expireRecordings } from '../../../functions/reconciler/expire-recordings';
import { reconcilerHandler } from '../../../functions/reconciler/handler';
import { noTakeDown } from '../../support/fake-cdn';
import { manualClock } from '../../support/manual-clock';
import { broadcastOf, nodeOf, publishedStream, reported, STREAM_ID, sessionOf, streamOf } from '../../support/streams';

const OTHER_ID = 'zzzzzzzzzzzzzzzz';
const LIVE = livePlaylistName({ policy: 'open', streamId: STREAM_ID, broadcastId: 'b1-aaaaaaaa', rendition: 'source' });
const RECORDING = recordingName({
  policy: 'open',
  streamId: STREAM_ID,
  broadcastId: 'b1-aaaaaaaa',
  rendition: 'source',
});

describe('reconciler', () => {
  let streamStore: StreamStore;
  let clock: ReturnType<typeof manualClock>;
  let ingest: MemoryObjectStore;
  let open: MemoryObjectStore;
  let lines: string[];
  let takenDown: ReturnType<typeof noTakeDown>;
  let handler: (request: Request) => Promise<Response>;

  beforeEach(() => {
    streamStore = memoryStreamStore();
    clock = manualClock();
    ingest = memoryObjectStore({ clock });
    open = memoryObjectStore({ clock });
    lines = [];
    takenDown = noTakeDown();
    handler = reconcilerHandler(deps());
  });

  const deps = () => ({
    streamStore,
    ingest,
    delivery: () => open,
    clock,
    randomId,
    log: jsonLog((line) => lines.push(line)),
    ...takenDown,
  });
  const pass = async () => (await handler(new Request('http://function/', { method: 'POST', body: 'any' }))).json();
  const create = async (stream: ReturnType<typeof streamOf>) => {
    await streamStore.createStream(stream);
    const sessions: Session[] = stream.session === undefined ? [] : [stream.session];
    await streamStore.changeStream(stream.id, () => ({
      change: { sessions, broadcasts: stream.unfinished },
      result: undefined,
    }));
  };
  const node = (more: Parameters<typeof nodeOf>[0] = {}) =>
    streamStore.changeNode('node-1', () => ({
      node: nodeOf({ heartbeatAt: clock.now(), ...more }),
      result: undefined,
    }));

  /** Two segments in the delivery bucket and the playlist that names them, as the agent leaves them. */
  async function upload(session = sessionOf(1)): Promise<void> {
    const segments = [0, 1].map((number) => ({
      uri: `${number}.ts`,
      durationMs: 2000,
      programDateTimeMs: clock.now() + number * 2000,
      discontinuity: false,
    }));
    for (const [number, { durationMs, programDateTimeMs, discontinuity }] of segments.entries()) {
      const metadata = encodeMetadata({
        durationMs,
        programDateTime: new Date(programDateTimeMs).toISOString(),
        discontinuity,
      });
      const name = segmentName({
        policy: 'open',
        streamId: STREAM_ID,
        sessionId: session.id,
        rendition: 'source',
        number,
      });
      await open.write(name, 'media', { ...OBJECT_KINDS.segment, metadata, ifGenerationMatch: '0' });
    }
    const text = formatMediaPlaylist({
      targetDurationSeconds: 2,
      mediaSequence: 0,
      discontinuitySequence: 0,
      ended: false,
      segments,
    });
    const metadata = encodeMetadata({
      policy: 'open',
      broadcast: session.broadcastId,
      ordinal: session.ordinal,
      window: 30,
      ended: true,
      attributes: { bandwidth: 1000 },
    });
    const name = sessionPlaylistName({ streamId: STREAM_ID, sessionId: session.id, rendition: 'source' });
    await ingest.write(name, text, { ...OBJECT_KINDS.sessionPlaylist, metadata, ifGenerationMatch: '0' });
  }

  it('has nothing to do when nothing is unfinished', async () => {
    await create(streamOf());
    expect(await pass()).toEqual({
      streams: 0,
      kicked: 0,
      changed: 0,
      merged: 0,
      finished: 0,
      waiting: 0,
      mediaWork: 0,
      invalidated: 0,
      expired: 0,
      resent: 0,
      lostNodes: 0,
      drained: 0,
      takenAway: 0,
      forgotten: 0,
      failed: 0,
    });
  });

  it('merges what a lost event told', async () => {
    await create(publishedStream({ startedAt: clock.now() }));
    await node({ sessions: [reported(sessionOf(1))] });
    await upload();
    expect(await pass()).toMatchObject({ streams: 1, merged: 1, changed: 0 });
    expect(parseMediaPlaylist(open.entry(LIVE)?.content.toString() ?? '')).toMatchObject({
      ended: false,
      segments: [{}, {}],
    });
  });

  it('ends a session of a dead node, then its broadcast, then its playlists, once', async () => {
    await create(publishedStream({ startedAt: clock.now() }));
    await node({ sessions: [reported(sessionOf(1))] });
    await upload();
    const diedAt = clock.now();
    await clock.advance(30_000);
    expect(await pass()).toMatchObject({ changed: 1, merged: 1 });
    expect(await streamStore.listSessions(STREAM_ID)).toMatchObject([{ endReason: 'node_lost', endedAt: diedAt }]);
    await clock.advance(30_001);
    expect(await pass()).toMatchObject({ changed: 1, finished: 1 });
    expect(await streamStore.listBroadcasts(STREAM_ID)).toMatchObject([{ state: 'closed', closedAt: clock.now() }]);
    expect((await streamStore.getStream(STREAM_ID))?.unfinished).toEqual([]);
    const ended = open.entry(LIVE);
    expect(parseMediaPlaylist(ended?.content.toString() ?? '').ended).toBe(true);
    expect(parseMediaPlaylist(open.entry(RECORDING)?.content.toString() ?? '')).toMatchObject({
      playlistType: 'VOD',
      segments: [{}, {}],
    });
    expect(await pass()).toMatchObject({ streams: 0 });
    expect(open.entry(LIVE)?.generation).toBe(ended?.generation);
  });

  const closing = (more: Partial<Session> = {}) =>
    publishedStream(
      { endedAt: clock.now(), endReason: 'unpublished', ...more },
      { unfinished: [broadcastOf({ state: 'closing' })] },
    );

  it('waits for the segments a living node still has', async () => {
    await create(closing());
    await node({ sessions: [reported(sessionOf(1), { publishing: false, pendingSegments: 1 })] });
    expect(await pass()).toMatchObject({ waiting: 1, finished: 0 });
    await node();
    expect(await pass()).toMatchObject({ waiting: 0, finished: 1 });
  });

  it('finishes a broadcast without a segment', async () => {
    await create(closing());
    expect(await pass()).toMatchObject({ finished: 1, failed: 0 });
    expect(await open.list('')).toEqual([]);
  });

  it('finishes a broadcast while the next one is live', async () => {
    const newer = sessionOf(2, { broadcastId: 'b2-bbbbbbbb', startedAt: clock.now() });
    const unfinished = [broadcastOf({ state: 'closing' }), broadcastOf({ id: 'b2-bbbbbbbb' })];
    await create(streamOf({ ordinal: 2, session: newer, unfinished }));
    expect(await pass()).toMatchObject({ finished: 1 });
    expect((await streamStore.getStream(STREAM_ID))?.unfinished).toMatchObject([{ id: 'b2-bbbbbbbb', state: 'open' }]);
  });

  it('kicks who publishes though it must not', async () => {
    await node({ sessions: [reported(sessionOf(1)), reported(sessionOf(2), { publishing: false })] });
    expect(await pass()).toMatchObject({ kicked: 1 });
    expect((await streamStore.getNode('node-1'))?.kicks).toMatchObject([
      { sessionId: sessionOf(1).id, reason: 'not_the_newest' },
    ]);
    expect(await pass()).toMatchObject({ kicked: 0 });
  });

  it('goes on when one stream fails, says so once, and answers 500', async () => {
    await create(closing());
    await create({ ...closing(), id: OTHER_ID, unfinished: [broadcastOf({ state: 'closing', streamId: OTHER_ID })] });
    const { listSessions } = streamStore;
    streamStore.listSessions = (id) => (id === STREAM_ID ? Promise.reject(new Error('no answer')) : listSessions(id));
    const answer = await handler(new Request('http://function/', { method: 'POST' }));
    expect(answer.status).toBe(500);
    expect(await answer.json()).toMatchObject({ streams: 2, failed: 1, finished: 1 });
    expect(lines.filter((line) => line.includes('no answer'))).toHaveLength(1);
    expect((await streamStore.getStream(OTHER_ID))?.unfinished).toEqual([]);
  });

  it('is safe when two passes run at once', async () => {
    await create(closing());
    await upload();
    const counts = await Promise.all([pass(), pass()]);
    expect(counts).toMatchObject([{ failed: 0 }, { failed: 0 }]);
    expect(await streamStore.listBroadcasts(STREAM_ID)).toMatchObject([{ state: 'closed' }]);
    expect(parseMediaPlaylist(open.entry(LIVE)?.content.toString() ?? '').ended).toBe(true);
  });

  describe('a recording', () => {
    const DAY = 86_400_000;

    it('a recording is deleted with an event after the days of its stream, a live broadcast is not', async () => {
      const live = sessionOf(2, { broadcastId: 'b2-bbbbbbbb', startedAt: clock.now() });
      const unfinished = [broadcastOf({ state: 'closing' }), broadcastOf({ id: 'b2-bbbbbbbb' })];
      await create(streamOf({ recordingDays: 1, ordinal: 2, session: live, unfinished }));
      const ended = sessionOf(1, { endedAt: clock.now(), endReason: 'unpublished' });
      await streamStore.changeStream(STREAM_ID, () => ({ change: { sessions: [ended] }, result: undefined }));
      await upload();
      const passWhileLive = async () => {
        await node({ sessions: [reported(live)] });
        return pass();
      };
      expect(await passWhileLive()).toMatchObject({ finished: 1, expired: 0 });
      expect(open.entry(RECORDING)).toBeDefined();
      await clock.advance(DAY - 1);
      expect(await passWhileLive()).toMatchObject({ expired: 0 });
      await clock.advance(1);
      expect(await passWhileLive()).toMatchObject({ expired: 1, failed: 0 });
      expect(await passWhileLive()).toMatchObject({ expired: 0, failed: 0 });
      expect(open.entry(RECORDING)).toBeUndefined();
      // A CDN keeps it for a day longer unless it is told.
      expect(takenDown.cdn.forgotten).toEqual([
        `/open/p/${STREAM_ID}/b1-aaaaaaaa*`,
        `/open/s/${STREAM_ID}/${ended.id}*`,
      ]);
      const stream = await streamStore.getStream(STREAM_ID);
      expect(stream?.pendingEvents?.filter(({ type }) => type === 'stream.recording.expired')).toMatchObject([
        { streamId: STREAM_ID, data: { broadcastId: 'b1-aaaaaaaa' } },
      ]);
      expect(stream?.unfinished).toMatchObject([{ id: 'b2-bbbbbbbb', state: 'open' }]);
      expect(await streamStore.listBroadcasts(STREAM_ID)).toMatchObject([{ id: 'b2-bbbbbbbb' }]);
      expect(stream?.recordingsExpireAt).toBeUndefined();
    });

    it.each([
      ['for good where nobody says how long', undefined, { expired: 0 }],
      ['for the days of the environment where its stream says nothing', 2, { expired: 1 }],
    ])('is kept %s', async (_, recordingDays, counts) => {
      handler = reconcilerHandler({ ...deps(), ...(recordingDays !== undefined && { recordingDays }) });
      await create(closing());
      await upload();
      await pass();
      for (const _day of [1, 2]) {
        expect(await pass()).toMatchObject({ expired: 0 });
        await clock.advance(DAY);
      }
      expect(await pass()).toMatchObject(counts);
    });

    it('that has expired waits while media is moved', async () => {
      await create({ ...closing(), recordingDays: 1 });
      await upload();
      await pass();
      await clock.advance(DAY);
      const stream = await streamStore.getStream(STREAM_ID);
      const mediaWork = { kind: 'take_down' as const, at: clock.now() };
      if (stream === undefined) throw new Error('no stream');
      expect(await expireRecordings({ ...stream, mediaWork }, deps())).toBe(0);
      expect(open.entry(RECORDING)).toBeDefined();
    });
  });

  describe('what was not recorded', () => {
    const HOURS = 3_600_000;
    const unrecorded = () => ({ ...closing(), recording: false });
    /** Playlists of the delivery bucket that name a segment which is not in it, at every removal. */
    const dangling: string[] = [];
    beforeEach(() => {
      dangling.length = 0;
      const { remove } = open;
      open.remove = async (name, generation) => {
        const removed = await remove(name, generation);
        for (const { name: playlist } of (await open.list('')).filter((object) => object.name.endsWith('.m3u8')))
          for (const uri of `${open.entry(playlist)?.content}`.split('\n').filter((line) => line.startsWith('/open/')))
            if (open.entry(uri.slice(1)) === undefined) dangling.push(`${playlist} names ${uri}`);
        return removed;
      };
    });

    it('can be played for twelve hours after its end, and is gone then, playlists first', async () => {
      await create(unrecorded());
      await upload();
      expect(await pass()).toMatchObject({ finished: 1, expired: 0 });
      await clock.advance(12 * HOURS - 1);
      expect(await pass()).toMatchObject({ expired: 0 });
      expect(parseMediaPlaylist(open.entry(LIVE)?.content.toString() ?? '').ended).toBe(true);
      expect(open.entry(RECORDING)).toBeUndefined();
      await clock.advance(1);
      expect(await pass()).toMatchObject({ expired: 1, failed: 0 });
      expect([await open.list(''), dangling]).toEqual([[], []]);
      expect((await streamStore.getStream(STREAM_ID))?.expiring).toEqual([]);
      expect(await pass()).toMatchObject({ expired: 0 });
    });

    it('goes once, when two passes run at once', async () => {
      await create(unrecorded());
      await upload();
      await pass();
      await clock.advance(12 * HOURS);
      expect(await Promise.all([pass(), pass()])).toMatchObject([{ failed: 0 }, { failed: 0 }]);
      expect([await open.list(''), dangling, (await streamStore.getStream(STREAM_ID))?.expiring]).toEqual([[], [], []]);
    });

    it('leaves the index to the broadcast that followed', async () => {
      await create(unrecorded());
      await upload();
      await pass();
      const index = open.entry(indexName('open', STREAM_ID));
      const metadata = encodeMetadata({ broadcast: 'b2-bbbbbbbb', ordinal: 2 });
      const options = { ...OBJECT_KINDS.playlist, metadata, ifGenerationMatch: index?.generation ?? '0' };
      await open.write(indexName('open', STREAM_ID), '#EXTM3U\n', options);
      await clock.advance(12 * HOURS);
      await pass();
      expect((await open.list('')).map(({ name }) => name)).toEqual([indexName('open', STREAM_ID)]);
    });

    it('is tried again when its removal failed half-way, without a playlist that names what is gone', async () => {
      await create(unrecorded());
      await upload();
      await pass();
      await clock.advance(12 * HOURS);
      const { remove } = open;
      let left = 3;
      open.remove = (name, generation) => {
        left -= 1;
        return left < 0 ? Promise.reject(new Error('no answer')) : remove(name, generation);
      };
      expect(await pass()).toMatchObject({ expired: 0, failed: 1 });
      expect(dangling).toEqual([]);
      open.remove = remove;
      expect(await pass()).toMatchObject({ expired: 1, failed: 0 });
      expect(await open.list('')).toEqual([]);
    });

    it('stays when it was recorded', async () => {
      await create(closing());
      await upload();
      await pass();
      await clock.advance(48 * HOURS);
      expect(await pass()).toMatchObject({ expired: 0 });
      expect(open.entry(RECORDING)).toBeDefined();
    });
  });
});
