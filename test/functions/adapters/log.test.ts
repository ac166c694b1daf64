import { jsonLog } from '../../../functions/adapters/log';

describe('jsonLog', () => {
  const lines: string[] = [];
  const log = jsonLog((line) => lines.push(line), { now: () => 0 });
  beforeEach(() => {
    lines.length = 0;
  });

  it('writes one JSON object a line, the event first', () => {
    log.info('published', { streamId: 'a', note: 'two\nlines' });
    expect(lines).toEqual([
      '{"event":"published","severity":"INFO","time":"1970-01-01T00:00:00.000Z","streamId":"a","note":"two\\nlines"}',
    ]);
  });

  it('names the severity as Cloud Logging does', () => {
    log.warn('a');
    log.error('b');
    expect(lines.map((line) => JSON.parse(line).severity)).toEqual(['WARNING', 'ERROR']);
  });

  it('never shows a stream key, wherever it stands', () => {
    const key = `sk_${'abcd2345'.repeat(4)}`;
    log.info(key, { [key]: 1, param: `?key=${key}&x=1`, deep: [{ key }], error: new Error(key) });
    expect(lines[0]).not.toContain('abcd2345');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      event: 'sk_***',
      param: '?key=sk_***&x=1',
      deep: [{ key: 'sk_***' }],
    });
  });

  it.each([
    [`slk_abcd2345_${'z'.repeat(32)}`, 'slk_abcd2345_***'],
    [`slp_${'g'.repeat(16)}_2000000000_${'ab'.repeat(20)}`, 'slp_***'],
    [`slr_${'g'.repeat(16)}_2000000000_${'ab'.repeat(20)}`, 'slr_***'],
    ['https://h/x?Expires=1&Signature=Z9uYAu73YHioRScZDxnP-TnS274=', 'https://h/x?Expires=1&Signature=***'],
    ['Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln', 'Bearer eyJ***'],
  ])('shows of %s only %s', (secret, left) => {
    log.info('a', { text: secret, error: new Error(secret) });
    expect(JSON.parse(lines[0] ?? '').text).toBe(left);
    expect(lines[0]).not.toContain(secret);
  });

  it('shows an error with its stack and its cause', () => {
    log.error('failed', { error: new Error('outer', { cause: new Error('inner') }) });
    expect(JSON.parse(lines[0] ?? '').error).toMatch(/^Error: outer\n {4}at [\s\S]*\ncaused by Error: inner\n/);
  });

  it('has no time without a clock', () => {
    jsonLog((line) => lines.push(line)).info('a', { count: 10n });
    expect(lines).toEqual(['{"event":"a","severity":"INFO","count":"10"}']);
  });
});
