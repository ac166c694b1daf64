import type { Server } from 'node:http';
import { gzipSync } from 'node:zlib';
import { http } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import { z } from 'zod';
import { jsonLog } from '../../../functions/adapters/log';
import { randomId } from '../../../functions/adapters/system';
import { aheadOfFramework, leaveServersAlone } from '../../../functions/http/ahead-of-framework';
import { eventHandler } from '../../../functions/http/event-handler';
import { guarded } from '../../../functions/http/http-handler';
import { readJson } from '../../../functions/http/request-body';

const Body = z.strictObject({ title: z.string().min(1) });

// The test files of a worker share Node's own modules.
afterAll(leaveServersAlone);

describe('a handler under functions-framework', () => {
  const lines: string[] = [];
  const events: unknown[] = [];
  const deps = { log: jsonLog((line) => lines.push(line)), randomId };
  let server: Server;
  let url: string;
  let eventUrl: string;

  beforeAll(async () => {
    const echo = guarded(async ({ request }) => {
      const { title } = await readJson(request, Body);
      if (title === 'fault') throw new Error('disk of the secret kind');
      const headers = new Headers({ 'X-Path': new URL(request.url).pathname });
      headers.append('Set-Cookie', 'a=1');
      headers.append('Set-Cookie', 'b=2');
      return Response.json({ title }, { status: 201, headers });
    }, deps);
    const event = eventHandler(Body, async (each) => void events.push(each), deps);
    http(
      'echo',
      aheadOfFramework((request) => (request.url.endsWith('/event') ? event(request) : echo(request))),
    );
    [server, url] = await listen(getTestServer('echo'));
    eventUrl = `${url}/event`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  beforeEach(() => {
    lines.length = 0;
    events.length = 0;
  });

  const post = (body: BodyInit, headers: Record<string, string> = { 'Content-Type': 'application/json' }, to = url) =>
    fetch(to, { method: 'POST', body, headers });

  it('passes status, headers, cookies, path and body on', async () => {
    const answer = await post('{"title":"ä"}', { 'Content-Type': 'application/json' }, `${url}/a/b?c=d`);
    expect(answer.status).toBe(201);
    expect(answer.headers.get('x-path')).toBe('/a/b');
    expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(await answer.json()).toEqual({ title: 'ä' });
  });

  it('reads a body without a content type', async () => {
    expect((await post(new Blob(['{"title":"t"}']), {})).status).toBe(201);
  });

  const small = gzipSync(Buffer.alloc(10_000_000, 'x'));
  it.each<[string, BodyInit, Record<string, string>, number, string]>([
    [
      'junk instead of JSON',
      'x'.repeat(20),
      { 'Content-Type': 'application/json' },
      400,
      'body: use JSON; got "xxxxxxxxxxxxxxxx"',
    ],
    ['an empty body', '', { 'Content-Type': 'application/json' }, 400, 'body: use JSON; it is empty'],
    [
      'a megabyte of junk',
      'x'.repeat(1_000_000),
      { 'Content-Type': 'application/json' },
      413,
      'body: 1000000 bytes; at most 65536 are allowed',
    ],
    ['a field of the wrong type', '{"title":1}', {}, 400, 'title: Invalid input: expected string, received number'],
    ['a missing field', '{}', {}, 400, 'title: Invalid input: expected string, received undefined'],
    ['an unknown field', '{"title":"t","x":1}', {}, 400, 'body: Unrecognized key: "x"'],
    ['an array', '[]', {}, 400, 'body: Invalid input: expected object, received array'],
    [
      'a body that would grow when unpacked',
      new Blob([small]),
      { 'Content-Encoding': 'gzip', 'Content-Type': 'application/json' },
      400,
      'body: use JSON; got',
    ],
    [
      'an unknown charset',
      'x',
      { 'Content-Type': 'application/json; charset=nonsense' },
      400,
      'body: use JSON; got "x"',
    ],
  ])('answers %s with a problem naming it, and logs it once', async (_name, body, headers, status, detail) => {
    const answer = await post(body, headers);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    const problem = await answer.json();
    expect(problem).toMatchObject({ type: 'about:blank', status, requestId: expect.any(String) });
    expect(problem.detail).toContain(detail);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ event: 'request_refused', requestId: problem.requestId });
  });

  it('answers a fault of its own with 500, the stack in the log only, once', async () => {
    const answer = await post('{"title":"fault"}');
    expect(answer.status).toBe(500);
    const text = await answer.text();
    expect(text).not.toContain('secret kind');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      event: 'request_failed',
      severity: 'ERROR',
      requestId: JSON.parse(text).requestId,
      error: expect.stringContaining('Error: disk of the secret kind\n    at'),
    });
  });

  const attributes = { specversion: '1.0', id: '7', source: '//storage', type: 'finalized' };
  const binary = {
    'Content-Type': 'application/json',
    'ce-specversion': '1.0',
    'ce-id': '7',
    'ce-source': '//storage',
    'ce-type': 'finalized',
  };

  it.each([
    ['binary', '{"title":"t"}', binary],
    [
      'structured',
      JSON.stringify({ ...attributes, data: { title: 't' } }),
      { 'Content-Type': 'application/cloudevents+json; charset=utf-8' },
    ],
  ])('takes a CloudEvent in %s mode', async (_mode, body, headers) => {
    expect((await post(body, headers, eventUrl)).status).toBe(204);
    expect(events).toEqual([{ ...attributes, data: { title: 't' } }]);
  });

  it.each([
    ['data of the wrong type', '{"title":1}', binary, 'title: Invalid input'],
    ['no attributes', '{"title":"t"}', { 'Content-Type': 'application/json' }, 'specversion: Invalid input'],
    ['no data', JSON.stringify(attributes), { 'Content-Type': 'application/cloudevents+json' }, 'data: Invalid input'],
    ['no JSON', 'x', binary, 'body: use JSON'],
  ])('answers a CloudEvent with %s by 400', async (_name, body, headers, detail) => {
    const answer = await post(body, headers, eventUrl);
    expect(answer.status).toBe(400);
    expect((await answer.json()).detail).toContain(detail);
    expect(events).toEqual([]);
  });
});

async function listen(server: Server): Promise<[Server, string]> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return [server, `http://127.0.0.1:${address.port}`];
}
