/** The outcome of an attempt to read the index: its text, or the status in its place (0: no answer). */
export type IndexAnswer = { readonly text: string } | { readonly status: number };

export interface PollOptions {
  readonly read: () => Promise<IndexAnswer>;
  readonly sleep: (ms: number) => Promise<void>;
  /** Called after each attempt that found nothing; returns the shortest wait before the next one, in milliseconds. */
  readonly onMiss: (status: number) => Promise<number> | number;
  /** Returns false for another index than the one looked for. */
  readonly wanted?: (text: string) => boolean;
  readonly signal: AbortSignal;
}

/** Viewers who wait for a start ask once a second, so that they see it at once; after a minute, every three seconds. */
const EAGER_MS = 1000;
const PATIENT_MS = 3000;
const EAGER_ATTEMPTS = 60;

/** Waits until the index is there; resolves with its text, or `undefined` once aborted. */
export async function pollIndex({
  read,
  sleep,
  onMiss,
  wanted = () => true,
  signal,
}: PollOptions): Promise<string | undefined> {
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    const answer = await read();
    if (signal.aborted) break;
    if ('text' in answer && wanted(answer.text)) return answer.text;
    const least = 'status' in answer ? await onMiss(answer.status) : 0;
    await sleep(Math.max(least, attempt < EAGER_ATTEMPTS ? EAGER_MS : PATIENT_MS));
  }
  return undefined;
}

/** Returns the mark of one broadcast's index, which stays when its media changes: the folder of its first playlist. */
export function broadcastOf(index: string): string {
  const [, folder] = /^(?!#)(\S*\/)[^/\s]+\.m3u8/m.exec(index) ?? [];
  return folder ?? index;
}

/** Reads once. A network error is an answer with status 0. */
export async function readIndex(path: string, signal: AbortSignal): Promise<IndexAnswer> {
  try {
    const answer = await fetch(path, { signal });
    return answer.ok ? { text: await answer.text() } : { status: answer.status };
  } catch {
    return { status: 0 };
  }
}
