import { createServer } from 'node:http';
import { runSteps } from '../../../../scripts/tools/smoke/run-steps';
import { SmokeRun, type SmokeStep } from '../../../../scripts/tools/smoke/steps';
import { targetOf } from '../../../../scripts/tools/smoke/target';

const run = new SmokeRun({ api: 'http://127.0.0.1:9', adminKey: 'k'.repeat(32) }, '/nowhere/ffmpeg');
const step = (name: string, work: SmokeStep['run'], seconds = 5): SmokeStep => ({ name, seconds, run: work });

async function outcome(...steps: SmokeStep[]): Promise<{ well: boolean; said: string[] }> {
  const said: string[] = [];
  const well = await runSteps(steps, run, (line) => said.push(line.replace(/\d+\.\d s/, 'n s')));
  return { well, said };
}

describe('a smoke test', () => {
  it('says each step and what it saw', async () => {
    expect(await outcome(step('one', async () => 'seen'))).toEqual({
      well: true,
      said: ['ok      n s  one: seen', 'all 1 steps went well'],
    });
  });

  it('stops at the first step that fails, and says why', async () => {
    const fails = step('two', async () => {
      throw new Error('it answers 500');
    });
    const never = step('three', async () => 'never');
    expect(
      await outcome(
        step('one', async () => 'seen'),
        fails,
        never,
      ),
    ).toEqual({
      well: false,
      said: ['ok      n s  one: seen', 'FAIL    n s  two: it answers 500', '1 of 3 steps went well'],
    });
  });

  it('ends a step whose time is over, and asks nothing more', async () => {
    let asked = 0;
    const waits = step('waits', (_, until) => until<string>(async () => (++asked === 0 ? 'never' : undefined)), 0.05);
    const { said } = await outcome(waits);
    expect(said).toContain('FAIL    n s  waits: not within 0.05 s');
    const until = asked;
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(asked).toBeLessThanOrEqual(until + 1);
  });

  it('says what could not be deleted, and by whom it is answered', async () => {
    const { said } = await outcome(
      step('makes', async ({ streams }) => {
        const playback = { hls: 'http://127.0.0.1:9/x' };
        streams.push({ id: 'x', status: 'idle', ingest: { rtmp: { server: '', streamKey: '' } }, playback });
        return 'x';
      }),
    );
    expect(said.at(-1)).toMatch(/^could not put everything away: fetch failed: /);
  });

  it('deletes the streams it made, also after a failure', async () => {
    const deleted: string[] = [];
    const server = createServer(({ method, url }, response) => {
      deleted.push(`${method} ${url}`);
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = Object(server.address());
    const tidy = new SmokeRun({ api: `http://127.0.0.1:${port}`, adminKey: 'k' }, '/nowhere/ffmpeg');
    const playback = { hls: 'http://127.0.0.1:9/x' };
    tidy.streams.push({ id: 'mine', status: 'idle', ingest: { rtmp: { server: '', streamKey: '' } }, playback });
    const fails = step('fails', async () => {
      throw new Error('no');
    });
    await runSteps([fails], tidy, () => undefined);
    server.close();
    expect(deleted).toEqual(['DELETE /api/v1/streams/mine']);
  });
});

describe('the target of the smoke test', () => {
  it.each([
    [{}, undefined],
    [{ PLATFORM_API: 'https://live.example.com/x', ADMIN_KEY: 'k'.repeat(32) }, 'https://live.example.com'],
  ])('%j', (env, api) => expect(targetOf(env)?.api).toBe(api));

  it.each([
    [{ PLATFORM_API: 'https://a.b' }, 'ADMIN_KEY'],
    [{ PLATFORM_API: 'ftp://a.b', ADMIN_KEY: 'k'.repeat(32) }, 'PLATFORM_API: use https://host'],
    [{ PLATFORM_API: 'https://a.b', ADMIN_KEY: 'secret' }, 'ADMIN_KEY: use the admin key of the API'],
  ])('is refused by its name: %j', (env, said) => {
    expect(() => targetOf(env)).toThrow(said);
    expect(() => targetOf(env)).not.toThrow('secret ');
  });
});
