import type { HookVerdict } from '../runtime/ports';

/** An answer to SRS: it lets a client go on only at 200 with `code` 0. The rest is for people who read along. */
export type HookAnswer = { code: 0 } | { code: 1; error: string; message: string };

export const ACCEPTED: HookAnswer = { code: 0 };
export const refusal = (error: string, message: string): HookAnswer => ({ code: 1, error, message });

/** Turns a verdict into the answer that SRS gets. A missing answer admits no one. */
export function answerOf(verdict: HookVerdict): HookAnswer {
  if (verdict.kind === 'accepted') return ACCEPTED;
  return verdict.kind === 'refused' ? refusal(verdict.error, verdict.message) : refusal('unavailable', verdict.message);
}
