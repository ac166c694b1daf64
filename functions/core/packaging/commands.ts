import type { CommonScheme } from '../../contract/objects/encryption';
import type { Rung } from './ladder';

/** A key for one packaging call: its id and the key as 32 hex digits (Common Encryption, ISO/IEC 23001-7). */
export interface CommonKey {
  kid: string;
  key: string;
  scheme: CommonScheme;
  /** The vector of all samples; absent: the packager draws one for each track, and counts on from there. */
  iv?: string;
}

/** The tracks of a transport stream, and the rungs that are made of it. Folders are relative to the job's own. */
export interface PackagingPlan {
  hasVideo: boolean;
  hasAudio: boolean;
  rungs: readonly Rung[];
}

/** File names inside a job's folder. */
export const JOB_FILES = { source: 'source.ts', rungs: 'rungs.ts', flags: 'keys.flags' } as const;

/** Ticks a second that SRS's transport streams, and so all packaged media, count in. */
export const MEDIA_TIMESCALE = 90_000;

/**
 * Beyond the 26.5 h after which 33-bit time stamps wrap: a segment that lies over a multiple of this would be cut in
 * two (Shaka Packager 3.4.2).
 */
const ONE_SEGMENT_SECONDS = 400_000;

const rungArguments = ({ width, height, bitsPerSecond }: Rung, index: number): string[] => [
  `-filter:v:${index}`,
  `scale=${width}:${height}`,
  `-b:v:${index}`,
  `${bitsPerSecond}`,
  `-maxrate:v:${index}`,
  `${Math.round(bitsPerSecond * 1.07)}`,
  `-bufsize:v:${index}`,
  `${Math.round(bitsPerSecond * 1.5)}`,
];

/**
 * Arguments of one ffmpeg that makes every rung of one segment: the source's own time stamps, one keyframe at the
 * start, one thread an encoder. Measured with Debian's 5.1: without `-enc_time_base` cuts move by up to a frame.
 */
export function ladderArguments(rungs: readonly Rung[]): readonly string[] {
  return [
    ...['-nostdin', '-v', 'error', '-copyts', '-i', JOB_FILES.source],
    ...rungs.flatMap(() => ['-map', '0:v:0']),
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p'],
    ...[
      '-g',
      '100000',
      '-sc_threshold',
      '0',
      '-threads:v',
      '1',
      '-enc_time_base',
      '1:90000',
      '-fps_mode',
      'passthrough',
    ],
    ...rungs.flatMap(rungArguments),
    ...['-muxdelay', '0', '-muxpreload', '0', '-f', 'mpegts', '-y', JOB_FILES.rungs],
  ];
}

const descriptor = (input: string, stream: string, rendition: string): string =>
  [
    `in=${input}`,
    `stream=${stream}`,
    `init_segment=${rendition}/init.mp4`,
    `segment_template=${rendition}/$Time$.m4s`,
    `drm_label=ALL`,
  ].join(',');

/**
 * Arguments of one Shaka Packager call: exactly one fragment a rendition, in a folder of its name. Keys stay off the
 * command line, which any process on the machine may read: they stand in the flag file, see `flagFile`.
 */
export function packagerArguments(
  { hasVideo, hasAudio, rungs }: PackagingPlan,
  isEncrypted: boolean,
): readonly string[] {
  return [
    ...(hasVideo ? [descriptor(JOB_FILES.source, 'video', 'source')] : []),
    ...rungs.map(({ name }, index) => descriptor(JOB_FILES.rungs, `${index}`, name)),
    ...(hasAudio ? [descriptor(JOB_FILES.source, 'audio', 'audio')] : []),
    ...['--segment_duration', `${ONE_SEGMENT_SECONDS}`, '--use_fake_clock_for_muxer', '--minloglevel', '2'],
    ...(isEncrypted ? ['--flagfile', JOB_FILES.flags] : []),
  ];
}

/** The flag file that gives a packager its key. Shaka Packager leaves 5 s in the clear unless told not to. */
export const flagFile = ({ kid, key, scheme, iv }: CommonKey): string =>
  [
    '--enable_raw_key_encryption',
    `--keys=label=ALL:key_id=${kid}:key=${key}`,
    ...(iv === undefined ? [] : [`--iv=${iv}`]),
    `--protection_scheme=${scheme}`,
    '--clear_lead=0',
    '--protection_systems=CommonSystem',
    '',
  ].join('\n');
