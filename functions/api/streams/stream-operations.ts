import { createRoute, z } from '@hono/zod-openapi';
import {
  CreateStream,
  Nothing,
  PatchStream,
  RotateKey,
  ShownStream,
  StreamAnswer,
  StreamPage,
  StreamQuery,
  StreamWithKey,
  SuspendStream,
} from '../../contract/api/streams';
import { TakeDownAnswer } from '../../contract/api/take-downs';
import { StreamId } from '../../contract/ids';
import { ROUTES } from '../../contract/routes';
import { answers, requestBody, secured } from '../document/answers';
import { IdempotencyHeader } from '../requests/idempotent';
import { IfMatchHeader } from './etag';

const tags = ['streams'];
export const StreamParams = z.object({ id: StreamId });
const BODY = ['bad_request', 'body_too_large', 'invalid_field'] as const;
const REPEATED = ['idempotency_in_progress', 'idempotency_mismatch'] as const;
const orderHeaders = IdempotencyHeader.extend(IfMatchHeader.shape);

const create = createRoute({
  method: 'post',
  path: ROUTES.api.streams,
  operationId: 'createStream',
  summary: 'Create a stream',
  description: 'The answer is the only one that has the stream key.',
  tags,
  'x-permission': 'streams.create' as const,
  request: { headers: IdempotencyHeader, ...requestBody(CreateStream) },
  responses: { ...answers.created(StreamWithKey, 'The stream, with its key.'), ...secured(...BODY, ...REPEATED) },
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
    ...answers.tagged(ShownStream, 'The stream; `ETag` names its settings. A viewer sees less of it.'),
    ...secured('stream_not_found'),
  },
});
const patch = createRoute({
  method: 'patch',
  path: ROUTES.api.stream,
  operationId: 'changeStream',
  summary: 'Change settings',
  tags,
  'x-permission': 'streams.write' as const,
  request: { params: StreamParams, headers: IfMatchHeader, ...requestBody(PatchStream) },
  responses: {
    ...answers.tagged(StreamAnswer, 'The stream as it is now.'),
    ...secured(...BODY, 'stream_not_found', 'policy_fixed', 'precondition_failed'),
  },
});
const remove = createRoute({
  method: 'delete',
  path: ROUTES.api.stream,
  operationId: 'deleteStream',
  summary: 'Delete a stream and all its media',
  description: 'Ends its publisher first. What takes longer than one call can be asked for again.',
  tags,
  'x-permission': 'streams.delete' as const,
  request: { params: StreamParams, headers: IfMatchHeader },
  responses: { ...answers.none('It is gone.'), ...secured('bad_request', 'stream_not_found', 'precondition_failed') },
});
const order = [...BODY, ...REPEATED, 'stream_not_found', 'precondition_failed'] as const;
const rotate = createRoute({
  method: 'post',
  path: ROUTES.api.key,
  operationId: 'rotateKey',
  summary: 'Give the stream a new key',
  description:
    'The key before stays good for the grace. Its session is cut when the grace is over, and cannot take over a newer one.',
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
const orderResponses = { ...answers.tagged(StreamAnswer, 'The stream as it is now.'), ...secured(...order) };
const stop = createRoute({
  method: 'post',
  path: ROUTES.api.stop,
  operationId: 'stopStream',
  summary: 'End the broadcast and its publisher',
  description: 'An encoder that connects again begins another broadcast: suspend the stream to keep it away.',
  tags,
  'x-permission': 'streams.control' as const,
  request: orderRequest(Nothing),
  responses: orderResponses,
});
const suspend = createRoute({
  method: 'post',
  path: ROUTES.api.suspend,
  operationId: 'suspendStream',
  summary: 'Let nobody publish or play, and take its media down',
  description:
    'The publisher and every connection end; playlists, segments and recordings are out of reach within 10 s, cached or not. Recordings are kept where nobody can watch them. Asked again, it is done again; `…/take-down` says how far it is.',
  tags,
  'x-permission': 'streams.suspend' as const,
  request: orderRequest(SuspendStream),
  responses: orderResponses,
});
const resume = createRoute({
  method: 'post',
  path: ROUTES.api.resume,
  operationId: 'resumeStream',
  summary: 'Lift a suspension',
  description: 'What was recorded can be watched again, under other URLs: those of before lead nowhere.',
  tags,
  'x-permission': 'streams.suspend' as const,
  request: orderRequest(Nothing),
  responses: orderResponses,
});

const takeDown = createRoute({
  method: 'get',
  path: ROUTES.api.takeDown,
  operationId: 'getTakeDown',
  summary: 'Say how far a take-down is',
  description: 'Of a stream that is suspended or deleted; of one that is deleted for 90 days.',
  tags,
  'x-permission': 'streams.control' as const,
  request: { params: StreamParams },
  responses: { ...answers.ok(TakeDownAnswer, 'How far it is.'), ...secured('stream_not_found') },
});

/** The operations on streams. */
export const streamOperations = { create, list, show, patch, remove, rotate, stop, suspend, resume, takeDown };
