/** The state of the page, for the streamer and (as `data-state`) for tests. */
export type PublishState =
  | 'idle'
  | 'asking'
  | 'preview'
  | 'connecting'
  | 'live'
  | 'interrupted'
  | 'unplugged'
  | 'taken'
  | 'refused'
  | 'failed';

/** One sentence for the streamer, by state. */
export const STATE_WORDS: Readonly<Record<PublishState, string>> = {
  idle: 'Nothing is sent yet. Keep the stream key secret: anyone who has it can broadcast as you.',
  asking: 'Your browser asks whether this page may use camera and microphone.',
  preview: 'Only you see this. Press “Go live” to send it.',
  connecting: 'Connecting…',
  live: 'You are live.',
  interrupted: 'The connection was interrupted. Trying again…',
  unplugged: 'The camera or microphone was disconnected. Connect it again, or stop and choose another.',
  taken: 'This stream is now published from elsewhere: another tab, browser or encoder. “Go live” takes it back.',
  refused: 'The server refused the stream.',
  failed: 'The browser cannot send this stream.',
};

export const STOPPED = 'You have stopped: the broadcast is over for your viewers.';
export const NO_CAPTURE_HERE = 'This page may not use a camera: open it over HTTPS, or on the machine that serves it.';
export const NO_H264 = 'This browser cannot send H.264, which viewers need. A current Chrome, Edge or Safari can.';

/**
 * The words for a browser's refusal of camera, microphone or screen:
 * https://www.w3.org/TR/mediacapture-streams/#dom-mediadevices-getusermedia
 */
const CAPTURE_WORDS: Readonly<Record<string, string>> = {
  NotAllowedError:
    'The browser blocked the camera or microphone. Allow both for this page in the address bar, and ' +
    'press “Go live” again.',
  NotFoundError: 'No camera or no microphone was found. Connect one, or send the screen.',
  NotReadableError: 'Another program uses the camera or microphone. Close it and press “Go live” again.',
  OverconstrainedError: 'The camera does not offer a picture size that this page can send.',
};

export const whyNoCapture = (error: unknown): string =>
  (error instanceof Error ? CAPTURE_WORDS[error.name] : undefined) ?? 'Camera and microphone cannot be used.';
