import { OBJECT_KINDS } from '../../../functions/contract/objects/cache';
import { ROUTES } from '../../../functions/contract/routes';
import { publishArguments } from '../../local/command/demo';
import { Child } from '../../local/process/child-process';
import { get, SmokeClient, type SmokeStream } from './client';
import { headerProblems, livePlaylist, urisOf } from './playlists';
import type { SmokeTarget } from './target';

/** The state that one run carries from step to step, and must clean up. */
export class SmokeRun {
  readonly client: SmokeClient;
  readonly streams: SmokeStream[] = [];
  private readonly encoders: Child[] = [];

  constructor(
    readonly target: SmokeTarget,
    private readonly ffmpegPath: string,
  ) {
    this.client = new SmokeClient(target);
  }

  async create(policy: 'open' | 'gated'): Promise<SmokeStream> {
    const stream = await this.client.create(`smoke test ${new Date().toISOString()}`, policy);
    this.streams.push(stream);
    return stream;
  }

  publish(url: string): Child {
    const env = { PATH: process.env.PATH ?? '' };
    const args = ['-re', ...publishArguments(url)];
    const encoder = new Child({ name: 'ffmpeg', command: this.ffmpegPath, args, env, output: () => undefined });
    this.encoders.push(encoder);
    return encoder;
  }

  async stopPublishing(): Promise<void> {
    await Promise.all(this.encoders.splice(0).map((encoder) => encoder.end('SIGTERM')));
  }

  /** Cleans up: ends the encoder, deletes the stream. */
  async putAway(): Promise<void> {
    await this.stopPublishing();
    await Promise.all(this.streams.splice(0).map(({ id }) => this.client.remove(id)));
  }
}

export interface SmokeStep {
  readonly name: string;
  /** The time limit in seconds. */
  readonly seconds: number;
  /** Runs the step and returns its finding in a few words; throws the fault. */
  readonly run: (run: SmokeRun, until: Until) => Promise<string>;
}

/** Asks until there is an answer, or the step's time is over. */
export type Until = <T>(ask: () => Promise<T | undefined | false>) => Promise<T>;

/** Returns the address to which encoders of a stream connect. */
const rtmpOf = ({ ingest: { rtmp } }: SmokeStream): string => `${rtmp.server}/${rtmp.streamKey}`;

const expect = (holds: boolean, otherwise: string): void => {
  if (!holds) throw new Error(otherwise);
};

const open = ({ streams: [stream] }: SmokeRun): SmokeStream => {
  if (stream === undefined) throw new Error('no stream was made');
  return stream;
};

/**
 * The watch path from outside, by the public API and the CDN only; `test/e2e/watch.test.ts` tests it in more detail.
 */
