import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { SrsHook } from '../../../../functions/contract/hooks/srs';
import { hookBodies, hookPoster } from '../../../../scripts/emulators/srs/hooks';
import { HookReceiver } from '../../../support/network/hook-receiver';

const visitor = {
  clientId: 'i7gwk119',
  ip: '127.0.0.1',
  app: 'live',
  stream: 'stream1',
  param: '?token=abc',
  tcUrl: 'rtmp://127.0.0.1:1935/live',
  pageUrl: '',
  streamId: 'vid-7z63m67',
};
const segment = {
  file: '/hls/live/stream1/1-0.ts',
  url: 'live/stream1/1-0.ts',
  m3u8: '/hls/live/stream1/live.m3u8',
  m3u8_url: 'live/stream1/live.m3u8',
  seq_no: 0,
  durationMs: 2023,
};
const bodies = hookBodies({ serverId: 'srs-fixture', serviceId: '09zksj43' });
const made = [
  bodies.connect(visitor),
  bodies.publish(visitor),
  bodies.hls(visitor, segment),
  bodies.unpublish(visitor),
  bodies.close(visitor, { sent: 4503, received: 1514180 }),
  bodies.play({ ...visitor, param: '?viewer=v1' }),
  bodies.stop(visitor),
];
const captured = z
  .array(z.unknown())
  .parse(JSON.parse(readFileSync(join(__dirname, '../../../fixtures/srs/srs6-hook-bodies.json'), 'utf8')));
const Fields = z.record(z.string(), z.union([z.string(), z.number()]));
const fieldsOf = (body: unknown) => Object.entries(Fields.parse(body)).map(([key, value]) => [key, typeof value]);
const actionOf = (body: unknown) => Fields.parse(body).action;

describe('hook bodies', () => {
  it.each(made.map((body) => [body.action, body] as const))(
    '%s has the fields SRS 6 posted, in its order',
    (action, body) => {
      expect(fieldsOf(body)).toEqual(fieldsOf(captured.find((other) => actionOf(other) === action)));
      expect(SrsHook.safeParse(body).success).toBe(true);
    },
  );

  it('leaves out no action that was captured', () => {
    expect(made.map(({ action }) => action)).toEqual(captured.map(actionOf));
  });

  it('gives the duration in seconds with two decimals', () => {
    expect(bodies.hls(visitor, segment).duration).toBe(2.02);
  });
});

describe('posting a hook', () => {
  const receiver = new HookReceiver();
  const lines: string[] = [];
  const log = {
    info: (event: string) => lines.push(event),
    warn: (event: string) => lines.push(event),
    error: (event: string) => lines.push(event),
  };
  let url: string;
  beforeAll(async () => {
    url = await receiver.start();
  });
  afterAll(() => receiver.stop());

  it('asks at the path of the action', async () => {
    expect(await hookPoster(url, ['on_publish'], log)(bodies.publish(visitor))).toBe(true);
    expect(receiver.hooks.map(({ action }) => action)).toEqual(['on_publish']);
  });

  it('counts an action nobody asked for as accepted, and posts nothing', async () => {
    receiver.reset();
    expect(await hookPoster(url, ['on_publish'], log)(bodies.connect(visitor))).toBe(true);
    expect(receiver.hooks).toEqual([]);
  });

  it('refuses if nobody answers', async () => {
    expect(await hookPoster('http://127.0.0.1:1', ['on_publish'], log)(bodies.publish(visitor))).toBe(false);
    expect(lines).toEqual(['hook_failed']);
  });
});
