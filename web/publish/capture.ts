export type Source = 'camera' | 'screen';

const PICTURE = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } };

/** Picture and sound of `source`; of the screen with what it plays, where the browser can. Rejects as the browser refuses. */
export const capture = (source: Source): Promise<MediaStream> =>
  source === 'screen'
    ? navigator.mediaDevices.getDisplayMedia({ video: PICTURE, audio: true })
    : navigator.mediaDevices.getUserMedia({ video: PICTURE, audio: true });

/** Pages get cameras over HTTPS and from the same machine only. */
export const canCapture = (): boolean => navigator.mediaDevices !== undefined;

export const stopCapture = (media: MediaStream): void => {
  for (const track of media.getTracks()) track.stop();
};
