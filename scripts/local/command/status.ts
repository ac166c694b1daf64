import { z } from 'zod';
import { parseMediaPlaylist } from '../../../functions/core/playlist/media-playlist';
import { firstUri } from './demo';

const Streams = z.object({
  streams: z.array(
    z.object({ id: z.string(), title: z.string(), status: z.string(), playback: z.object({ hls: z.url() }) }),
  ),
});

/** Returns one line for each stream, by the public API and the CDN: the state that a viewer would find. */
export async function streamStatus(api: string, adminKey: string): Promise<string[]> {
  const response = await fetch(`${api}/api/v1/streams`, { headers: { authorization: `Bearer ${adminKey}` } });
  const { streams } = Streams.parse(await response.json());
  return await Promise.all(
    streams.map(async ({ id, title, status, playback }) => {
      const detail = status === 'idle' ? '' : await liveDetail(playback.hls).catch(() => '');
      return `${id}  ${status.padEnd(12)} ${detail.padEnd(44)} ${title}`;
    }),
  );
}

/** Returns the number of segments, the age of the newest one's end, and the bit rate of the index. */
async function liveDetail(hls: string): Promise<string> {
  const index = await (await fetch(hls)).text();
  const variant = await firstUri(hls);
  if (variant === undefined) return 'nothing to watch yet';
  const playlist = parseMediaPlaylist(await (await fetch(variant)).text());
  const last = playlist.segments.at(-1);
  const endMs = (last?.programDateTimeMs ?? Number.NaN) + (last?.durationMs ?? 0);
  const kilobits = Math.round(Number(/BANDWIDTH=(\d+)/.exec(index)?.[1] ?? 0) / 1000);
  const count = playlist.mediaSequence + playlist.segments.length;
  return `${count} segments  ${kilobits} kbit/s peak  ${((Date.now() - endMs) / 1000).toFixed(1)} s behind`;
}
