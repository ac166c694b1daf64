import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../../functions/ports/stores';
import type { Tokens } from '../../emulators/metadata/tokens';
import type { LocalService } from '../../emulators/server/local-service';
import { StartError } from '../../emulators/server/start-error';
import type { ScheduleBlueprint } from '../blueprint/blueprint';

/**
 * Cloud Scheduler: calls by the clock, with the job's own token. A failed run is not repeated before the next one is
 * due.
 */
export interface SchedulerOptions {
  readonly jobs: readonly ScheduleBlueprint[];
  readonly tokens: Tokens;
  readonly log: Log;
  /** Milliseconds since the epoch. @default the system's time */
  readonly now?: () => number;
}

export interface Scheduler extends LocalService {
  /** Runs every job now; returns their statuses, 0 for no answer. */
  runNow(): Promise<number[]>;
}

const MINUTE_MS = 60_000;
/** The longest a run may take: https://cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs */
const DEADLINE_MS = 1_800_000;

export function scheduler({ jobs, tokens, log, now = Date.now }: SchedulerOptions): Scheduler {
  const isDue = jobs.map(({ name, schedule }) => cron(schedule, name));
  const stopping = new AbortController();
  const run = (due: readonly ScheduleBlueprint[]): Promise<number[]> =>
    Promise.all(due.map((job) => call(job, tokens, log, stopping.signal)));
  let ticking: Promise<void> = Promise.resolve();
  const tick = async (): Promise<void> => {
    for (;;) {
      await sleep(MINUTE_MS - (now() % MINUTE_MS), undefined, { signal: stopping.signal });
      const minute = new Date(now());
      void run(jobs.filter((_, index) => isDue[index]?.(minute)));
    }
  };
  return {
    name: 'scheduler',
    start: async () => {
      ticking = tick().catch(() => undefined);
      return new URL('http://127.0.0.1');
    },
    stop: async () => {
      stopping.abort();
      await ticking;
    },
    runNow: () => run(jobs),
  };
}

async function call(job: ScheduleBlueprint, tokens: Tokens, log: Log, stopping: AbortSignal): Promise<number> {
  const token = await tokens.issue({ email: job.serviceAccount, audience: job.audience });
  try {
    const signal = AbortSignal.any([stopping, AbortSignal.timeout(DEADLINE_MS)]);
    const headers = {
      authorization: `Bearer ${token}`,
      'user-agent': 'Google-Cloud-Scheduler',
      'x-cloudscheduler': 'true',
    };
    const response = await fetch(job.uri, { method: job.method, headers, signal });
    await response.arrayBuffer();
    if (!response.ok) log.warn('job_failed', { job: job.name, status: response.status });
    return response.status;
  } catch (error) {
    if (!stopping.aborted) log.warn('job_failed', { job: job.name, error: String(error) });
    return 0;
  }
}

/** Returns whether a cron line of five fields, each `*`, `*` with a step, or a number, is due in a minute (UTC). */
export function cron(schedule: string, job: string): (minute: Date) => boolean {
  const fields = schedule.trim().split(/ +/);
  const isField = (field: string): boolean => /^(\*(\/[1-9]\d?)?|\d{1,2})$/.test(field);
  if (fields.length !== 5 || !fields.every(isField))
    throw new StartError(
      `${job}: schedule '${schedule}' is more than the local clock reads; use '*', '*/n' or a number in each field`,
    );
  const matches = (field = '*', value = 0): boolean => {
    const [base = '', step] = field.split('/');
    return step === undefined ? base === '*' || Number(base) === value : value % Number(step) === 0;
  };
  return (minute) =>
    [
      minute.getUTCMinutes(),
      minute.getUTCHours(),
      minute.getUTCDate(),
      minute.getUTCMonth() + 1,
      minute.getUTCDay(),
    ].every((value, index) => matches(fields[index], value));
}
