import type { NodeRefusal } from '../../contract/hooks/media';
import { DomainError, type ErrorCode } from '../errors';

/**
 * The error of the caller for a refusal by a node, its hooks or the rules; anything that is not listed is `forbidden`.
 */
const CODES: Readonly<Record<string, ErrorCode>> = {
  wrong_key: 'unauthenticated',
  not_playable: 'forbidden',
  grant_ended: 'grant_ended',
  unknown_stream: 'stream_not_found',
  stream_not_found: 'stream_not_found',
  suspended: 'stream_suspended',
  takeover_limit: 'publisher_busy',
  busy: 'publisher_busy',
  not_live: 'not_live',
  offer_refused: 'media_unsupported',
  session_not_found: 'session_not_found',
  bad_request: 'bad_request',
  draining: 'unavailable',
  not_here: 'unavailable',
  unavailable: 'unavailable',
};

export const errorOfRefusal = ({ error, message }: NodeRefusal): DomainError =>
  new DomainError(CODES[error] ?? 'forbidden', message);

/** Another node may say otherwise. */
export const isOfThisNodeOnly = ({ error }: NodeRefusal): boolean => CODES[error] === 'unavailable';
