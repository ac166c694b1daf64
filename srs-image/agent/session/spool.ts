import {
  appendFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { SessionId, SOURCE_RENDITION, StreamId } from '../../../functions/contract/ids';
import { errnoOf } from '../runtime/errno';
import type { SessionRef, Spool } from './ports';
import { applyRecord } from './session-events';
import { awaitingRungs, pendingOf, SessionRecord, type SessionState } from './session-state';

const JOURNAL = 'journal.jsonl';

/** A line of the journal; `undefined` for one that was cut off by a crash or is not ours. */
function readLine(line: string): SessionRecord | undefined {
  try {
    return SessionRecord.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/** The journal begins with the whole state; a line that cannot be read ends it, because what follows counts on it. */
function replay(text: string): SessionState | undefined {
  const records = text.split('\n').map(readLine);
  const readable = records.indexOf(undefined);
  const [first, ...rest] = records.slice(0, readable < 0 ? undefined : readable).flatMap((record) => record ?? []);
  return first?.kind === 'state' ? rest.reduce(applyRecord, first.state) : undefined;
}

const subfolders = (folder: string, isOurs: (name: string) => boolean): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
        entry.isDirectory() && isOurs(entry.name) ? entry.name : [],
      )
    : [];

const fileOf = (index: number): string => `${index}.ts`;

/**
 * The spool on disk: `<root>/<streamId>/<sessionId>/journal.jsonl` and `.../source/<index>.ts`. Appends are whole lines
 * without fsync: they survive the process, and the media they speak of would not survive the machine either.
 */
export function diskSpool(root: string): Spool {
  const folderOf = (ref: SessionRef) => join(root, ref.streamId, ref.sessionId);
  const mediaFolderOf = (ref: SessionRef) => join(folderOf(ref), SOURCE_RENDITION);
  const pathOf = (ref: SessionRef, index: number) => join(mediaFolderOf(ref), fileOf(index));

  const replace = (ref: SessionRef, state: SessionState): void => {
    const path = join(folderOf(ref), JOURNAL);
    mkdirSync(mediaFolderOf(ref), { recursive: true });
    writeFileSync(`${path}.new`, `${JSON.stringify({ kind: 'state', state })}\n`);
    renameSync(`${path}.new`, path);
  };

  const tidy = (ref: SessionRef, state: SessionState): void => {
    const waiting = new Set([...pendingOf(state), ...awaitingRungs(state)].map(({ index }) => fileOf(index)));
    for (const name of readdirSync(mediaFolderOf(ref))) if (!waiting.has(name)) rmSync(join(mediaFolderOf(ref), name));
  };

  const loadOne = (ref: SessionRef): SessionState[] => {
    const path = join(folderOf(ref), JOURNAL);
    const state = existsSync(path) ? replay(readFileSync(path, 'utf8')) : undefined;
    if (state === undefined) {
      // The first line is written whole before any media: without it nothing here can be told apart.
      rmSync(folderOf(ref), { recursive: true });
      return [];
    }
    // The journal is written again before anything is added: a torn last line would swallow the next one.
    replace(ref, state);
    tidy(ref, state);
    return [state];
  };

  return {
    load: (unreadable) =>
      subfolders(root, (name) => StreamId.safeParse(name).success).flatMap((streamId) =>
        subfolders(join(root, streamId), (name) => SessionId.safeParse(name).success).flatMap((sessionId) => {
          try {
            return loadOne({ streamId, sessionId });
          } catch (error) {
            unreadable({ streamId, sessionId }, error);
            return [];
          }
        }),
      ),
    append: (ref, record) => appendFileSync(join(folderOf(ref), JOURNAL), `${JSON.stringify(record)}\n`),
    replace,
    link(ref, index, path) {
      // Left over when the process ended between the link and its line in the journal.
      rmSync(pathOf(ref, index), { force: true });
      try {
        linkSync(path, pathOf(ref, index));
        return true;
      } catch (error) {
        if (errnoOf(error) === 'ENOENT' && !existsSync(path)) return false;
        throw error;
      }
    },
    read(ref, index) {
      try {
        return readFileSync(pathOf(ref, index));
      } catch (error) {
        if (errnoOf(error) === 'ENOENT') return undefined;
        throw error;
      }
    },
    write(ref, index, bytes) {
      const path = pathOf(ref, index);
      writeFileSync(`${path}.new`, bytes);
      renameSync(`${path}.new`, path);
    },
    unlink: (ref, index) => rmSync(pathOf(ref, index), { force: true }),
    remove(ref) {
      rmSync(folderOf(ref), { recursive: true, force: true });
      const stream = join(root, ref.streamId);
      if (existsSync(stream) && readdirSync(stream).length === 0) rmdirSync(stream);
    },
  };
}
