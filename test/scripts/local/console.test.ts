import { Console } from '../../../scripts/local/command/console';

const written: string[] = [];
const out = { write: (text: string) => void written.push(text) };
beforeEach(() => {
  written.length = 0;
});

describe('the console', () => {
  it('shows people only what needs them', () => {
    const screen = new Console(out, false);
    screen.line('api', '{"event":"request","severity":"INFO"}');
    screen.line('api', '{"event":"function_died","severity":"ERROR"}');
    screen.line('agent', 'Error: something unasked');
    expect(written).toEqual([
      'api           {"event":"function_died","severity":"ERROR"}\n',
      'agent         Error: something unasked\n',
    ]);
  });

  it('shows programs every line', () => {
    new Console(out, true).line('api', '{"event":"request","severity":"INFO"}');
    expect(written).toHaveLength(1);
  });

  it('never shows a stream key', () => {
    const key = `sk_${'a2'.repeat(16)}`;
    new Console(out, true).line('demo', `rtmp://127.0.0.1/live/x?key=${key}: Input/output error`);
    expect(written.join('')).toContain('key=sk_***:');
    expect(written.join('')).not.toContain(key);
  });

  it('keeps the status below the log on a terminal', async () => {
    jest.useFakeTimers();
    const screen = new Console({ ...out, isTTY: true }, true);
    screen.showStatus(async () => ['one', 'two']);
    await jest.advanceTimersByTimeAsync(1000);
    screen.line('api', 'text');
    screen.end();
    jest.useRealTimers();
    expect(written).toEqual([
      'one\ntwo\n',
      '\u001b[2A\u001b[0J',
      'api           text\n',
      'one\ntwo\n',
      '\u001b[2A\u001b[0J',
    ]);
  });

  it('writes the status again elsewhere, without control characters', async () => {
    jest.useFakeTimers();
    const screen = new Console(out, true);
    screen.showStatus(async () => ['live']);
    await jest.advanceTimersByTimeAsync(20_000);
    screen.end();
    jest.useRealTimers();
    expect(written).toEqual(['live\n', 'live\n']);
  });
});
