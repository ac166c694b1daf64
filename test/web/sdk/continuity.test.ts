import { Continuity } from '../../../web/sdk/continuity';
import { OfferRefusal } from '../../../web/sdk/offer';

const NO_ANSWER = new OfferRefusal(0, 'The server does not answer.');
const TAKEN = new OfferRefusal(409, 'it is taken', 'publisher_replaced');

/** A publisher that was live, and lost its connection. */
function interrupted(): Continuity {
  const continuity = new Continuity();
  expect(continuity.isOver('1-abcdefgh', undefined)).toBe(false);
  return continuity;
}

describe('a publisher that reconnects by itself', () => {
  it('continues the publish that it opened last', () => {
    const continuity = interrupted();
    expect(continuity.continues).toBe('1-abcdefgh');
    continuity.isOver(undefined, NO_ANSWER);
    expect(continuity.continues).toBe('1-abcdefgh');
    continuity.isOver('2-abcdefgh', undefined);
    expect(continuity.continues).toBe('2-abcdefgh');
  });

  it('ends at once where another publisher has taken the stream over', () => {
    expect(interrupted().isOver(undefined, TAKEN)).toBe(true);
  });

  it.each([
    ['got no answer', NO_ANSWER],
    ['was given up by the API', new OfferRefusal(503, 'the node does not answer: try again')],
    ['lost its answer on the way', new TypeError('network error')],
  ])('goes on after an offer that %s, whose session the server takes for that of another', (_what, failure) => {
    const continuity = interrupted();
    expect(continuity.isOver(undefined, failure)).toBe(false);
    for (let seconds = 0; seconds < 30; seconds += 2) expect(continuity.isOver(undefined, TAKEN)).toBe(false);
    expect(continuity.isOver('3-abcdefgh', undefined)).toBe(false);
    expect(continuity.isOver(undefined, TAKEN)).toBe(true);
  });

  it('ends after such an offer too, once its own session would be over', () => {
    const continuity = interrupted();
    continuity.isOver(undefined, NO_ANSWER);
    const ends = Array.from({ length: 20 }, () => continuity.isOver(undefined, TAKEN));
    expect(ends).toEqual([...Array(19).fill(false), true]);
  });

  it.each([new OfferRefusal(401, 'the key is wrong'), new OfferRefusal(409, 'it is suspended', 'stream_suspended')])(
    'ends at any other refusal, also after an offer that got no answer: $message',
    (refusal) => {
      const continuity = interrupted();
      continuity.isOver(undefined, NO_ANSWER);
      expect(continuity.isOver(undefined, refusal)).toBe(true);
    },
  );

  it('opened nothing with an offer that came too soon', () => {
    const continuity = interrupted();
    expect(continuity.isOver(undefined, new OfferRefusal(429, 'too many requests'))).toBe(false);
    expect(continuity.isOver(undefined, TAKEN)).toBe(true);
  });
});
