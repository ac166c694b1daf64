import { Listening, type Sight, seen } from '../../../web/chat/listening';
import { Room } from '../../../web/chat/room';
import type { RoomEvent } from '../../../web/chat/room-events';

const ROOM = 'event: room\ndata: {"resumed":false,"slowSeconds":0}\n\n';
const said = (number: number) =>
  `id: ${number}\nevent: message\ndata: ${JSON.stringify({ number, sender: 's', name: 'Ada', role: 'viewer', text: `${number}` })}\n\n`;
const end = (reason: string) => `event: end\ndata: {"reason":"${reason}"}\n\n`;
const stream = (...parts: string[]) =>
  new Response(parts.join(''), { headers: { 'content-type': 'text/event-stream' } });

const SEEN: Sight = Object.assign(new EventTarget(), { hidden: false });

/** Reads a room whose requests get these answers in order; the last ends it. */
async function readRoom(answers: (() => Response)[], tokens: (string | undefined)[] = []) {
  const asked: Record<string, string>[] = [];
  const [numbers, states, waits]: [number[], string[], number[]] = [[], [], []];
  const leaving = new AbortController();
  const room = new Room({
    streamId: 'abcdefgh01234567',
    token: () => tokens[Math.min(asked.length, tokens.length - 1)],
    send: async (_url, init) => {
      asked.push(Object.fromEntries(new Headers(init?.headers)));
      const answer = answers[asked.length - 1];
      if (answer === undefined) leaving.abort();
      return answer?.() ?? stream();
    },
    sleep: async (ms) => void waits.push(ms),
    signal: leaving.signal,
    sight: SEEN,
    onEvent: (event: RoomEvent) => event.kind === 'message' && numbers.push(event.data.number),
    onState: (state, why) => states.push(why ?? state),
  });
  await room.run();
  return { asked, numbers, states, waits };
}

describe('a chat room', () => {
  it('is read on from the last event after each end, by the token of then', async () => {
    const { asked, numbers, states } = await readRoom(
      [() => stream(ROOM, said(1), said(2), end('reconnect')), () => stream(ROOM, said(3), end('closed'))],
      ['token-1', 'token-2'],
    );
    expect(numbers).toEqual([1, 2, 3]);
    expect(asked.map(({ authorization, 'last-event-id': last }) => [authorization, last])).toEqual([
      ['Bearer token-1', undefined],
      ['Bearer token-2', '2'],
    ]);
    expect(states).toEqual(['connecting', 'open', 'connecting', 'open', 'The chat is closed.']);
  });

  it('is tried again later and later while the server is away, and after what it asks for', async () => {
    const failing = () => {
      throw new TypeError('fetch failed');
    };
    const { waits } = await readRoom([
      ...[failing, failing, failing],
      () => new Response('', { status: 429, headers: { 'retry-after': '60' } }),
      () => stream(ROOM, end('closed')),
    ]);
    expect(waits).toHaveLength(4);
    for (const [at, wait] of waits.entries()) expect(wait).toBeGreaterThanOrEqual([1500, 3000, 6000, 60_000][at] ?? 0);
  });

  it('is read without a token once that is over, unless there is another', async () => {
    const { asked } = await readRoom([() => stream(ROOM, end('expired')), () => stream(ROOM, end('closed'))], ['old']);
    expect(asked.map(({ authorization }) => authorization)).toEqual(['Bearer old', undefined]);
  });

  it('is over for one who is banned, and where there is none', async () => {
    expect((await readRoom([() => stream(ROOM, end('banned'))])).states.at(-1)).toContain('A moderator');
    expect((await readRoom([() => new Response('', { status: 404 })])).states.at(-1)).toContain('no chat');
  });

  it('is left by a page that nobody sees for a minute, and read on once somebody does', async () => {
    jest.useFakeTimers();
    try {
      const sight = Object.assign(new EventTarget(), { hidden: false });
      const hide = (hidden: boolean) => {
        sight.hidden = hidden;
        sight.dispatchEvent(new Event('visibilitychange'));
      };
      const leaving = new AbortController();
      const listening = new Listening(leaving.signal, sight);
      hide(true);
      jest.advanceTimersByTime(30_000);
      hide(false);
      listening.heard();
      jest.advanceTimersByTime(40_000);
      expect(listening.signal.aborted).toBe(false);
      listening.heard();
      hide(true);
      jest.advanceTimersByTime(30_000);
      listening.heard();
      jest.advanceTimersByTime(31_000);
      expect(listening.signal.aborted).toBe(true);
      listening.end();
      const order: string[] = [];
      const waiting = seen(sight, leaving.signal).then(() => order.push('seen'));
      await Promise.resolve();
      order.push('shown');
      hide(false);
      await waiting;
      expect(order).toEqual(['shown', 'seen']);
    } finally {
      jest.useRealTimers();
    }
  });

  it('skips what it does not know, and what is no JSON', async () => {
    const odd = 'id: 1\nevent: poll\ndata: {}\n\nid: 2\nevent: message\ndata: nonsense\n\n';
    expect((await readRoom([() => stream(ROOM, odd, said(3), end('closed'))])).numbers).toEqual([3]);
  });
});
