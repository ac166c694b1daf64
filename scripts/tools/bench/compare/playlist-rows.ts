import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { z } from 'zod';
import { formatMediaPlaylist, parseMediaPlaylist } from '../../../../functions/core/playlist/media-playlist';
import { percentile } from '../figures';
import { compared, type Row } from './comparison';
import { inTurns } from './in-turns';

/** Ten minutes of segments, as a live playlist with DVR has them. */
const SEGMENTS = 300;
const TURNS = 40;
const EACH_TURN = 25;

const callable = <Signature>() => z.custom<Signature>((value) => typeof value === 'function');
const Manifest = z.object({ segments: z.array(z.unknown()) });
const M3u8Parser = z.object({
  Parser: callable<new () => { push(text: string): void; end(): void; readonly manifest: unknown }>(),
});
const HlsParser = z.object({ parse: callable<(text: string) => unknown>() });
const Package = z.object({ version: z.string() });

/** The parsers that others use, as installed in a folder outside the repository. */
export interface Parsers {
  readonly versions: Readonly<Record<string, string>>;
  readonly parse: Readonly<Record<string, (text: string) => number>>;
}

/** The parsers installed in `folder` by `npm install m3u8-parser hls-parser`. Throws where one is not there. */
export function parsersIn(folder: string): Parsers {
  const require = createRequire(join(folder, 'package.json'));
  const load = (name: string): unknown => require(name);
  const versionOf = (name: string) =>
    Package.parse(JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8'))).version;
  const { Parser } = M3u8Parser.parse(load('m3u8-parser'));
  const { parse } = HlsParser.parse(load('hls-parser'));
  return {
    versions: { 'm3u8-parser': versionOf('m3u8-parser'), 'hls-parser': versionOf('hls-parser') },
    parse: {
      'm3u8-parser': (text) => {
        const parser = new Parser();
        parser.push(text);
        parser.end();
        return Manifest.parse(parser.manifest).segments.length;
      },
      'hls-parser': (text) => Manifest.parse(parse(text)).segments.length,
    },
  };
}

function livePlaylist(): string {
  const began = Date.UTC(2026, 0, 1);
  const segments = Array.from({ length: SEGMENTS }, (_, index) => ({
    uri: `/open/s/bench/1-bench/source/${index}.ts`,
    durationMs: 2000,
    programDateTimeMs: began + index * 2000,
    discontinuity: index % 100 === 50,
  }));
  return formatMediaPlaylist({
    targetDurationSeconds: 2,
    mediaSequence: 0,
    discontinuitySequence: 0,
    ended: false,
    segments,
  });
}

const timed = (parse: (text: string) => number, text: string): (() => number) => {
  return () => {
    const began = performance.now();
    for (let run = 0; run < EACH_TURN; run++)
      if (parse(text) !== SEGMENTS) throw new Error(`a parser did not find ${SEGMENTS} segments`);
    return ((performance.now() - began) / EACH_TURN) * 1000;
  };
};

/** Reading a live playlist of ten minutes: ours beside each of the others. */
export async function playlistRows(parsers: Parsers): Promise<Row[]> {
  const text = livePlaylist();
  const own = timed((each) => parseMediaPlaylist(each).segments.length, text);
  const rows: Row[] = [];
  for (const [name, parse] of Object.entries(parsers.parse)) {
    const { ours, theirs } = await inTurns(TURNS, own, timed(parse, text));
    rows.push(
      compared({
        name: `a live playlist of ${SEGMENTS} segments read, beside ${name}, p50`,
        peer: name,
        ours: percentile(ours, 0.5),
        theirs: percentile(theirs, 0.5),
        unit: 'µs',
        goal: 1,
      }),
    );
  }
  return rows;
}
