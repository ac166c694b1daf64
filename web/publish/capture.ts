export type CaptureSource = 'camera' | 'screen';

/** Sizes of the picture, by height: width in pixels, and a sufficient bit rate at 30 frames a second. */
export const SIZES = {
  360: { width: 640, bits: 900_000 },
  540: { width: 960, bits: 1_600_000 },
  720: { width: 1280, bits: 2_500_000 },
  1080: { width: 1920, bits: 4_500_000 },
} as const;
export type Height = keyof typeof SIZES;

/** The media to capture. `camera`, `microphone`: ids of devices; empty: the browser's choice. */
export interface Wish {
  readonly source: CaptureSource;
  readonly height: Height;
  readonly camera: string;
  readonly microphone: string;
}

const pictureOf = ({ height }: Wish): MediaTrackConstraints => ({
  width: { ideal: SIZES[height].width },
  height: { ideal: height },
  frameRate: { ideal: 30, max: 30 },
});
const only = (id: string): MediaTrackConstraints => (id === '' ? {} : { deviceId: { exact: id } });

/** Captures picture and sound; of a screen with its sound, where the browser can. Rejects with the browser's error. */
export const capture = (wish: Wish): Promise<MediaStream> =>
  wish.source === 'screen'
    ? navigator.mediaDevices.getDisplayMedia({ video: pictureOf(wish), audio: true })
    : navigator.mediaDevices.getUserMedia({
        video: { ...pictureOf(wish), ...only(wish.camera) },
        audio: wish.microphone === '' ? true : only(wish.microphone),
      });

/** Browsers give cameras to pages over HTTPS and of the same machine only. */
export const canCapture = (): boolean => navigator.mediaDevices !== undefined;

export const stopCapture = (media: MediaStream): void => {
  for (const track of media.getTracks()) track.stop();
};

/** A camera or microphone. */
export interface Device {
  readonly id: string;
  readonly name: string;
}

/** Cameras and microphones with their names, which a browser shows only once one was allowed. */
export async function devicesOf(kind: 'videoinput' | 'audioinput'): Promise<Device[]> {
  const all = await navigator.mediaDevices.enumerateDevices();
  const named = all.filter((device) => device.kind === kind && device.deviceId !== '' && device.label !== '');
  return named.map(({ deviceId: id, label: name }) => ({ id, name }));
}
