import { LIVE_APP, StreamId } from '../../contract/ids';
import { DomainError } from '../errors';
import { withoutKeys } from '../keys';

/** The form of such a URL, for the document: without escapes, since its readers have dialects of their own. */
export const SRS_URL_PATTERN = `^webrtc://[^/?#]*/${LIVE_APP}/[a-z0-9]{16}([?][^#]*)?$`;

/**
 * `webrtc://host/live/<stream id>?key=...` as SRS's own SDK sends it: which stream, and the secret in it, a stream key
 * (`key`) or a play token (`token`). Everything else of the query is dropped. Throws `bad_request`.
 */
export function readSrsUrl(url: string): { streamId: StreamId; key?: string; token?: string } {
  const [, path = '', query = ''] = /^webrtc:\/\/[^/?#]*\/([^?#]*)(?:\?([^#]*))?$/.exec(url) ?? [];
  const [app, stream, ...more] = path.split('/');
  const id = StreamId.safeParse(stream);
  if (app !== LIVE_APP || more.length > 0 || !id.success) {
    throw new DomainError(
      'bad_request',
      `streamurl '${withoutKeys(url.split('?', 1)[0] ?? '').slice(0, 100)}': ` +
        `use webrtc://<host>/${LIVE_APP}/<stream id>`,
    );
  }
  const values = new URLSearchParams(query);
  const key = values.get('key');
  const token = values.get('token');
  return { streamId: id.data, ...(key ? { key } : {}), ...(token ? { token } : {}) };
}
