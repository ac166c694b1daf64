import { DomainError } from '../../../functions/core/errors';
import { appHandler } from '../../../functions/http/app';

describe('appHandler', () => {
  const events: string[] = [];
  const note = (event: string) => void events.push(event);
  const log = { info: note, warn: note, error: note };
  const handler = appHandler(
    (app) => {
      app.get('/things', (c) => c.json({ at: c.env.requestId }));
      app.post('/things', (c) => c.json({}, 201));
      app.get('/none', () => {
        throw new DomainError('stream_not_found', "no stream 'x'");
      });
      app.get('/fault', () => {
        throw new TypeError('inner');
      });
      app.get('/away/:code', (c) => {
        const code = c.req.param('code');
        throw Object.assign(new Error('no connection'), { code: Number(code) || code });
      });
    },
    { log, randomId: (length) => 'r'.repeat(length) },
  );
  const ask = (path: string, init?: RequestInit) => handler(new Request(`http://function${path}`, init));
  beforeEach(() => {
    events.length = 0;
  });

  it.each<[string, RequestInit, number, object, string[]]>([
    ['/none', {}, 404, { code: 'stream_not_found', title: 'Not Found', detail: "no stream 'x'" }, ['request_refused']],
    ['/fault', {}, 500, { code: 'internal', detail: 'the request failed; the log has more' }, ['request_failed']],
    ['/away/14', {}, 503, { code: 'unavailable' }, ['request_failed']],
    ['/away/503', {}, 503, { code: 'unavailable' }, ['request_failed']],
    ['/away/ECONNREFUSED', {}, 503, { code: 'unavailable' }, ['request_failed']],
    ['/away/7', {}, 500, { code: 'internal' }, ['request_failed']],
    ['/nowhere', {}, 404, { code: 'route_not_found', detail: "nothing is at '/nowhere'" }, ['request_refused']],
    [
      '/things',
      { method: 'DELETE' },
      405,
      { code: 'method_not_allowed', detail: 'DELETE: use GET, HEAD, POST' },
      ['request_refused'],
    ],
  ])('%s answers a problem, logged once', async (path, init, status, problem, logged) => {
    const answer = await ask(path, init);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ status, requestId: 'r'.repeat(20), ...problem });
    expect(events).toEqual(logged);
  });

  it('repeats no more of a path than people read', async () => {
    const { detail } = await (await ask(`/${'eyJ'.repeat(5000)}`)).json();
    expect(detail).toHaveLength("nothing is at ''".length + 200);
  });

  it('names the methods there are', async () => {
    expect((await ask('/things', { method: 'PUT' })).headers.get('allow')).toBe('GET, HEAD, POST');
  });

  it('asks to come back when a service is away', async () => {
    expect((await ask('/away/14')).headers.get('retry-after')).toBe('1');
  });

  it.each([
    ['the trace of Cloud Run', { 'X-Cloud-Trace-Context': `${'0a'.repeat(16)}/1;o=1` }, '0a'.repeat(16)],
    ['an id of the caller', { 'X-Request-Id': 'from-the-caller' }, 'from-the-caller'],
    ['a new id for one it cannot take', { 'X-Request-Id': 'a b' }, 'r'.repeat(20)],
  ])('carries %s', async (_name, headers, expected) => {
    const answer = await ask('/things', { headers });
    expect(answer.headers.get('x-request-id')).toBe(expected);
    expect(await answer.json()).toEqual({ at: expected });
  });
});
