import { element } from '../page-elements';
import type { Sender } from './sender';

const REFRESH_MS = 1000;

/** Says once a second what is sent. */
export class Figures {
  private counted = { bytes: 0, at: 0 };

  constructor(private readonly sender: () => Sender | undefined) {}

  run(): void {
    setInterval(() => void this.refresh(), REFRESH_MS);
  }

  private async refresh(): Promise<void> {
    const sending = await this.sender()?.sending();
    const now = performance.now();
    const bits = ((sending?.bytesSent ?? 0) - this.counted.bytes) * 8;
    const rate = bits / Math.max(1, now - this.counted.at);
    this.counted = { bytes: sending?.bytesSent ?? 0, at: now };
    const { width, height, framesPerSecond, roundTripSeconds } = sending ?? {};
    const facts = {
      picture: width === undefined || height === undefined ? '–' : `${width} × ${height}`,
      frames: framesPerSecond === undefined ? '–' : framesPerSecond.toFixed(0),
      bitrate: sending === undefined || bits <= 0 ? '–' : `${rate.toFixed(0)} kbit/s`,
      'round-trip': roundTripSeconds === undefined ? '–' : `${(roundTripSeconds * 1000).toFixed(0)} ms`,
    };
    for (const [id, text] of Object.entries(facts)) element(id, HTMLElement).textContent = text;
  }
}
