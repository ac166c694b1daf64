import { ServerEvents } from '../../../web/chat/server-events';

const TEXT =
  ': hello\nretry: 1500\nevent: room\ndata: {"a":1}\n\nid: 7\ndata: one\ndata: two\n\nid: 8\nevent: message\n\n';
const EVENTS = [
  { event: 'room', data: '{"a":1}' },
  { event: 'message', data: 'one\ntwo', id: '7' },
];

describe('server-sent events', () => {
  it.each([
    ['\\n', TEXT],
    ['\\r\\n', TEXT.replaceAll('\n', '\r\n')],
  ])('are the same in whatever pieces their text comes, with lines that end in %s', (_ends, text) => {
    for (let size = 1; size <= text.length; size += 1) {
      const events = new ServerEvents();
      const found = [];
      for (let at = 0; at < text.length; at += size) found.push(...events.take(text.slice(at, at + size)));
      expect([size, found]).toEqual([size, EVENTS]);
      expect(events.retryMs).toBe(1500);
    }
  });

  it('are no events without an end: a flood is refused', () => {
    const events = new ServerEvents();
    expect(() => {
      for (let piece = 0; piece < 20; piece += 1) events.take('x'.repeat(10_000));
    }).toThrow('an event of more than 65536 characters');
  });
});
