import { z } from 'zod';
import { ApiKeyPage } from '../../functions/contract/api/access';
import { ChatTokenAnswer } from '../../functions/contract/api/chat';
import { DeliveryPage, WebhookList } from '../../functions/contract/api/events';
import { RecordingPage } from '../../functions/contract/api/history';
import { HealthAnswer, NodeAnswer, NodeList } from '../../functions/contract/api/operations';
import { StreamHealthAnswer } from '../../functions/contract/api/stream-health';
import { StreamAnswer, StreamWithKey } from '../../functions/contract/api/streams';
import { ViewersAnswer } from '../../functions/contract/api/viewers';
import { path, ROUTES } from '../../functions/contract/routes';
import { apiCall, post } from '../api-call';

/** The fields of a listed stream that the console shows: every role may read them. */
const Listed = StreamAnswer.pick({ id: true, title: true, status: true, policy: true, suspended: true });
export type StreamInList = z.infer<typeof Listed>;
const ListedPage = z.object({ streams: z.array(Listed), nextCursor: z.string().optional() });
const Granted = z.object({
  id: z.string(),
  renewalToken: z.string(),
  endsAt: z.string(),
  playback: z.object({ page: z.string() }),
});
export type Granted = z.infer<typeof Granted>;

/** A page of streams to ask for: '' for every status, the first characters of a title, and where to go on. */
export interface StreamsWanted {
  readonly status: string;
  readonly title: string;
  readonly cursor?: string | undefined;
}

const DELETE = { method: 'DELETE' } as const;
const queryOf = ({ status, title, cursor }: StreamsWanted): string => {
  const query = new URLSearchParams({ limit: '20' });
  for (const [name, value] of Object.entries({ status, title, cursor: cursor ?? '' }))
    if (value !== '') query.set(name, value);
  return String(query);
};

export type ConsoleClient = ReturnType<typeof consoleClient>;

/** The requests of the console, all to the public API. Throws `ApiRefusal`. */
export function consoleClient(key: string, send: typeof fetch = (url, init) => fetch(url, init)) {
  const call = apiCall(key, send);
  const { api, access, chat, grants, webhooks } = ROUTES;
  return {
    streams: (wanted: StreamsWanted) => call(`${api.streams}?${queryOf(wanted)}`, ListedPage),
    stream: (id: string) => call(path(api.stream, { id }), StreamAnswer),
    /** Stop: the broadcast ends. Suspend: it ends, nobody may publish or watch. Resume: as before. */
    control: (id: string, verb: 'stop' | 'suspend' | 'resume') => call(path(api[verb], { id }), StreamAnswer, post({})),
    rotate: (id: string, graceSeconds: number) => call(path(api.key, { id }), StreamWithKey, post({ graceSeconds })),
    remove: (id: string) => call(path(api.stream, { id }), z.unknown(), DELETE),
    streamHealth: (id: string) => call(path(api.streamHealth, { id }), StreamHealthAnswer),
    viewers: (id: string) => call(path(api.viewers, { id }), ViewersAnswer),
    recordings: (id: string) => call(`${path(api.recordings, { id })}?limit=50`, RecordingPage),
    removeRecording: (id: string, recordingId: string) =>
      call(path(api.recording, { id, recordingId }), z.unknown(), DELETE),
    grant: (id: string) => call(path(grants.grants, { id }), Granted, post({})),
    /** Puts the cookies of a grant into this browser. */
    useGrant: ({ id: grantId, renewalToken }: Granted, id: string) =>
      apiCall(renewalToken, send)(path(grants.renewal, { id, grantId }), z.unknown(), { method: 'POST' }),
    setChat: (id: string, enabled: boolean) =>
      call(path(api.stream, { id }), StreamAnswer, { ...post({ chat: { enabled } }), method: 'PATCH' }),
    /** A token of a moderator, for twelve hours. */
    chatToken: (id: string) =>
      call(
        path(chat.tokens, { id }),
        ChatTokenAnswer,
        post({ subject: 'console', name: 'Moderator', role: 'moderator', lifetimeSeconds: 43_200 }),
      ),
    revokeGrant: (id: string, grantId: string) => call(path(grants.grant, { id, grantId }), z.unknown(), DELETE),
    nodes: () => call(api.nodes, NodeList),
    drain: (nodeId: string) => call(path(api.drain, { nodeId }), NodeAnswer, post({})),
    keys: () => call(`${access.apiKeys}?limit=50`, ApiKeyPage),
    revokeKey: (prefix: string) => call(path(access.apiKey, { prefix }), z.unknown(), DELETE),
    webhooks: () => call(webhooks.webhooks, WebhookList),
    deliveries: (webhookId: string) => call(path(webhooks.deliveries, { webhookId }), DeliveryPage),
    resend: (webhookId: string, eventId: string) =>
      call(path(webhooks.resend, { webhookId, eventId }), z.unknown(), post({})),
    health: () => call(api.health, HealthAnswer),
  };
}
