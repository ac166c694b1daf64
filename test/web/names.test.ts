import fc from 'fast-check';
import { StreamId, StreamKey } from '../../functions/contract/ids';
import { indexName, urlPathOf } from '../../functions/contract/objects/layout';
import { indexPathOf, readStreamId, readStreamKey } from '../../web/names';

const near = (form: RegExp) => fc.oneof(fc.stringMatching(form), fc.string({ maxLength: 40 }));

describe('names that pages read', () => {
  it('are those of the contract: stream ids', () => {
    fc.assert(
      fc.property(near(/^[a-zA-Z0-9]{15,17}\n?$/), (text) => {
        expect(readStreamId(text)).toBe(StreamId.safeParse(text).data);
      }),
    );
    expect([readStreamId(null), readStreamId(undefined)]).toEqual([undefined, undefined]);
  });

  it('are those of the contract: stream keys', () => {
    fc.assert(
      fc.property(near(/^sk_[a-z2-7]{31,33}$/), (text) => {
        expect(readStreamKey(text)).toBe(StreamKey.safeParse(text).data);
      }),
    );
  });

  it.each(['open', 'gated'] as const)(
    'are those of the contract: the path of the index of a stream that is %s',
    (policy) => {
      expect(indexPathOf(policy, 'abcdefgh01234567')).toBe(urlPathOf(indexName(policy, 'abcdefgh01234567')));
    },
  );
});
