import { z } from 'zod';
import type { Stream } from '../../contract/state';
import { DomainError } from '../../core/errors';

/** Without escapes: programs that make requests out of the document read it in dialects of their own. */
const TAGS = /^([*]|(W[/])?"[!#-~]*"( *, *(W[/])?"[!#-~]*")*)$/;

/** Header of every operation that changes a stream. RFC 9110 13.1.1 */
export const IfMatchHeader = z.object({
  'If-Match': z.string().regex(TAGS, "use the stream's ETag, or *").max(500).optional().meta({
    pattern: TAGS.source,
    description: 'The ETag that the stream must have. If absent, the change is made in any case.',
  }),
});
export const IF_MATCH = 'If-Match';

/** Names the settings of a stream; its status changes without it. */
export const etagOf = ({ revision = 0 }: Pick<Stream, 'revision'>): string => `"${revision}"`;

/** Throws `precondition_failed` if `header` names another state. Weak tags match nothing here. */
export function assertMatch(header: string | undefined, stream: Stream): void {
  if (header === undefined || header === '*') return;
  const named = header.split(',').map((tag) => tag.trim());
  if (named.includes(etagOf(stream))) return;
  throw new DomainError(
    'precondition_failed',
    `If-Match: got ${header.slice(0, 100)}, but the ETag of the stream is ${etagOf(stream)}`,
  );
}
