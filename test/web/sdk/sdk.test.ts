import { Bandwidth, type Sample } from '../../../web/sdk/bandwidth';
import { exchange } from '../../../web/sdk/offer';
import { readState } from '../../../web/sdk/public-state';
import { Session } from '../../../web/sdk/session';
import { Statuses } from '../../../web/sdk/statuses';

describe('a status', () => {
  it('is told once to each listener that waits for it', () => {
    const statuses = new Statuses<'A' | 'B'>('A');
    const heard: string[] = [];
    statuses.on('B', () => heard.push('first'));
    statuses.on('B', () => heard.push('second'));
    statuses.on('A', () => heard.push('never left'));
    statuses.become('A');
    statuses.become('B');
    statuses.become('B');
    expect([statuses.now, heard]).toEqual(['B', ['first', 'second']]);
  });

  it('reaches the listener behind one that throws', () => {
    const reported: unknown[] = [];
    Reflect.set(globalThis, 'reportError', (error: unknown) => reported.push(error));
    const statuses = new Statuses<'A' | 'B'>('A');
    const heard: string[] = [];
    statuses.on('B', () => {
      throw new Error('of the page');
    });
    statuses.on('B', () => heard.push('heard'));
    statuses.become('B');
    Reflect.deleteProperty(globalThis, 'reportError');
    expect([heard, reported]).toEqual([['heard'], [new Error('of the page')]]);
  });
});

describe('a session', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  /** A server that answers or not, as `state.up` says, and what the session told. */
  function world(urlServer = 'https://live.example.com') {
    const state = { up: true };
    const asked: string[] = [];
    const session = new Session({ urlServer }, async (url) => {
      asked.push(String(url));
      if (!state.up) throw new TypeError('fetch failed');
      return new Response('{}');
    });
    const told: string[] = [];
    for (const status of ['ESTABLISHED', 'DISCONNECTED', 'FAILED'] as const)
      session.on(status, (each) => told.push(each.status()));
    return { state, asked, session, told };
  }

  it('is ESTABLISHED once the API answers, after the page has put its listeners on', async () => {
    const { session, told, asked } = world();
    expect([session.status(), asked]).toEqual(['PENDING', []]);
    await jest.advanceTimersByTimeAsync(1);
    expect([told, asked]).toEqual([['ESTABLISHED'], ['https://live.example.com/api/v1/health']]);
    await session.disconnect();
  });

  it('is FAILED, and over, when nobody answers at first', async () => {
    const { state, session, told, asked } = world();
    state.up = false;
    await jest.advanceTimersByTimeAsync(120_000);
    expect([told, session.isOver, asked.length]).toEqual([['FAILED'], true, 1]);
  });

  it('a connection is DISCONNECTED after two unanswered beats, and ESTABLISHED again at an answer', async () => {
    const { state, session, told } = world();
    await jest.advanceTimersByTimeAsync(1);
    state.up = false;
    await jest.advanceTimersByTimeAsync(10_000);
    expect(told).toEqual(['ESTABLISHED']);
    await jest.advanceTimersByTimeAsync(10_000);
    expect([told, session.isOver]).toEqual([['ESTABLISHED', 'DISCONNECTED'], false]);
    state.up = true;
    await jest.advanceTimersByTimeAsync(10_000);
    expect(told).toEqual(['ESTABLISHED', 'DISCONNECTED', 'ESTABLISHED']);
    await session.disconnect();
  });

  it('is DISCONNECTED by its page for good, and makes no more streams', async () => {
    const { session, told, asked } = world();
    await jest.advanceTimersByTimeAsync(1);
    await session.disconnect();
    await jest.advanceTimersByTimeAsync(60_000);
    expect([told, asked.length]).toEqual([['ESTABLISHED', 'DISCONNECTED'], 1]);
    expect(() => session.createStream({ name: 'x' })).toThrow('the session is over');
  });

  it('takes the wss address of the document for the same host', async () => {
    const { session, asked } = world('wss://origin.example.com:8443');
    await jest.advanceTimersByTimeAsync(1);
    expect(asked).toEqual(['https://origin.example.com:8443/api/v1/health']);
    await session.disconnect();
  });

  it.each(['', 'live.example.com', 'ftp://live.example.com', 'javascript:alert(1)'])(
    'refuses %j as an address',
    (urlServer) => {
      expect(() => new Session({ urlServer })).toThrow(
        `urlServer: '${urlServer}': use an address that begins with https:// or http://`,
      );
    },
  );
});

