import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { LIVE_APP } from '../../../functions/contract/ids';
import { defined } from '../../../functions/core/defined';
import { DomainError } from '../../../functions/core/errors';
import { parseMediaPlaylist } from '../../../functions/core/playlist/media-playlist';
import { errnoOf } from '../runtime/errno';
import type { SegmentFile, SegmentFolder } from './ports';

/**
 * `srs.conf`: `[app]/[stream]/[timestamp]-[seq].ts`, the time stamp in milliseconds of the moment the segment was
 * opened.
 */
const SEGMENT_NAME = /^([0-9]{13})-([0-9]{1,9})\.ts$/;
const PLAYLIST_NAME = 'live.m3u8';

/** `undefined` instead of an error when the file is not there (any more). */
function ifThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '')) return undefined;
    throw error;
  }
}

/**
 * SRS's durations have 3 decimals here and 2 in the hook. A playlist of another form is no reason to lose the segment.
 */
function durationsOf(folder: string): Map<string, number> {
  const text = ifThere(() => readFileSync(join(folder, PLAYLIST_NAME), 'utf8'));
  if (text === undefined) return new Map();
  try {
    return new Map(parseMediaPlaylist(text).segments.map(({ uri, durationMs }) => [basename(uri), durationMs]));
  } catch (error) {
    if (error instanceof DomainError) return new Map();
    throw error;
  }
}

function segmentFile(folder: string, name: string, durations: ReadonlyMap<string, number>): SegmentFile | undefined {
  const [, openedAt, seqNo] = SEGMENT_NAME.exec(name) ?? [];
  const path = join(folder, name);
  const stats = ifThere(() => statSync(path));
  if (openedAt === undefined || seqNo === undefined || !stats?.isFile()) return undefined;
  const durationMs = durations.get(name);
  return {
    name,
    path,
    seqNo: Number(seqNo),
    openedAt: Number(openedAt),
    closedAt: Math.round(stats.mtimeMs),
    bytes: stats.size,
    ...defined({ durationMs }),
  };
}

/**
 * SRS's HLS folder, as `srs.conf` lays it out below `hlsRoot`. No link in the path is followed out of a stream's own
 * folder.
 */
export function diskSegmentFolder(hlsRoot: string): SegmentFolder {
  const folderOf = (streamId: string) => ifThere(() => join(realpathSync(hlsRoot), LIVE_APP, streamId));
  return {
    list(streamId) {
      const folder = folderOf(streamId);
      if (folder === undefined || ifThere(() => realpathSync(folder)) !== folder) return [];
      const durations = durationsOf(folder);
      return readdirSync(folder)
        .filter(
          (name) => SEGMENT_NAME.test(name) && ifThere(() => realpathSync(join(folder, name))) === join(folder, name),
        )
        .flatMap((name) => segmentFile(folder, name, durations) ?? [])
        .sort((a, b) => a.openedAt - b.openedAt || a.seqNo - b.seqNo);
    },
    find(streamId, cwd, file) {
      const folder = folderOf(streamId);
      const name = basename(file);
      if (file.includes('\0') || !SEGMENT_NAME.test(name)) return 'outside';
      const real = ifThere(() => realpathSync(resolve(cwd, file)));
      const expected = folder === undefined ? undefined : join(folder, name);
      if (real === undefined)
        return resolve(cwd, file) === join(hlsRoot, LIVE_APP, streamId, name) ? 'gone' : 'outside';
      if (folder === undefined || real !== expected) return 'outside';
      return segmentFile(folder, name, durationsOf(folder)) ?? 'gone';
    },
  };
}
