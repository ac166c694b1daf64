import { DomainError, type ErrorCode } from '../../core/errors';

const NOT_FOUND: Readonly<Record<string, { code: ErrorCode; what: string }>> = {
  id: { code: 'stream_not_found', what: 'stream' },
  file: { code: 'stream_not_found', what: 'stream' },
  sessionId: { code: 'session_not_found', what: 'session' },
  playId: { code: 'session_not_found', what: 'connection' },
  recordingId: { code: 'recording_not_found', what: 'recording' },
  nodeId: { code: 'node_not_found', what: 'node' },
  grantId: { code: 'grant_not_found', what: 'grant' },
  keyId: { code: 'content_key_not_found', what: 'content key' },
  playlist: { code: 'playlist_not_found', what: 'playlist' },
  number: { code: 'chat_message_not_found', what: 'message' },
  sender: { code: 'chat_sender_not_found', what: 'sender' },
  prefix: { code: 'api_key_not_found', what: 'API key' },
  webhookId: { code: 'webhook_not_found', what: 'webhook' },
  eventId: { code: 'delivery_not_found', what: 'delivery' },
  action: { code: 'route_not_found', what: 'hook' },
};

/** The same words whether there is none, or none this caller may know of. */
export function notFoundError(parameter: string): DomainError {
  const { code, what } = NOT_FOUND[parameter] ?? { code: 'route_not_found', what: parameter };
  return new DomainError(code, `there is no such ${what}`);
}
