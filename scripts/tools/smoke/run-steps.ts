import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { SmokeRun, SmokeStep, Until } from './steps';

const ASK_MS = 300;

/** Runs the steps in order up to the first that fails, reports each, and cleans up. Returns whether all succeeded. */
export async function runSteps(
  steps: readonly SmokeStep[],
  run: SmokeRun,
  say: (line: string) => void,
): Promise<boolean> {
  try {
    for (const [index, step] of steps.entries()) {
      const began = performance.now();
      const outcome = await within(step, run);
      const seconds = ((performance.now() - began) / 1000).toFixed(1).padStart(6);
      if ('failed' in outcome) {
        say(`FAIL ${seconds} s  ${step.name}: ${outcome.failed}`);
        say(`${index} of ${steps.length} steps went well`);
        return false;
      }
      say(`ok   ${seconds} s  ${step.name}: ${outcome.seen}`);
    }
    say(`all ${steps.length} steps went well`);
    return true;
  } finally {
    await run.putAway().catch((error: unknown) => say(`could not put everything away: ${reasonOf(error)}`));
  }
}

async function within(
  { run: work, seconds }: SmokeStep,
  run: SmokeRun,
): Promise<{ seen: string } | { failed: string }> {
  const late = AbortSignal.timeout(seconds * 1000);
  const until: Until = async (ask) => {
    for (;;) {
      late.throwIfAborted();
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      await sleep(ASK_MS);
    }
  };
  const over = once(late, 'abort').then(() => ({ failed: `not within ${seconds} s` }));
  try {
    return await Promise.race([work(run, until).then((seen) => ({ seen })), over]);
  } catch (error) {
    return { failed: reasonOf(error) };
  }
}

/** Recognises errors by their texts alone: `fetch` throws errors of another realm in tests. */
function reasonOf(error: unknown): string {
  const { data } = Thrown.safeParse(error);
  if (data === undefined) return String(error);
  return data.cause === undefined ? data.message : `${data.message}: ${data.cause.message}`;
}

const Thrown = z.object({ message: z.string(), cause: z.object({ message: z.string() }).optional() });
