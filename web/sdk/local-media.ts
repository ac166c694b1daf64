/**
 * Devices to capture: `true` for the browser's choice, `false` for none, or constraints of Media Capture and Streams.
 */
export interface Constraints {
  readonly video: boolean | MediaTrackConstraints;
  readonly audio: boolean | MediaTrackConstraints;
}

/**
 * The cameras and microphones of one session. Those captured with `keep` stay on for the next stream that wants the
 * same.
 */
export class LocalMedia {
  private readonly kept = new Map<string, MediaStream>();

  /** Opens camera and microphone, or takes those that were kept. Rejects as the browser refuses. */
  async open(constraints: Constraints, keep: boolean): Promise<MediaStream> {
    const name = JSON.stringify(constraints);
    const known = this.kept.get(name);
    if (known?.getTracks().every(({ readyState }) => readyState === 'live')) return known;
    if (navigator.mediaDevices === undefined) throw new Error('This page may not use a camera: open it over HTTPS.');
    const media = await navigator.mediaDevices.getUserMedia(constraints);
    if (keep) this.kept.set(name, media);
    return media;
  }

  /** Turns the devices off, unless they are kept for the next stream. */
  close(media: MediaStream | undefined): void {
    if (media !== undefined && ![...this.kept.values()].includes(media)) turnOff(media);
  }

  /** Turns off what was kept. */
  release(): void {
    for (const media of this.kept.values()) turnOff(media);
    this.kept.clear();
  }
}

function turnOff(media: MediaStream): void {
  for (const track of media.getTracks()) track.stop();
}
