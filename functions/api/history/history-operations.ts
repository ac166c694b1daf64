import { createRoute } from '@hono/zod-openapi';
import { RecordingDetail, RecordingPage, UsageAnswer, UsageQuery } from '../../contract/api/history';
import { PageQuery } from '../../contract/api/shapes';
import { SessionAnswer, SessionPage } from '../../contract/api/streams';
import { BroadcastId, SessionId } from '../../contract/ids';
import { ROUTES } from '../../contract/routes';
import { answers, secured } from '../document/answers';
import { StreamParams } from '../streams/stream-operations';

const SessionParams = StreamParams.extend({ sessionId: SessionId });
const RecordingParams = StreamParams.extend({ recordingId: BroadcastId });

const listSessions = createRoute({
  method: 'get',
  path: ROUTES.api.sessions,
  operationId: 'listSessions',
  summary: 'List the sessions of a stream, newest first',
  tags: ['sessions'],
  'x-permission': 'recordings.read' as const,
  request: { params: StreamParams, query: PageQuery },
  responses: { ...answers.ok(SessionPage, 'A page.'), ...secured('bad_request', 'stream_not_found') },
});
const showSession = createRoute({
  method: 'get',
  path: ROUTES.api.session,
  operationId: 'getSession',
  summary: 'Show a session',
  tags: ['sessions'],
  'x-permission': 'recordings.read' as const,
  request: { params: SessionParams },
  responses: { ...answers.ok(SessionAnswer, 'The session.'), ...secured('stream_not_found', 'session_not_found') },
});
const removeSession = createRoute({
  method: 'delete',
  path: ROUTES.api.session,
  operationId: 'deleteSession',
  summary: 'Delete a session and its media',
  description:
    'The recording of the broadcast keeps its other sessions. Playlists in the CDN cache can name the deleted ' +
    'session for a day.',
  tags: ['sessions'],
  'x-permission': 'recordings.delete' as const,
  request: { params: SessionParams },
  responses: {
    ...answers.none('The session is deleted.'),
    ...secured('stream_not_found', 'session_not_found', 'session_live'),
  },
});
const listRecordings = createRoute({
  method: 'get',
  path: ROUTES.api.recordings,
  operationId: 'listRecordings',
  summary: 'List the recordings of a stream, newest first',
  tags: ['recordings'],
  'x-permission': 'recordings.read' as const,
  request: { params: StreamParams, query: PageQuery },
  responses: { ...answers.ok(RecordingPage, 'A page.'), ...secured('bad_request', 'stream_not_found') },
});
const showRecording = createRoute({
  method: 'get',
  path: ROUTES.api.recording,
  operationId: 'getRecording',
  summary: 'Show a recording',
  tags: ['recordings'],
  'x-permission': 'recordings.read' as const,
  request: { params: RecordingParams },
  responses: {
    ...answers.ok(RecordingDetail, 'The recording.'),
    ...secured('stream_not_found', 'recording_not_found'),
  },
});
const removeRecording = createRoute({
  method: 'delete',
  path: ROUTES.api.recording,
  operationId: 'deleteRecording',
  summary: 'Delete a recording, its sessions and their media',
  tags: ['recordings'],
  'x-permission': 'recordings.delete' as const,
  request: { params: RecordingParams },
  responses: {
    ...answers.none('The recording is deleted.'),
    ...secured('stream_not_found', 'recording_not_found', 'recording_unfinished'),
  },
});
const usage = createRoute({
  method: 'get',
  path: ROUTES.api.usage,
  operationId: 'getUsage',
  summary: 'Show the usage of a stream',
  tags: ['streams'],
  'x-permission': 'usage.read' as const,
  request: { params: StreamParams, query: UsageQuery },
  responses: { ...answers.ok(UsageAnswer, 'The usage.'), ...secured('bad_request', 'stream_not_found') },
});

/** The operations on what was published. */
export const historyOperations = {
  listSessions,
  showSession,
  removeSession,
  listRecordings,
  showRecording,
  removeRecording,
  usage,
};
