import type { Stream } from '../../../../functions/contract/state';
import { decideUnpublish } from '../../../../functions/core/publish/unpublish';
import { publishedStream, sessionOf, streamOf } from '../../../support/streams';

const client = { nodeId: 'node-1', serviceId: 'service-1', clientId: 'client-1', at: 5000 };

describe('decideUnpublish', () => {
  it('ends the newest session', () => {
    const ended = sessionOf(1, { endedAt: 5000, endReason: 'unpublished' });
    expect(decideUnpublish(publishedStream(), client)).toEqual({
      kind: 'ended',
      sessionId: ended.id,
      change: { stream: publishedStream(ended), sessions: [ended] },
    });
  });

  it.each<[string, Stream | undefined, string]>([
    ['of an unknown stream', undefined, 'unknown_stream'],
    ['that overtook its on_publish', streamOf(), 'not_the_newest'],
    ['of a session that a newer one followed', publishedStream({ clientId: 'newer' }), 'not_the_newest'],
    ['of the same client id under another start of SRS', publishedStream({ serviceId: 'service-2' }), 'not_the_newest'],
    ['that is doubled', publishedStream({ endedAt: 4000, endReason: 'unpublished' }), 'ended_before'],
  ])('ignores one %s', (_name, stream, why) => {
    expect(decideUnpublish(stream, client)).toEqual({ kind: 'ignored', why });
  });
});
