import { createRoute, z } from '@hono/zod-openapi';
import { Nothing } from '../../contract/api/shapes';
import { CreateStream, PatchStream, RotateKey, StreamQuery, SuspendStream } from '../../contract/api/stream-requests';
import { ShownStream, StreamAnswer, StreamPage, StreamWithKey } from '../../contract/api/streams';
import { TakeDownAnswer } from '../../contract/api/take-downs';
import { AddTimedMetadata, TimedMetadataAnswer } from '../../contract/api/timed-metadata';
import { StreamId } from '../../contract/ids';
import { ROUTES } from '../../contract/routes';
import { answers, BODY, REPEATED, requestBody, secured } from '../document/answers';
import { IdempotencyHeader } from '../requests/idempotent';
import { IfMatchHeader } from './etag';

const tags = ['streams'];
export const StreamParams = z.object({ id: StreamId });
const orderHeaders = IdempotencyHeader.extend(IfMatchHeader.shape);

const create = createRoute({
  method: 'post',
  path: ROUTES.api.streams,
  operationId: 'createStream',
  summary: 'Create a stream',
  description: 'Only this answer contains the stream key.',
  tags,
  'x-permission': 'streams.create' as const,
  request: { headers: IdempotencyHeader, ...requestBody(CreateStream) },
  responses: {
    ...answers.created(StreamWithKey, 'The stream, with its key.'),
    ...secured(...BODY, ...REPEATED, 'stream_limit'),
  },
});
const list = createRoute({
  method: 'get',
  path: ROUTES.api.streams,
  operationId: 'listStreams',
  summary: 'List streams, newest first',
  tags,
  'x-permission': 'streams.read' as const,
  request: { query: StreamQuery },
  responses: { ...answers.ok(StreamPage, 'A page.'), ...secured('bad_request') },
});
const show = createRoute({
  method: 'get',
  path: ROUTES.api.stream,
  operationId: 'getStream',
  summary: 'Show a stream',
  tags,
  'x-permission': 'streams.read' as const,
  request: { params: StreamParams },
  responses: {
    ...answers.tagged(
      ShownStream,
      'The stream, with the version of its settings in `ETag`. A viewer gets fewer fields.',
    ),
    ...secured('stream_not_found'),
  },
});
const patch = createRoute({
  method: 'patch',
  path: ROUTES.api.stream,
  operationId: 'changeStream',
  summary: 'Change the settings of a stream',
  tags,
  'x-permission': 'streams.write' as const,
  request: { params: StreamParams, headers: IfMatchHeader, ...requestBody(PatchStream) },
  responses: {
    ...answers.tagged(StreamAnswer, 'The changed stream.'),
    ...secured(...BODY, 'stream_not_found', 'policy_fixed', 'precondition_failed'),
  },
});
const remove = createRoute({
  method: 'delete',
  path: ROUTES.api.stream,
  operationId: 'deleteStream',
  summary: 'Delete a stream and all its media',
  description: 'The publisher is disconnected first. If the request times out, send it again to continue.',
  tags,
  'x-permission': 'streams.delete' as const,
  request: { params: StreamParams, headers: IfMatchHeader },
  responses: {
    ...answers.none('The stream is deleted.'),
    ...secured('bad_request', 'stream_not_found', 'precondition_failed'),
  },
});
const order = [...BODY, ...REPEATED, 'stream_not_found', 'precondition_failed'] as const;
const rotate = createRoute({
  method: 'post',
  path: ROUTES.api.key,
  operationId: 'rotateKey',
  summary: 'Rotate the stream key',
  description:
    'The previous key stays valid for `graceSeconds`. A session with the previous key is ended after that time, ' +
    'and cannot take over a session with the new key.',
  tags,
  'x-permission': 'streams.control' as const,
  request: { params: StreamParams, headers: orderHeaders, ...requestBody(RotateKey, { required: false }) },
  responses: { ...answers.tagged(StreamWithKey, 'The stream, with its new key.'), ...secured(...order) },
});
const orderRequest = <S extends z.ZodType>(body: S) => ({
  params: StreamParams,
  headers: orderHeaders,
  ...requestBody(body, { required: false }),
});
const orderResponses = { ...answers.tagged(StreamAnswer, 'The changed stream.'), ...secured(...order) };
const stop = createRoute({
  method: 'post',
  path: ROUTES.api.stop,
  operationId: 'stopStream',
  summary: 'End the broadcast and its publisher',
  description: 'An encoder that connects again begins a new broadcast. Suspend the stream to prevent this.',
  tags,
  'x-permission': 'streams.control' as const,
  request: orderRequest(Nothing),
  responses: orderResponses,
});
const suspend = createRoute({
  method: 'post',
  path: ROUTES.api.suspend,
  operationId: 'suspendStream',
  summary: 'Suspend a stream and take its media down',
  description:
    'The publisher and all viewers are disconnected. Playlists, segments and recordings cannot be read after 10 s, ' +
    'even from the CDN cache. Recordings are moved to private storage. The request can be repeated. ' +
    '`…/take-down` shows the progress.',
  tags,
  'x-permission': 'streams.suspend' as const,
  request: orderRequest(SuspendStream),
  responses: orderResponses,
});
const resume = createRoute({
  method: 'post',
  path: ROUTES.api.resume,
  operationId: 'resumeStream',
  summary: 'Resume a suspended stream',
  description: 'The recordings are restored under new URLs. The previous URLs stay invalid.',
  tags,
  'x-permission': 'streams.suspend' as const,
  request: orderRequest(Nothing),
  responses: orderResponses,
});

const takeDown = createRoute({
  method: 'get',
  path: ROUTES.api.takeDown,
  operationId: 'getTakeDown',
  summary: 'Show the progress of a take-down',
  description: 'The stream is suspended or deleted. For a deleted stream the progress is kept for 90 days.',
  tags,
  'x-permission': 'streams.control' as const,
  request: { params: StreamParams },
  responses: { ...answers.ok(TakeDownAnswer, 'The progress of the take-down.'), ...secured('stream_not_found') },
});

const addMetadata = createRoute({
  method: 'post',
  path: ROUTES.api.metadata,
  operationId: 'addTimedMetadata',
  summary: 'Send timed metadata to the players of a live stream',
  description:
    'The message goes into the playlists as `EXT-X-DATERANGE` of the class `srs-live.metadata`, with its text ' +
    'percent-encoded in `X-SRS-LIVE-DATA`. Its `START-DATE` is the moment of the picture in which it was sent. ' +
    'Players raise it when they show that moment. Recordings keep it. ' +
    'A stream takes 10 messages at once and 30 a minute.',
  tags,
  'x-permission': 'streams.control' as const,
  request: { params: StreamParams, headers: IdempotencyHeader, ...requestBody(AddTimedMetadata) },
  responses: {
    ...answers.accepted(TimedMetadataAnswer, 'The message goes into the next segment.'),
    ...secured(...BODY, ...REPEATED, 'stream_not_found', 'not_live', 'metadata_conflict'),
  },
});

/** The operations on streams. */
export const streamOperations = {
  create,
  list,
  show,
  patch,
  remove,
  rotate,
  stop,
  suspend,
  resume,
  takeDown,
  addMetadata,
};
