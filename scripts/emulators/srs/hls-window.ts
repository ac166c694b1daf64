export interface WindowSegment {
  readonly name: string;
  readonly number: number;
  readonly durationMs: number;
  readonly discontinuity: boolean;
}

const totalMs = (segments: readonly WindowSegment[]): number =>
  segments.reduce((sum, { durationMs }) => sum + durationMs, 0);

/** Returns the newest segments: as many as fit `windowMs`, and one more. `SrsFragmentWindow::shrink` of SRS 6.0.157. */
export function keptInWindow(segments: readonly WindowSegment[], windowMs: number): readonly WindowSegment[] {
  let first = 0;
  while (totalMs(segments.slice(first + 1)) > windowMs) first += 1;
  return segments.slice(first);
}

/**
 * Writes SRS's own playlist: target duration follows the window, no ENDLIST, no program date time, no discontinuity
 * sequence.
 */
export function srsPlaylist(segments: readonly WindowSegment[], fragmentMs: number): string {
  const targetMs = Math.max(fragmentMs, ...segments.map(({ durationMs }) => durationMs));
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:3',
    `#EXT-X-MEDIA-SEQUENCE:${segments[0]?.number ?? 0}`,
    `#EXT-X-TARGETDURATION:${Math.ceil(targetMs / 1000)}`,
    ...segments.flatMap(({ name, durationMs, discontinuity }) => [
      ...(discontinuity ? ['#EXT-X-DISCONTINUITY'] : []),
      `#EXTINF:${(durationMs / 1000).toFixed(3)}, no desc`,
      name,
    ]),
    '',
  ].join('\n');
}
