import { createServer, type IncomingMessage } from 'node:http';
import { createTokens } from '../../../scripts/emulators/metadata/tokens';
import { close, listen } from '../../../scripts/emulators/server/listen';
import { cron, scheduler } from '../../../scripts/local/services/scheduler';

describe('a schedule', () => {
  const at = (time: string): Date => new Date(`2026-11-20T${time}:00Z`);
  it.each([
    ['* * * * *', '13:37', true],
    ['*/15 * * * *', '13:45', true],
    ['*/15 * * * *', '13:46', false],
    ['0 3 * * *', '03:00', true],
    ['0 3 * * *', '03:01', false],
    ['0 3 21 * *', '03:00', false],
    ['0 3 20 11 5', '03:00', true],
  ])('%s at %s is due: %s', (schedule, time, due) => {
    expect(cron(schedule, 'job')(at(time))).toBe(due);
  });

  it.each(['* * * *', '1-5 * * * *', '@daily', '*/0 * * * *', '1,2 * * * *'])(
    "'%s' is refused, naming the job",
    (schedule) => {
      expect(() => cron(schedule, 'demo-job')).toThrow(`demo-job: schedule '${schedule}'`);
    },
  );
});

describe('the scheduler', () => {
  it("calls a job's URL with a token of the job's account", async () => {
    const requests: IncomingMessage[] = [];
    const server = createServer((request, response) => {
      requests.push(request);
      response.writeHead(requests.length === 1 ? 200 : 500).end();
    });
    const uri = `http://127.0.0.1:${await listen(server, 0, 'job')}`;
    const tokens = await createTokens();
    const warnings: string[] = [];
    const log = { info: () => undefined, warn: (event: string) => void warnings.push(event), error: () => undefined };
    const job = {
      name: 'job',
      schedule: '* * * * *',
      uri,
      method: 'POST',
      serviceAccount: 'clock@demo',
      audience: 'aud',
    };
    const clock = scheduler({ jobs: [job], tokens, log });
    await clock.start();
    expect([await clock.runNow(), await clock.runNow(), warnings]).toEqual([[200], [500], ['job_failed']]);
    const [, token = ''] = (requests[0]?.headers.authorization ?? '').split(' ');
    expect([requests[0]?.method, await tokens.verify(token, 'aud')]).toEqual(['POST', { email: 'clock@demo' }]);
    await clock.stop();
    await close(server);
  });
});
