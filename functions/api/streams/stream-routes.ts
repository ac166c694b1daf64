import { tellFinal } from '../../app/publish/tell-final';
import { path, ROUTES } from '../../contract/routes';
import type { Stream } from '../../contract/state';
import { assertChat } from '../../core/chat/settings';
import { defined } from '../../core/defined';
import { patchedEncryption } from '../../core/encryption/settings';
import { streamSuspended } from '../../core/events/events';
import { mintStreamKey } from '../../core/keys';
import { assertPossible, settingsOf } from '../../core/packaging/settings';
import { sha256Hex } from '../../core/signing/hash';
import { patchStream, resumeStream, rotateKey, stopStream, suspendStream } from '../../core/streams/commands';
import { assertHotBackup } from '../../core/streams/hot-backup';
import { assertLatency } from '../../core/streams/latency';
import type { ApiDeps } from '../api-deps';
import type { Mount } from '../requests/operation';
import { deleteStream } from './delete-stream';
import { etagOf, IF_MATCH } from './etag';
import { tellSlowMode } from './slow-mode';
import { shownStream, streamAnswer, streamWithKey } from './stream-answer';
import { streamOperations as operations } from './stream-operations';
import { commandStream, createStream, findStream, listStreams } from './streams';
import { carryOut, takeDownOf } from './take-down';
import { addTimedMetadata } from './timed-metadata';

const headersOf = (stream: Stream) => ({ ETag: etagOf(stream) });

export function streamRoutes(mount: Mount, deps: ApiDeps): void {
  const answer = async (stream: Stream) => streamAnswer(stream, await deps.streamStore.listNodes(), deps);

  mount(operations.create, async (c) => {
    const { stream, key } = await createStream(c.req.valid('json'), c.get('principal'), deps);
    deps.log.info('stream_created', {
      streamId: stream.id,
      policy: stream.policy,
      recording: stream.recording,
      owner: stream.owner,
    });
    const location = path(ROUTES.api.stream, { id: stream.id });
    return c.json(streamWithKey(stream, { key, nodes: await deps.streamStore.listNodes() }, deps), 201, {
      ...headersOf(stream),
      Location: location,
    });
  });
  mount(operations.list, async (c) => {
    const principal = c.get('principal');
    const { streams, nodes, ...more } = await listStreams(c.req.valid('query'), principal, deps);
    return c.json({ streams: streams.map((stream) => shownStream(stream, { nodes, principal }, deps)), ...more }, 200);
  });
  mount(operations.show, async (c) => {
    const principal = c.get('principal');
    const found = findStream(c.req.valid('param').id, principal, deps);
    const [stream, nodes] = await Promise.all([found, deps.streamStore.listNodes()]);
    return c.json(shownStream(stream, { nodes, principal }, deps), 200, headersOf(stream));
  });
  mount(operations.patch, async (c) => {
    const wanted = c.req.valid('json');
    assertChat(wanted.chat, deps.chat.isOffered);
    let slowSeconds: number | undefined;
    const decide = (stream: Stream) => {
      slowSeconds = stream.chat?.slowSeconds;
      if (wanted.ladder !== undefined) assertPossible({ ...settingsOf(stream), ladder: wanted.ladder }, deps.packaging);
      assertLatency(wanted.latency, stream.policy);
      assertHotBackup({ ...stream, ...defined(wanted) });
      return patchStream(stream, patchedEncryption(stream, wanted), deps.clock.now());
    };
    const { id } = c.req.valid('param');
    const stream = await commandStream(
      { id, principal: c.get('principal'), ifMatch: c.req.valid('header')[IF_MATCH], decide },
      deps,
    );
    if (stream.chat?.enabled === true && stream.chat.slowSeconds !== slowSeconds) await tellSlowMode(stream, deps);
    deps.log.info('stream_changed', { streamId: id, fields: Object.keys(wanted) });
    return c.json(await answer(stream), 200, headersOf(stream));
  });
  mount(operations.remove, async (c) => {
    const { id } = c.req.valid('param');
    await deleteStream({ id, principal: c.get('principal'), ifMatch: c.req.valid('header')[IF_MATCH] }, deps);
    deps.log.info('stream_deleted', { streamId: id });
    return c.body(null, 204);
  });
  orderRoutes(mount, deps);
}

function orderRoutes(mount: Mount, deps: ApiDeps): void {
  const { clock, log, randomId } = deps;
  const answer = async (stream: Stream) => streamAnswer(stream, await deps.streamStore.listNodes(), deps);

  mount(operations.rotate, async (c) => {
    const key = mintStreamKey(randomId);
    const { id } = c.req.valid('param');
    const { graceSeconds } = c.req.valid('json');
    const rotation = { keyHash: sha256Hex(key), graceMs: graceSeconds * 1000, at: clock.now() };
    const decide = (stream: Stream) => rotateKey(stream, rotation);
    const stream = await commandStream(
      { id, principal: c.get('principal'), ifMatch: c.req.valid('header')[IF_MATCH], decide },
      deps,
    );
    log.info('stream_key_rotated', { streamId: id, graceSeconds });
    return c.json(
      streamWithKey(stream, { key, nodes: await deps.streamStore.listNodes() }, deps),
      200,
      headersOf(stream),
    );
  });
  mount(operations.stop, async (c) => {
    const { id } = c.req.valid('param');
    const decide = (stream: Stream) => stopStream(stream, clock.now());
    const stream = await commandStream(
      { id, principal: c.get('principal'), ifMatch: c.req.valid('header')[IF_MATCH], decide },
      deps,
    );
    if (deps.media !== undefined) await tellFinal(stream, { ...deps, nodes: deps.media.nodes });
    log.info('stream_stopped', { streamId: id });
    return c.json(await answer(stream), 200, headersOf(stream));
  });
  mount(operations.addMetadata, async (c) => {
    const { id } = c.req.valid('param');
    const sent = { id, principal: c.get('principal'), wanted: c.req.valid('json') };
    return c.json(await addTimedMetadata(sent, deps), 202);
  });
  mount(operations.suspend, async (c) => {
    const { id } = c.req.valid('param');
    const { reason } = c.req.valid('json');
    const at = clock.now();
    const decide = (stream: Stream) => suspendStream(stream, { at, reason });
    const event = streamSuspended({ id }, { cause: 'operator', atMs: at });
    const ifMatch = c.req.valid('header')[IF_MATCH];
    const ordered = await commandStream({ id, principal: c.get('principal'), ifMatch, decide, event }, deps);
    log.info('stream_suspended', { streamId: id, reason });
    const stream = await carryOut(ordered, deps);
    return c.json(await answer(stream), 200, headersOf(stream));
  });
  mount(operations.takeDown, async (c) =>
    c.json(await takeDownOf(c.req.valid('param').id, c.get('principal'), deps), 200),
  );
  mount(operations.resume, async (c) => {
    const { id } = c.req.valid('param');
    const decide = (stream: Stream) => resumeStream(stream, clock.now());
    const ifMatch = c.req.valid('header')[IF_MATCH];
    const stream = await carryOut(
      await commandStream({ id, principal: c.get('principal'), ifMatch, decide }, deps),
      deps,
    );
    log.info('stream_resumed', { streamId: id });
    return c.json(await answer(stream), 200, headersOf(stream));
  });
}
