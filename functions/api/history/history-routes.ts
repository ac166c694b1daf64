import type { ApiDeps } from '../api-deps';
import { notFoundError } from '../requests/not-found-error';
import type { Mount } from '../requests/operation';
import { findStream } from '../streams/streams';
import { deleteRecording, deleteSession } from './delete-history';
import {
  findRecording,
  recordingAnswer,
  recordingPage,
  sessionAnswer,
  sessionPage,
  sessionsOf,
  usageOf,
} from './history';
import { historyOperations as operations } from './history-operations';

export function historyRoutes(mount: Mount, deps: ApiDeps): void {
  sessionRoutes(mount, deps);
  recordingRoutes(mount, deps);
  mount(operations.usage, async (c) => {
    const stream = await findStream(c.req.valid('param').id, c.get('principal'), deps);
    return c.json(await usageOf(stream, c.req.valid('query'), deps), 200);
  });
}

function sessionRoutes(mount: Mount, deps: ApiDeps): void {
  const { streamStore, clock, log } = deps;
  mount(operations.listSessions, async (c) => {
    const stream = await findStream(c.req.valid('param').id, c.get('principal'), deps);
    return c.json(await sessionPage(stream, c.req.valid('query'), deps), 200);
  });
  mount(operations.showSession, async (c) => {
    const { id, sessionId } = c.req.valid('param');
    const stream = await findStream(id, c.get('principal'), deps);
    const session = await streamStore.getSession(stream.id, sessionId);
    if (session === undefined) throw notFoundError('sessionId');
    return c.json(sessionAnswer(session, await streamStore.listNodes(), clock.now()), 200);
  });
  mount(operations.removeSession, async (c) => {
    const { id, sessionId } = c.req.valid('param');
    const stream = await findStream(id, c.get('principal'), deps);
    const session = await streamStore.getSession(stream.id, sessionId);
    if (session === undefined) throw notFoundError('sessionId');
    await deleteSession(stream, session, deps);
    log.info('session_deleted', { streamId: id, sessionId });
    return c.body(null, 204);
  });
}

function recordingRoutes(mount: Mount, deps: ApiDeps): void {
  mount(operations.listRecordings, async (c) => {
    const stream = await findStream(c.req.valid('param').id, c.get('principal'), deps);
    return c.json(await recordingPage(stream, c.req.valid('query'), deps), 200);
  });
  mount(operations.showRecording, async (c) => {
    const { id, recordingId } = c.req.valid('param');
    const stream = await findStream(id, c.get('principal'), deps);
    const broadcast = await findRecording(stream, recordingId, deps);
    const sessions = (await sessionsOf(broadcast, deps)).map((session) => session.id);
    return c.json({ ...recordingAnswer(stream, broadcast, deps), sessions }, 200);
  });
  mount(operations.removeRecording, async (c) => {
    const { id, recordingId } = c.req.valid('param');
    const stream = await findStream(id, c.get('principal'), deps);
    await deleteRecording(stream, await findRecording(stream, recordingId, deps), deps);
    deps.log.info('recording_deleted', { streamId: id, recordingId });
    return c.body(null, 204);
  });
}
