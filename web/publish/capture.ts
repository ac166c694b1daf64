export type CaptureSource = 'camera' | 'screen';

/**
 * Pictures one can choose, by their height: width in pixels, and the bits a second that are enough for it at 30 frames.
 */
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

/** Picture and sound; of the screen with what it plays, where the browser can. Rejects as the browser refuses. */
export const capture = (wish: Wish): Promise<MediaStream> =>
  wish.source === 'screen'
    ? navigator.mediaDevices.getDisplayMedia({ video: pictureOf(wish), audio: true })
    : navigator.mediaDevices.getUserMedia({
        video: { ...pictureOf(wish), ...only(wish.camera) },
        audio: wish.microphone === '' ? true : only(wish.microphone),
      });

/** Pages get cameras over HTTPS and from the same machine only. */
export const canCapture = (): boolean => navigator.mediaDevices !== undefined;

export const stopCapture = (media: MediaStream): void => {
  for (const track of media.getTracks()) track.stop();
};

/** A device one can choose. */
export interface Device {
  readonly id: string;
  readonly name: string;
}

/** Cameras and microphones with their names, which a browser tells once it was allowed to use one. */
export async function devicesOf(kind: 'videoinput' | 'audioinput'): Promise<Device[]> {
  const all = await navigator.mediaDevices.enumerateDevices();
  const named = all.filter((device) => device.kind === kind && device.deviceId !== '' && device.label !== '');
  return named.map(({ deviceId: id, label: name }) => ({ id, name }));
}
