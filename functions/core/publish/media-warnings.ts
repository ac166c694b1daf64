import type { SessionReport } from '../../contract/hooks/srs';
import {
  type ClockFault,
  HealthProblem,
  type MediaReport,
  type MediaWarning,
  type WarningCode,
} from '../../contract/media-report';
import type { Session } from '../../contract/state';

/** Encoders round: a keyframe that is a frame late is no fault. */
const TOLERANCE_SECONDS = 0.1;

type Judged = { [Part in 'media' | 'health']?: SessionReport[Part] };

/** Lists what the publisher should change; empty when all is well, or nothing is known. */
export const warningsOf = ({ media, health }: Judged): MediaWarning[] => [
  ...(media === undefined ? [] : aboutMedia(media)),
  ...(health?.problems ?? []).map(healthWarning),
];

/**
 * The session with the warnings of now; the same object if they are those that it has. Of a part of which nothing is
 * known, as after a reconnect, those from before stay.
 */
export function withWarnings(session: Session, { media, health }: Judged, nowMs: number): Session {
  const was = session.warnings ?? [];
  const isKnown = (code: WarningCode) => (HealthProblem.safeParse(code).success ? health : media) !== undefined;
  const kept = was.filter(({ code }) => !isKnown(code));
  const is = warningsOf({ media, health }).map(
    ({ code, message }) => was.find((each) => each.code === code) ?? { code, message, at: nowMs },
  );
  const next = [...kept, ...is];
  const isSame = was.length === next.length && next.every(({ code }) => was.some((each) => each.code === code));
  return isSame ? session : { ...session, warnings: next, warningsAt: nowMs };
}

function aboutMedia({ video, audio, segmentSeconds, clock }: MediaReport): MediaWarning[] {
  const known = video !== undefined || audio !== undefined;
  return [
    ...(clock === undefined ? [] : [clockWarning(clock)]),
    ...(video === undefined ? [] : aboutVideo(video, segmentSeconds)),
    ...(audio === undefined && known ? [NO_AUDIO] : []),
  ];
}

function aboutVideo(video: NonNullable<MediaReport['video']>, segmentSeconds: number): MediaWarning[] {
  const { codec, keyframeSeconds = 0, bFrames = false, framesPerSecond = 25 } = video;
  return [
    ...(codec === 'HEVC' ? [HEVC] : []),
    ...(keyframeSeconds > segmentSeconds + TOLERANCE_SECONDS
      ? [keyframes(keyframeSeconds, segmentSeconds, framesPerSecond)]
      : []),
    ...(bFrames ? [B_FRAMES] : []),
  ];
}

const keyframes = (seconds: number, segmentSeconds: number, framesPerSecond: number): MediaWarning => ({
  code: 'keyframe_interval',
  message:
    `the video has a keyframe every ${seconds} s: segments last that long instead of ${segmentSeconds} s, which ` +
    'adds latency for viewers',
  setting:
    `OBS: Output, Keyframe Interval ${segmentSeconds} s. ffmpeg: -g ${Math.round(framesPerSecond * segmentSeconds)} ` +
    '-sc_threshold 0',
});

const B_FRAMES: MediaWarning = {
  code: 'b_frames',
  message: 'the video has B-frames: browsers show it jumping when they watch by WebRTC',
  setting:
    'OBS: x264, Tune zerolatency, or bframes=0 in the options (hardware encoders: Max B-frames 0). ffmpeg: -bf 0',
};

const HEVC: MediaWarning = {
  code: 'hevc',
  message: 'the video is HEVC: most browsers play it neither by HLS nor by WebRTC',
  setting: 'OBS: Output, Video Encoder H.264. ffmpeg: -c:v libx264',
};

const NO_AUDIO: MediaWarning = {
  code: 'no_audio',
  message: 'there is no sound',
  setting: 'OBS: Audio Mixer, add a source that is not muted. ffmpeg, for silence: -f lavfi -i anullsrc -c:a aac',
};

const CLOCKS: Readonly<Record<ClockFault, Omit<MediaWarning, 'code'>>> = {
  clock_floods: {
    message: 'the media arrives faster than real time: players cannot follow',
    setting: 'send in real time. ffmpeg: -re before the input; a relay: its time stamps in milliseconds',
  },
  clock_jumps: {
    message: 'the time stamps jump again and again: players stop at each jump',
    setting:
      'give the stream one clock: one encoder, or a relay that writes time stamps of its own. ' +
      'ffmpeg: -use_wallclock_as_timestamps 1',
  },
  tracks_apart: {
    message: 'the time stamps of picture and sound are more than 10 s apart: no player plays both',
    setting:
      'give both tracks one clock. ffmpeg: -use_wallclock_as_timestamps 1 on each input; ' +
      'OBS: remove the audio sync offset',
  },
};

const HEALTH: Readonly<Record<HealthProblem, Omit<MediaWarning, 'code'>>> = {
  few_frames: {
    message: 'the video has far fewer pictures a second than at its beginning: the encoder drops frames',
    setting: 'lower the bitrate or the resolution, or relieve the encoder. OBS: Stats shows which of them it is',
  },
  slow_arrival: {
    message: 'the media arrives slower than real time: players run dry and wait',
    setting: 'use a faster or steadier network, or lower the bitrate. OBS: Output, Video Bitrate',
  },
  upload_behind: {
    message: 'the segments reach the bucket more than 15 s late: viewers fall behind',
    setting: 'nothing in the encoder: the node or the storage is slow. Ask the operator',
  },
};

const healthWarning = (code: HealthProblem): MediaWarning => ({ code, ...HEALTH[code] });

/** Says what is wrong, in a sentence for the publisher. */
export const clockMessage = (code: ClockFault): string =>
  `${CLOCKS[code].message}; the publisher is disconnected after 30 s`;

const clockWarning = (code: ClockFault): MediaWarning => ({
  code,
  message: clockMessage(code),
  setting: CLOCKS[code].setting,
});
