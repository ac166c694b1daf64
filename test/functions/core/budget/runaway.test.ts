import { runawayCounter } from '../../../../functions/core/budget/runaway';

describe('the counter of events', () => {
  it('finds as many as an encoder makes fine', () => {
    const count = runawayCounter({ eventsPerMinute: 3 });
    expect([0, 1, 2].map((at) => count('a', at).kind)).toEqual(['fine', 'fine', 'fine']);
  });

  it('says once a minute that a stream has more', () => {
    const count = runawayCounter({ eventsPerMinute: 3 });
    const verdicts = Array.from({ length: 10 }, (_, at) => count('a', at));
    expect(verdicts.filter(({ kind }) => kind === 'exceeded')).toEqual([{ kind: 'exceeded', events: 4, since: 0 }]);
    expect(verdicts[3]?.kind).toBe('exceeded');
  });

  it('begins again each minute', () => {
    const count = runawayCounter({ eventsPerMinute: 1 });
    expect(count('a', 0).kind).toBe('fine');
    expect(count('a', 59_999).kind).toBe('exceeded');
    expect(count('a', 60_000).kind).toBe('fine');
    expect(count('a', 60_001)).toEqual({ kind: 'exceeded', events: 2, since: 60_000 });
  });

  it('counts each stream by itself', () => {
    const count = runawayCounter({ eventsPerMinute: 1 });
    expect(['a', 'b', 'c'].map((id) => count(id, 0).kind)).toEqual(['fine', 'fine', 'fine']);
  });

  it('forgets the stream that was quiet for longest when there are too many', () => {
    const count = runawayCounter({ eventsPerMinute: 1, maxStreams: 2 });
    for (const id of ['quiet', 'busy', 'busy', 'new']) count(id, 0);
    expect(count('quiet', 0).kind).toBe('fine');
    expect(count('new', 0).kind).toBe('exceeded');
  });
});
