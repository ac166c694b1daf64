import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { GrantId } from '../../../functions/contract/grants';
import { PlayId, PlayKind } from '../../../functions/contract/hooks/media';
import { StreamId } from '../../../functions/contract/ids';

/** One connection that plays. `id` is ours and names it to operators; `clientId` is SRS's. */
export const Play = z.object({
  id: PlayId,
  kind: PlayKind,
  streamId: StreamId,
  clientId: z.string(),
  /** Time at which it was let in, in milliseconds. */
  since: z.number(),
  /** Grant of a gated stream, and the time at which its viewing session is over. */
  grant: z.object({ grantId: GrantId, until: z.number() }).optional(),
});
export type Play = z.infer<typeof Play>;

const Note = Play.extend({ serviceId: z.string() });

/** Keeps who was let in to play, for the agent after this one. Synchronous, as the spool is. */
export interface PlayNotes {
  /** Reads the notes of one run of SRS; some of their players have left since. An unreadable line is left out. */
  of(serviceId: string): Play[];
  add(play: Play, serviceId: string): void;
  /** Replaces all by these, at once or not at all. */
  replace(plays: readonly Play[], serviceId: string): void;
}

const lineOf = (play: Play, serviceId: string): string => `${JSON.stringify({ ...play, serviceId })}\n`;

function read(line: string): z.infer<typeof Note>[] {
  try {
    const note = Note.safeParse(JSON.parse(line));
    return note.success ? [note.data] : [];
  } catch {
    return [];
  }
}

/** Notes in a file: whole lines without fsync, which outlive the process, and no SRS outlives the machine. */
export function diskPlayNotes(path: string): PlayNotes {
  const write = (text: string): void => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  };
  return {
    of: (wanted) =>
      (existsSync(path) ? readFileSync(path, 'utf8') : '')
        .split('\n')
        .flatMap(read)
        .filter(({ serviceId }) => serviceId === wanted)
        .map(({ serviceId: _, ...play }) => play),
    add: (play, serviceId) => appendFileSync(path, lineOf(play, serviceId)),
    replace(plays, serviceId) {
      if (plays.length === 0) return rmSync(path, { force: true });
      write(plays.map((play) => lineOf(play, serviceId)).join(''));
    },
  };
}
