import { element } from '../page-elements';
import type { Connection } from '../sdk/connection';

const REFRESH_MS = 1000;

/** Shows once a second what the connection sends. */
export class Figures {
  private counted = { bytes: 0, at: 0 };

  constructor(private readonly connection: () => Connection | undefined) {}

  run(): void {
    setInterval(() => void this.refresh(), REFRESH_MS);
  }

  private async refresh(): Promise<void> {
    const sending = await this.connection()?.sample();
    const now = performance.now();
    const bits = ((sending?.bytes ?? 0) - this.counted.bytes) * 8;
    const rate = bits / Math.max(1, now - this.counted.at);
    this.counted = { bytes: sending?.bytes ?? 0, at: now };
    const { width, height, framesPerSecond, roundTripMs } = sending ?? {};
    const facts = {
      picture: width === undefined || height === undefined ? '–' : `${width} × ${height}`,
      frames: framesPerSecond === undefined ? '–' : framesPerSecond.toFixed(0),
      bitrate: sending === undefined || bits <= 0 ? '–' : `${rate.toFixed(0)} kbit/s`,
      'round-trip': roundTripMs === undefined ? '–' : `${roundTripMs.toFixed(0)} ms`,
    };
    for (const [id, text] of Object.entries(facts)) element(id, HTMLElement).textContent = text;
  }
}
