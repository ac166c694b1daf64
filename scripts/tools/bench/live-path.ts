import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, watch } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';
import { z } from 'zod';
import { createStream, type DemoStream, publishArguments } from '../../local/command/demo';
import type { Platform } from '../../local/command/run-start';
import { type Figure, figure } from './figures';

const uris = (text: string): string[] => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
const read = async (url: string): Promise<string | undefined> => {
  const response = await fetch(url);
  const text = await response.text();
  return response.ok ? text : undefined;
};

/** An encoder in real time; `stop` returns when it has ended. */
function publish(stream: DemoStream): { stop(): Promise<void> } {
  const { server, streamKey } = stream.ingest.rtmp;
  const child = spawn(ffmpegPath, ['-re', ...publishArguments(`${server}/${streamKey}`)], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  return {
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Returns the first live playlist that the index names, once there is one. */
async function firstPlaylist(stream: DemoStream): Promise<string> {
  const deadline = performance.now() + 30_000;
  while (performance.now() < deadline) {
    const index = await read(stream.playback.hls);
    const [variant] = index === undefined ? [] : uris(index);
    if (variant !== undefined) return new URL(variant, stream.playback.hls).href;
    await sleep(20);
  }
  throw new Error('nothing to play within 30 s of publishing');
}

const Published = z.object({ session: z.object({ startedAt: z.iso.datetime() }) });

/** Returns when the stream's publisher was admitted, by the wall clock. */
async function admittedAt(platform: Platform, { id }: DemoStream): Promise<number> {
  const response = await fetch(`${platform.api}/api/v1/streams/${id}`, {
    headers: { authorization: `Bearer ${platform.adminKey}` },
  });
  return Date.parse(Published.parse(await response.json()).session.startedAt);
}

/** Measures from the publisher's admission to a first segment that a player can have from the edge. */
async function firstSegment(platform: Platform): Promise<number> {
  const stream = await createStream(new URL(platform.api), platform.adminKey, 'bench: first segment');
  const encoder = publish(stream);
  try {
    const playlist = await firstPlaylist(stream);
    const [segment = ''] = uris((await read(playlist)) ?? '');
    await (await fetch(new URL(segment, playlist))).arrayBuffer();
    const playableAt = Date.now();
    return playableAt - (await admittedAt(platform, stream));
  } finally {
    await encoder.stop();
  }
}

/** Returns when each segment of a playlist was first named at `url`, asked every `everyMs`. */
function appearances(url: string, everyMs: number): { at: Map<string, number>; stop(): Promise<void> } {
  const at = new Map<string, number>();
  let running = true;
  const loop = (async () => {
    while (running) {
      const text = await read(url);
      const now = performance.now();
      for (const uri of uris(text ?? '')) if (!at.has(uri)) at.set(uri, now);
      await sleep(everyMs);
    }
  })();
  return {
    at,
    async stop() {
      running = false;
      await loop;
    },
  };
}

/** Returns when the origin closed each segment of a stream: the moment its file got its final name. */
function closings(folder: string): { at: number[]; stop(): void } {
  const at: number[] = [];
  const seen = new Set<string>();
  const watcher = watch(folder, (_, file) => {
    if (file === null || !file.endsWith('.ts') || seen.has(file) || !existsSync(join(folder, file))) return;
    seen.add(file);
    at.push(performance.now());
  });
  return { at, stop: () => watcher.close() };
}

/**
 * Measures from a segment's closing at the origin to its name in the live playlist: as stored, and as the edge serves
 * it.
 */
async function segmentWay(platform: Platform, seconds: number): Promise<{ stored: number[]; edge: number[] }> {
  const stream = await createStream(new URL(platform.api), platform.adminKey, 'bench: segment way');
  const encoder = publish(stream);
  try {
    const playlist = await firstPlaylist(stream);
    const object = `${platform.storage.replace(/\/$/, '')}/${platform.buckets.open}${new URL(playlist).pathname}`;
    const before = uris((await read(object)) ?? '').length;
    const closed = closings(join(platform.hlsRoot, 'live', stream.id));
    const atStore = appearances(object, 10);
    const atEdge = appearances(playlist, 25);
    await sleep(seconds * 1000);
    closed.stop();
    await sleep(4000);
    await Promise.all([atStore.stop(), atEdge.stop()]);
    return { stored: lags(closed.at, atStore.at, before), edge: lags(closed.at, atEdge.at, before) };
  } finally {
    await encoder.stop();
  }
}

/** The n-th file that was closed after the look is the n-th segment that was named after it. */
const lags = (closed: readonly number[], named: ReadonlyMap<string, number>, known: number): number[] => {
  const times = [...named.values()].slice(known);
  return closed.flatMap((at, index) => {
    const appeared = times[index];
    return appeared === undefined ? [] : [appeared - at];
  });
};

/** Measures the live path of one stream on this machine. */
export async function livePath(platform: Platform, options: { starts: number; seconds: number }): Promise<Figure[]> {
  const starts: number[] = [];
  for (let run = 0; run < options.starts; run++) starts.push(await firstSegment(platform));
  const { stored, edge } = await segmentWay(platform, options.seconds);
  return [
    figure('publish to first playable segment at the edge', starts, { goalP95: 4500 }),
    figure('segment closed to live playlist behind the edge', stored, { goalP95: 250 }),
    figure('segment closed to live playlist at the edge, one second of cache included', edge),
  ];
}

/** Measures the same with storage events as late as Google's. */
export async function livePathWithEventDelay(platform: Platform, seconds: number): Promise<Figure[]> {
  const { stored } = await segmentWay(platform, seconds);
  const modelled = 'event delay modelled: p50 0.7 s, p95 2 s';
  return [figure('segment closed to live playlist behind the edge, with event delay', stored, { modelled })];
}
