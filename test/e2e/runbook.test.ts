import { spawnSync } from 'node:child_process';
import { z } from 'zod';
import { type Encoder, publish } from '../support/platform/encoder';
import { runPageCommand } from '../support/platform/run-page-command';
import { type CreatedStream, createStream, eventually, statusOf } from '../support/platform/viewer';
import { type Viewing, watchRtmp } from '../support/platform/viewing';
import { apiCalls, prologue } from '../support/runbook/steps';
import { learnFrom } from '../support/secrets/evidence';
import { startScanned } from '../support/secrets/scanned-platform';

const Answer = z.looseObject({ status: z.unknown().optional(), code: z.string().optional() });
const Plays = z.object({ plays: z.array(z.object({ id: z.string() })) });
const Nodes = z.object({ nodes: z.array(z.object({ id: z.string() })) });

/** The order: reading first, then changes that are undone, then what ends the viewer, the stream and the node. */
const LAST = [
  '/plays/<playId> -X DELETE',
  '/key -X POST',
  '/suspend',
  '/take-down',
  '/resume',
  '/drain',
  '<id> -X DELETE',
];
const rankOf = (call: string): number => {
  const last = LAST.findIndex((each) => call.includes(each));
  return last < 0 ? Number(call.includes('-X')) : last + 2;
};
const ordered = [...apiCalls].sort((a, b) => rankOf(a) - rankOf(b));

describe('the steps of the runbook, on a running platform', () => {
  let platform: Awaited<ReturnType<typeof startScanned>>;
  let stream: CreatedStream;
  let encoder: Encoder;
  let viewing: Viewing;
  let words: Record<string, string>;

  /** A call as its reader types it, in bash, with the `api` of the page. */
  function call(line: string): z.infer<typeof Answer> {
    const typed = Object.entries(words).reduce((text, [word, value]) => text.replaceAll(word, value), line);
    const script = `ADMIN_KEY=${platform.adminKey}\n${prologue(platform.api)}\n${typed}`;
    const { stdout, stderr, status } = spawnSync('bash', ['-c', script], { encoding: 'utf8', timeout: 60_000 });
    if (status !== 0) throw new Error(`${line}: ${stderr}`);
    learnFrom(stdout);
    return Answer.parse(stdout.trim() === '' ? {} : JSON.parse(stdout));
  }

  beforeAll(async () => {
    platform = await startScanned(['--no-demo'], {}, ['playlist']);
    stream = await createStream(platform, { title: 'the runbook' });
    encoder = publish(`${stream.ingest.rtmp.server}/${stream.ingest.rtmp.streamKey}`);
    await eventually(
      'the stream is live',
      60,
      async () => (await statusOf(platform, stream.id)) === 'live' || undefined,
    );
    viewing = await watchRtmp({ platform, stream });
    words = { '<id>': stream.id };
    const playId = await eventually(
      'the viewer is listed',
      60,
      async () => Plays.parse(call('api /streams/<id>/plays')).plays[0]?.id,
    );
    const [node] = Nodes.parse(call('api /nodes')).nodes;
    words = { ...words, '<playId>': playId, '<node>': node?.id ?? '' };
  }, 180_000);

  afterAll(async () => {
    await viewing?.close();
    await encoder?.stop('SIGKILL');
    await platform?.end('SIGTERM');
  }, 60_000);

  it.each(ordered)(
    'the API does what the runbook asks of it: %s',
    (line) => {
      // A problem of RFC 9457 has a code; nothing else the API answers has one.
      expect(call(line).code).toBeUndefined();
    },
    90_000,
  );

  it('the command that moves viewers to another CDN shows the one there is', async () => {
    const given = {
      page: 'infra/RUNBOOK.md',
      heading: 'Move viewers to another CDN',
      command: 'npm run cdns',
      words: { ' $ENV': '' },
    };
    const run = await runPageCommand(given, { PLATFORM_API: platform.api, ADMIN_KEY: platform.adminKey });
    expect([run.code, run.stderr]).toEqual([0, '']);
    expect(run.stdout).toMatch(/^main {2}\S+ {2}100 % of the streams\norder: by weight/);
  }, 180_000);
});