describe('the known state of a stream', () => {
  it.each([
    ['live', '{"state":"live"}'],
    ['unknown', '{"state":"dancing"}'],
    ['unknown', '[]'],
    ['unknown', 'null'],
    ['unknown', '<html>'],
  ])('is %s for the answer %s', async (state, body) => {
    expect(await readState('https://x', 'abc', async () => new Response(body))).toBe(state);
  });

  it('is unknown without an answer', async () => {
    expect(await readState('https://x', 'abc', () => Promise.reject(new TypeError('fetch failed')))).toBe('unknown');
  });
});

describe('the judgement of the network', () => {
  /** Feeds a sample every two seconds; each entry is what changed in them. */
  function judge(
    windows: readonly Partial<Record<'packets' | 'lost' | 'frames' | 'roundTripMs' | 'availableBits', number>>[],
  ): boolean[] {
    const bandwidth = new Bandwidth();
    let now: Sample = { atMs: 0, packets: 0, lost: 0, bytes: 0, frames: 0, roundTripMs: 40, availableBits: 2_000_000 };
    bandwidth.isEnough(now);
    return windows.map(({ packets = 200, lost = 0, frames = 60, roundTripMs = 40, availableBits = 2_000_000 }) => {
      now = {
        atMs: now.atMs + 2000,
        packets: now.packets + packets,
        lost: now.lost + lost,
        bytes: now.bytes + packets * 1000,
        frames: (now.frames ?? 0) + frames,
        roundTripMs,
        availableBits,
      };
      return bandwidth.isEnough(now);
    });
  }
  const good = Array.from({ length: 6 }, () => ({}));

  it('is yes while nothing is lost', () => {
    expect(judge([...good, ...good])).not.toContain(false);
  });

  it.each([
    ['a tenth of the packets is lost', { packets: 180, lost: 20 }],
    ['a round trip takes more than a second', { roundTripMs: 1500 }],
    ['less than half of the pictures come', { frames: 20 }],
    ['the browser may send next to nothing', { availableBits: 90_000 }],
    ['nothing comes at all', { packets: 0, frames: 0 }],
  ])('is no when %s for three samples, and yes again after three good ones', (_name, bad) => {
    expect(judge([...good, bad, bad, bad, bad, {}, {}, {}]).slice(6)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
      true,
    ]);
  });

  it('is not judged by one bad moment', () => {
    expect(judge([...good, { lost: 100 }, {}, { lost: 100 }, { frames: 0 }, {}])).not.toContain(false);
  });

  it('lets a browser find out at first how much it may send', () => {
    expect(
      judge([{ availableBits: 50_000, frames: 4 }, { availableBits: 90_000, frames: 10 }, { frames: 30 }, {}]),
    ).not.toContain(false);
  });

  it('takes counters that went back for none lost', () => {
    expect(judge([...good, { lost: -50 }, { lost: -5 }, { lost: -5 }])).not.toContain(false);
  });
});

describe('an offer whose page stops while the server answers', () => {
  it('ends the session that the server has made', async () => {
    const asked: string[] = [];
    const send: typeof fetch = async (url, init) => {
      asked.push(`${init?.method} ${String(url)}`);
      const answer = new Response('v=0', { status: 201, headers: { Location: 'https://x/api/v1/whip/a/s1' } });
      Object.defineProperty(answer, 'url', { value: 'https://x/api/v1/whip/a' });
      return answer;
    };
    const closed = {
      createOffer: async () => ({ type: 'offer', sdp: 'v=0' }),
      getConfiguration: () => ({}),
      setConfiguration: () => {
        throw new Error('the connection is closed');
      },
    };
    const connection: RTCPeerConnection = Object.create(closed);
    await expect(exchange(connection, { url: 'https://x/api/v1/whip/a', bearer: 'k' }, send)).rejects.toThrow(
      'is closed',
    );
    expect(asked).toEqual(['POST https://x/api/v1/whip/a', 'DELETE https://x/api/v1/whip/a/s1']);
  });
});
