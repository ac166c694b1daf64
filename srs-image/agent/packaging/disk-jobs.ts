import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentPackaging } from '../../../functions/contract/env/agent';
import { SOUND_RENDITION, SOURCE_RENDITION } from '../../../functions/contract/ids';
import {
  type CommonKey,
  flagFile,
  JOB_FILES,
  ladderArguments,
  type PackagingPlan,
  packagerArguments,
} from '../../../functions/core/packaging/commands';
import { fragmentTimes } from '../../../functions/core/packaging/fragment';
import { initSegment } from '../../../functions/core/packaging/init-segment';
import type { PackagedTrack, PackagedTracks, PackagingJobs } from './ports';
import { remuxed } from './remux';
import { ProgramError, runProgram } from './run-program';

/** A packager takes 0.1 s: longer than this it hangs. */
const PACKAGER_LIMIT_MS = 3000;
/** Encoders give way to SRS, the gate and the agent. */
const ENCODER_NICE = 10;

async function readTrack(folder: string): Promise<PackagedTrack> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.m4s'));
  const [name] = names;
  if (name === undefined || names.length !== 1)
    throw new ProgramError(`${folder}: got ${names.length} fragments, must be 1`);
  const init = initSegment(await readFile(join(folder, 'init.mp4')));
  const bytes = await readFile(join(folder, name));
  const times = fragmentTimes(bytes);
  if (init === undefined || times === undefined)
    throw new ProgramError(`${folder}: neither H.264, HEVC nor AAC in one fragment`);
  return { init, bytes, times };
}

async function readTracks(folder: string, renditions: readonly string[]): Promise<PackagedTracks> {
  const tracks = await Promise.all(
    renditions.map(async (name) => [name, await readTrack(join(folder, name))] as const),
  );
  return new Map(tracks);
}

const renditionsOf = ({ hasVideo, hasAudio, rungs }: PackagingPlan): string[] => [
  ...(hasVideo ? [SOURCE_RENDITION] : []),
  ...rungs.map(({ name }) => name),
  ...(hasAudio ? [SOUND_RENDITION] : []),
];

/**
 * Jobs by Shaka Packager and ffmpeg, in folders below `root`, each of which is removed with its job. `root` is emptied
 * at the start, because a killed agent may have left files there.
 */
export function diskPackagingJobs({ packager, ffmpeg }: AgentPackaging, root: string): PackagingJobs {
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });

  async function inFolder<T>(segment: Uint8Array, job: (folder: string) => Promise<T>): Promise<T> {
    const folder = mkdtempSync(join(root, 'job-'));
    try {
      await writeFile(join(folder, JOB_FILES.source), segment);
      return await job(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async function pack(folder: string, plan: PackagingPlan, key: CommonKey | undefined): Promise<PackagedTracks> {
    const renditions = renditionsOf(plan);
    for (const name of renditions) await mkdir(join(folder, name), { recursive: true });
    // Anybody on the machine may read a command line, but not this file.
    if (key !== undefined) await writeFile(join(folder, JOB_FILES.flags), flagFile(key), { mode: 0o600 });
    await runProgram({
      program: packager,
      args: packagerArguments(plan, key !== undefined),
      folder,
      limitMs: PACKAGER_LIMIT_MS,
      nice: 0,
    });
    return readTracks(folder, renditions);
  }

  return {
    makesLadders: ffmpeg !== undefined,
    source: (segment, tracks, key) =>
      inFolder(segment, async (folder) => {
        const made = await pack(folder, { ...tracks, rungs: [] }, key);
        const sound = made.get(SOUND_RENDITION);
        return tracks.hasVideo || sound === undefined ? made : new Map([[SOURCE_RENDITION, sound]]);
      }),
    withoutProgram: remuxed,
    rungs: (segment, rungs, limitMs, key) =>
      inFolder(segment, async (folder) => {
        if (ffmpeg === undefined) throw new ProgramError('this node has no ffmpeg');
        await runProgram({ program: ffmpeg, args: ladderArguments(rungs), folder, limitMs, nice: ENCODER_NICE });
        return pack(folder, { hasVideo: false, hasAudio: false, rungs }, key);
      }),
  };
}
