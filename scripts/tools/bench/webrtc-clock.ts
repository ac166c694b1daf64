import type { Page } from 'playwright-core';
import { CLOCK_BLOCKS, PATTERN } from '../../local/command/test-pattern';

/** The clock of the test pattern, drawn and read by pages: a row of blocks, most significant bit first, white is 1. */
const CLOCK = { ...CLOCK_BLOCKS, width: PATTERN.width, height: PATTERN.height, framesPerSecond: 30 };

interface WithSource extends Window {
  source?: MediaStream;
  video?: HTMLVideoElement;
}

/** Makes the page publish a picture that says when it was drawn, instead of the camera; for `publishWhip`. */
export const showClock = (page: Page): Promise<void> =>
  page.evaluate(({ bits, size, top, width, height, framesPerSecond }) => {
    const view: WithSource = window;
    const canvas = document.createElement('canvas');
    canvas.width = width;
    canvas.height = height;
    document.body.append(canvas);
    const context = canvas.getContext('2d');
    if (context === null) throw new Error('no canvas');
    const draw = () => {
      const now = Date.now();
      context.fillStyle = `hsl(${(now / 20) % 360} 60% 50%)`;
      context.fillRect(0, 0, width, top);
      for (let bit = 0; bit < bits; bit += 1) {
        context.fillStyle = Math.floor(now / 2 ** (bits - 1 - bit)) % 2 === 1 ? 'white' : 'black';
        context.fillRect(bit * size, top, size, size);
      }
    };
    draw();
    setInterval(draw, 1000 / framesPerSecond);
    const source = canvas.captureStream(framesPerSecond);
    const tone = new AudioContext();
    const [track] = source.getVideoTracks();
    // Blocks that are blurred to keep the frame rate could not be read.
    if (track) track.contentHint = 'detail';
    for (const sound of tone.createMediaStreamDestination().stream.getAudioTracks()) source.addTrack(sound);
    view.source = source;
  }, CLOCK);

/**
 * The frames that a viewer saw: milliseconds from drawing to showing a frame, and the number of frames with an
 * unreadable clock.
 */
export interface SeenFrames {
  lags: number[];
  unreadable: number;
}

/**
 * Reads the clock of every frame that the video of the page shows. Drawing and reading use the one clock of this
 * machine.
 */
export const readClock = (page: Page, seconds: number, upToMs = 20_000): Promise<SeenFrames> =>
  page.evaluate(
    async ({ bits, size, top, width, seconds, upToMs }) => {
      const view: WithSource = window;
      const video = view.video ?? document.querySelector('video');
      const canvas = document.createElement('canvas');
      canvas.width = width;
      canvas.height = size;
      const context = canvas.getContext('2d', { willReadFrequently: true });
      if (video === null || context === null) throw new Error('no video');
      const seen: { lags: number[]; unreadable: number } = { lags: [], unreadable: 0 };
      const read = (now: number) => {
        const scale = video.videoWidth / width;
        context.drawImage(video, 0, top * scale, width * scale, size * scale, 0, 0, width, size);
        const { data } = context.getImageData(0, 0, width, size);
        const middle = (bit: number) => data[(size / 2) * width * 4 + (bit * size + size / 2) * 4] ?? 0;
        let clock = 0;
        for (let bit = 0; bit < bits; bit += 1) clock = clock * 2 + (middle(bit) > 127 ? 1 : 0);
        const lag = (now % 2 ** bits) - clock;
        if (lag >= 0 && lag < upToMs) seen.lags.push(lag);
        else seen.unreadable += 1;
      };
      const until = Date.now() + seconds * 1000;
      await new Promise<void>((resolve) => {
        // A picture that stands still calls no listener.
        setTimeout(resolve, seconds * 1000 + 1000);
        const onFrame = () => {
          const now = Date.now();
          read(now);
          if (now < until) video.requestVideoFrameCallback(onFrame);
          else resolve();
        };
        video.requestVideoFrameCallback(onFrame);
      });
      return seen;
    },
    { ...CLOCK, seconds, upToMs },
  );