export const STEPS: readonly SmokeStep[] = [
  {
    name: 'the API is well',
    seconds: 20,
    run: async ({ target }) => {
      const { status, text } = await get(`${target.api}${ROUTES.api.health}`);
      expect(status === 200, `it answers ${status}: ${text.slice(0, 200)}`);
      return ROUTES.api.health;
    },
  },
  {
    name: 'the pages are there',
    seconds: 20,
    run: async ({ target }) => {
      const { status, headers } = await get(`${target.api}/`);
      expect(status === 200 && (headers.get('content-type') ?? '').startsWith('text/html'), `/ answers ${status}`);
      return '/';
    },
  },
  {
    name: 'a stranger is refused',
    seconds: 20,
    run: async ({ target }) => {
      const { status } = await get(`${target.api}${ROUTES.api.streams}`);
      expect(status === 401, `without a key it answers ${status}`);
      return '401 without a key';
    },
  },
  {
    name: 'a stream is made, and has nothing to watch',
    seconds: 20,
    run: async (run) => {
      const { id, playback } = await run.create('open');
      const { status } = await get(playback.hls);
      expect([403, 404].includes(status), `${playback.hls} answers ${status}`);
      return id;
    },
  },
  {
    name: 'a wrong key is refused',
    seconds: 30,
    run: async (run) => {
      const { id, ingest } = open(run);
      const ended = await run.publish(`${ingest.rtmp.server}/${id}?key=sk_${'a'.repeat(32)}`).exited;
      expect(ended !== 'exit code 0', 'it was taken');
      return ended;
    },
  },
  {
    name: 'a publisher can be watched',
    seconds: 60,
    run: async (run, until) => {
      const began = performance.now();
      run.publish(rtmpOf(open(run)));
      await until(() => livePlaylist(open(run).playback.hls));
      return `first playlist after ${((performance.now() - began) / 1000).toFixed(1)} s`;
    },
  },
  {
    name: 'the API says that it is live',
    seconds: 30,
    run: async (run, until) => until(async () => (await run.client.status(open(run).id)) === 'live' && 'live'),
  },
  { name: 'three segments more, each with its headers', seconds: 60, run: segmentsArrive },
  {
    name: 'a second viewer is answered from the cache',
    seconds: 30,
    run: async (run, until) => {
      const playlist = await livePlaylist(open(run).playback.hls);
      const segment = new URL(urisOf(playlist?.text ?? '')[0] ?? '', playlist?.url).href;
      await until(async () => (await get(segment)).headers.get('x-cache')?.toLowerCase().includes('hit'));
      return 'hit';
    },
  },
  {
    name: 'gated streams need a grant',
    seconds: 60,
    run: async (run, until) => {
      const { id, playback } = await run.create('gated');
      const unsigned = (await get(playback.hls)).status;
      expect(unsigned === 403, `without a grant the CDN answers ${unsigned}, not 403`);
      const { pathname } = new URL(playback.hls);
      const cookie = await run.client.cookie(id, pathname);
      // Nothing is published: the bucket refuses a signed request. The CDN needs a moment after a change of keys.
      await until(async () => (await get(playback.hls, { cookie })).status === 404);
      return '403 without, 404 with one';
    },
  },
];

/** Waits for the reconnect window and a run of the reconciler or two. */
export const LAST_STEPS: readonly SmokeStep[] = [
  { name: 'the end is announced and recorded', seconds: 150, run: streamEnds },
];

async function segmentsArrive(run: SmokeRun, until: Until): Promise<string> {
  const { hls } = open(run).playback;
  const seen = new Map<string, number>();
  const first = await livePlaylist(hls);
  const known = new Set(urisOf(first?.text ?? ''));
  await until(async () => {
    const playlist = await livePlaylist(hls);
    if (playlist === undefined) return false;
    const { cacheControl, contentType } = OBJECT_KINDS.playlist;
    const problems = headerProblems(playlist, { 'cache-control': cacheControl, 'content-type': contentType });
    expect(problems.length === 0, `${playlist.url}: ${problems.join('; ')}`);
    for (const uri of urisOf(playlist.text).filter((one) => !known.has(one) && !seen.has(one)))
      seen.set(uri, await segmentBytes(new URL(uri, hls).href));
    return seen.size >= 3;
  });
  return `${seen.size} segments, ${[...seen.values()].reduce((sum, bytes) => sum + bytes, 0)} bytes`;
}

async function segmentBytes(url: string): Promise<number> {
  const segment = await get(url);
  expect(segment.status === 200, `${url} is named, and answers ${segment.status}`);
  const { cacheControl, contentType } = OBJECT_KINDS.segment;
  const problems = headerProblems(segment, { 'cache-control': cacheControl, 'content-type': contentType });
  expect(problems.length === 0, `${url}: ${problems.join('; ')}`);
  return segment.bytes;
}

async function streamEnds(run: SmokeRun, until: Until): Promise<string> {
  const { id, playback } = open(run);
  const playlist = await livePlaylist(playback.hls);
  await run.stopPublishing();
  await until(async () => (await get(playlist?.url ?? '')).text.includes('#EXT-X-ENDLIST'));
  const recording = (playlist?.url ?? '').replace(/[^/]+$/, 'recording.m3u8');
  await until(async () => (await get(recording)).status === 200);
  return `${id} is ${await run.client.status(id)}`;
}
