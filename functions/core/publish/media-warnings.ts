import type { MediaReport, MediaWarning } from '../../contract/media-report';

/** Encoders round: a keyframe that is a frame late is no fault. */
const TOLERANCE_SECONDS = 0.1;

/** What the publisher should change; empty when all is well. */
export function warningsOf({ video, audio, segmentSeconds }: MediaReport): MediaWarning[] {
  return [...(video === undefined ? [] : aboutVideo(video, segmentSeconds)), ...(audio === undefined ? [NO_AUDIO] : [])];
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
  message: `a keyframe every ${seconds} s: segments get that long instead of ${segmentSeconds} s, and viewers are behind by as much more`,
  setting: `OBS: Output, Keyframe Interval ${segmentSeconds} s. ffmpeg: -g ${Math.round(framesPerSecond * segmentSeconds)} -sc_threshold 0`,
});

const B_FRAMES: MediaWarning = {
  code: 'b_frames',
  message: 'the video has B-frames: browsers show it jumping when they watch by WebRTC',
  setting: 'OBS: x264, Tune zerolatency, or bframes=0 in the options (hardware encoders: Max B-frames 0). ffmpeg: -bf 0',
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
