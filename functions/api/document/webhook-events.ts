import {
  BudgetStageChanged,
  type EventType,
  NodeLost,
  type PlatformEvent,
  RecordingExpired,
  RecordingReady,
  RenditionsChanged,
  StreamCreated,
  StreamEnded,
  StreamFailover,
  StreamLive,
  StreamReconnecting,
  StreamSuspended,
  StreamWarning,
} from '../../contract/events';
import { clockMessage } from '../../core/publish/media-warnings';
import type { ApiApp } from '../requests/operation';

type DocumentedEvents = {
  readonly [Type in EventType]: {
    readonly summary: string;
    readonly schema: typeof StreamCreated | typeof NodeLost | (typeof PlatformEvent)['options'][number];
    readonly data: Extract<PlatformEvent, { type: Type }>['data'];
  };
};

const STREAM = { streamId: 'k3v9q2m7x4b8n1c6' };
const SESSION = { broadcastId: 'b1-9f2c4a7e', sessionId: '1-9f2c4a7e' };
const BROADCAST = { broadcastId: SESSION.broadcastId };

/** Every event of a webhook with a sentence for people and data as they come. */
export const WEBHOOK_EVENTS: DocumentedEvents = {
  'stream.created': {
    summary: 'A stream was created.',
    schema: StreamCreated,
    data: { title: 'Town hall', policy: 'open', recording: true },
  },
  'stream.live': { summary: 'A publisher was admitted, and the stream is live.', schema: StreamLive, data: SESSION },
  'stream.failover': {
    summary: 'The publisher on air left or fell silent, and viewers get the media of its backup.',
    schema: StreamFailover,
    data: { ...SESSION, sessionId: '2-4b8n1c6k', fromSessionId: SESSION.sessionId },
  },
  'stream.reconnecting': {
    summary: 'The publisher left or was lost. It may come back until the reconnect window is over.',
    schema: StreamReconnecting,
    data: { ...SESSION, endReason: 'unpublished' },
  },
  'stream.ended': {
    summary: 'The reconnect window is over. The broadcast takes no more media.',
    schema: StreamEnded,
    data: BROADCAST,
  },
  'stream.recording.ready': {
    summary: 'The recording of a broadcast can be played. `path` is below the public origin.',
    schema: RecordingReady,
    data: { ...BROADCAST, path: `/open/p/${STREAM.streamId}/${SESSION.broadcastId}/recording.m3u8` },
  },
  'stream.recording.expired': {
    summary: 'A recording was kept for its days and is deleted.',
    schema: RecordingExpired,
    data: BROADCAST,
  },
  'stream.suspended': {
    summary: 'The stream is suspended: nobody can publish or play it.',
    schema: StreamSuspended,
    data: { cause: 'operator' },
  },
  'stream.warning': {
    summary:
      'A warning to the publisher begins or ends. `code` is a code of the warnings of a stream. The warnings of a ' +
      'session end with it, without an event.',
    schema: StreamWarning,
    data: { ...SESSION, code: 'tracks_apart', message: clockMessage('tracks_apart'), state: 'begun' },
  },
  'stream.renditions.changed': {
    summary: 'The node makes fewer renditions of the session, or makes them again. `renditions` are all of them.',
    schema: RenditionsChanged,
    data: { ...SESSION, renditions: [{ name: '480p', state: 'shed', reason: 'too_slow' }] },
  },
  'node.lost': {
    summary: 'A node has sent no heartbeat for 30 s. Only webhooks of the operator get this event.',
    schema: NodeLost,
    data: { nodeId: 'srs-live-prod-origin-x1y2', lastHeartbeatAt: '2026-11-26T10:00:00.000Z', streams: 12 },
  },
  'budget.stage': {
    summary: 'The budget stage changed. Only webhooks of the operator get this event.',
    schema: BudgetStageChanged,
    data: {
      stage: 'notify',
      before: 'none',
      cause: 'message',
      costAmount: 812.4,
      budgetAmount: 1000,
      currencyCode: 'USD',
    },
  },
};

/** An event of `type` as a receiver gets it. */
export const exampleOf = (type: EventType): Record<string, unknown> => ({
  type,
  id: 'evt_5f0c9a1be27d4c8893ab61f2d0e47a15',
  version: 1,
  occurredAt: '2026-11-26T10:00:30.000Z',
  ...(type.startsWith('stream.') && STREAM),
  data: WEBHOOK_EVENTS[type].data,
});

/** Adds the events to the document's `webhooks`, with an example each. */
export function registerWebhookEvents(app: ApiApp, types: readonly EventType[]): void {
  for (const type of types) {
    const { summary, schema } = WEBHOOK_EVENTS[type];
    app.openAPIRegistry.registerWebhook({
      method: 'post',
      path: type,
      operationId: `on ${type}`.replaceAll(/[ .](\w)/g, (_, letter: string) => letter.toUpperCase()),
      summary,
      description:
        'Signed according to Standard Webhooks (`webhook-id`, `webhook-timestamp`, `webhook-signature`). ' +
        'The same event can arrive more than once, with the same `id`.',
      tags: ['webhooks'],
      request: { body: { required: true, content: { 'application/json': { schema, example: exampleOf(type) } } } },
      responses: {
        204: { description: 'Any status from 200 to 299: the event was received.' },
        410: { description: 'The receiver wants no more events. The webhook is disabled.' },
      },
    });
  }
}
