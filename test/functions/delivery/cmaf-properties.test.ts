import { memoryObjectStore } from '../../../functions/adapters/memory/object-store';
import { finishBroadcast } from '../../../functions/app/delivery/finish-broadcast';
import { updateLive } from '../../../functions/app/delivery/update-live';
import { OBJECT_KINDS } from '../../../functions/contract/objects/cache';
import { sessionPlaylistName } from '../../../functions/contract/objects/layout';
import { encodeMetadata } from '../../../functions/contract/objects/metadata';
import {
  formatMediaPlaylist,
  type MediaPlaylist,
  parseMediaPlaylist,
} from '../../../functions/core/playlist/media-playlist';
import { GAP, type RenditionParts, withRenditionParts } from '../../../functions/core/playlist/packaged-segments';
import type { ObjectStore } from '../../../functions/ports/stores';
import { checkPlaylist, checkSuccession } from '../../../scripts/tools/check-hls/rules';
import { BROADCAST, keptLog, STREAM, sessionOf } from '../../support/delivery';
import { checkMpd, checkMpdUpdate } from '../../support/iso23009';
import { virtualClock } from '../../support/virtual-clock';

/**
 * Sessions in CMAF whose rungs come late, fail and come back, told by events that are lost, doubled and out of order.
 * What every version of every playlist and MPD must be is checked after each run. A failure names its seed:
 * `CMAF_SEED=<seed>` runs it alone.
 */
const given = process.env.CMAF_SEED;
const first = Number(given ?? Math.floor(Math.random() * 1e9));
const runs = given === undefined ? 40 : 1;

const START_MS = Date.UTC(2026, 10, 26, 12);
const RENDITIONS = ['source', 'audio', '480p', '240p'];
const initOf = (rendition: string, encoding: number): string =>
  `init-${`${RENDITIONS.indexOf(rendition)}${encoding}`.padStart(16, '0')}.mp4`;

function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Made {
  durationMs: number;
  programDateTimeMs: number;
  discontinuity: boolean;
  parts: RenditionParts;
  encoding: number;
}

/** The session playlist that an agent would have written so far. */
class FakeSession {
  readonly segments: Made[] = [];
  private settled = 0;
  private encoding = 0;

  constructor(
    readonly ordinal: number,
    private readonly random: () => number,
  ) {}

  add(nowMs: number): void {
    const last = this.segments.at(-1);
    const isBreak = last !== undefined && this.random() < 0.1;
    if (isBreak) this.encoding += 1;
    const programDateTimeMs =
      last === undefined ? nowMs : last.programDateTimeMs + last.durationMs + (isBreak ? 500 : 0);
    const durationMs = 1960 + Math.floor(this.random() * 4) * 40;
    const parts = Object.fromEntries(['source', 'audio'].map((name) => [name, initOf(name, this.encoding)]));
    this.segments.push({ durationMs, programDateTimeMs, discontinuity: isBreak, parts, encoding: this.encoding });
  }

  settle(): void {
    const next = this.segments[this.settled];
    if (next === undefined) return;
    this.settled += 1;
    const made = ['480p', '240p'].map((name) => [name, this.random() < 0.25 ? GAP : initOf(name, next.encoding)]);
    next.parts = { ...next.parts, ...Object.fromEntries(made) };
  }

  settleAll(): void {
    while (this.settled < this.segments.length) this.settle();
  }

  text(): string {
    const segments = this.segments.map((segment, number) => ({ ...segment, uri: `${number}.m4s` }));
    const header = { targetDurationSeconds: 2, mediaSequence: 0, discontinuitySequence: 0, ended: false };
    const parts = this.segments.map((segment) => segment.parts);
    return withRenditionParts(formatMediaPlaylist({ ...header, segments }), parts);
  }
}

interface Version {
  name: string;
  text: string;
}

function worldOf(seed: number) {
  const clock = virtualClock();
  const versions: Version[] = [];
  const ingest = memoryObjectStore({ clock, oneWritePerSecond: true });
  const bucket = memoryObjectStore({ clock, oneWritePerSecond: true });
  const open: ObjectStore = {
    ...bucket,
    async write(name, content, options) {
      const result = await bucket.write(name, content, options);
      if (result.kind === 'written')
        versions.push({ name: name.slice(name.lastIndexOf('/') + 1), text: content.toString() });
      return result;
    },
  };
  const log = keptLog();
  return {
    clock,
    versions,
    ingest,
    open,
    log,
    random: random(seed),
    deps: { ingest, delivery: () => open, clock, log },
  };
}

type World = ReturnType<typeof worldOf>;

interface Ending {
  ended?: boolean;
  /** Its broadcast was stopped. */
  final?: boolean;
}

async function write({ ingest }: World, session: FakeSession, ending: Ending = {}): Promise<void> {
  const name = sessionPlaylistName({ streamId: STREAM, sessionId: sessionOf(session.ordinal), rendition: 'source' });
  const attributes = { bandwidth: 600_000, codecs: 'avc1.64001f' };
  const renditions = RENDITIONS.map((each) => ({ name: each, kind: each === 'audio' ? 'audio' : 'video', attributes }));
  const base = {
    policy: 'open',
    broadcast: BROADCAST,
    ordinal: session.ordinal,
    window: 30,
    ended: false,
    ...ending,
    attributes,
    renditions,
  };
  const current = await ingest.stat(name);
  const options = {
    ...OBJECT_KINDS.sessionPlaylist,
    metadata: encodeMetadata(base),
    ifGenerationMatch: current?.generation ?? '0',
  };
  await ingest.write(name, session.text(), options);
}

async function run(seed: number): Promise<Version[]> {
  const world = worldOf(seed);
  const pending: Promise<unknown>[] = [];
  for (const ordinal of [1, 2]) {
    const session = new FakeSession(ordinal, world.random);
    const ref = { streamId: STREAM, sessionId: sessionOf(ordinal), rendition: 'source' };
    for (let step = 0; step < 24; step += 1) {
      session.add(START_MS + ordinal * 3_600_000);
      if (world.random() < 0.8) session.settle();
      if (world.random() < 0.4) session.settle();
      await world.clock.run(world.clock.now() + 1000);
      await write(world, session);
      for (let told = Math.floor(world.random() * 3); told > 0; told -= 1) pending.push(updateLive(world.deps, ref));
      await world.clock.run(world.clock.now() + Math.floor(world.random() * 2000));
    }
    session.settleAll();
    await world.clock.run(world.clock.now() + 2000);
    await write(world, session, { ended: true });
    pending.push(updateLive(world.deps, ref));
    await world.clock.run(world.clock.now() + 30_000);
  }
  await Promise.all(pending);
  const stream = { id: STREAM, policy: 'open' as const, recording: false };
  const sessions = [{ id: sessionOf(1) }, { id: sessionOf(2) }];
  const finished = finishBroadcast(world.deps, { stream, broadcastId: BROADCAST, sessions });
  await world.clock.run(world.clock.now() + 60_000);
  await finished;
  return world.versions;
}

/** Returns the URIs of numbers, which are the same in every rendition. */
function byNumber({ mediaSequence, discontinuitySequence, segments }: MediaPlaylist): Map<number, string> {
  let discontinuities = discontinuitySequence;
  return new Map(
    segments.map(({ discontinuity, programDateTimeMs, durationMs }, index) => {
      if (discontinuity && index > 0) discontinuities += 1;
      return [mediaSequence + index, `${discontinuities} ${programDateTimeMs} ${durationMs}`];
    }),
  );
}

function problemsOf(versions: readonly Version[]): string[] {
  const problems: string[] = [];
  const latest = new Map<string, string>();
  const numbers = new Map<number, string>();
  for (const { name, text } of versions) {
    const before = latest.get(name);
    latest.set(name, text);
    if (name.endsWith('.mpd')) {
      problems.push(...checkMpd(text).map((each) => `${name}: ${JSON.stringify(each)}`));
      if (before !== undefined)
        problems.push(...checkMpdUpdate(before, text).map((each) => `${name}: ${JSON.stringify(each)}`));
      continue;
    }
    problems.push(...checkPlaylist(text).map(({ clause, message }) => `${name}: ${clause} ${message}`));
    if (name === 'index.m3u8') continue;
    if (before !== undefined)
      problems.push(...checkSuccession(before, text).map(({ clause, message }) => `${name}: ${clause} ${message}`));
    for (const [number, said] of byNumber(parseMediaPlaylist(text))) {
      const known = numbers.get(number) ?? said;
      numbers.set(number, known);
      if (known !== said) problems.push(`${name}: segment ${number} is '${said}', elsewhere '${known}'`);
    }
  }
  return [...new Set(problems)];
}

describe('renditions of a broadcast, over random orders', () => {
  it(`agree on numbers, dates and discontinuities in ${runs} runs from seed ${first}`, async () => {
    for (let seed = first; seed < first + runs; seed += 1) {
      const versions = await run(seed);
      expect({ seed, problems: problemsOf(versions) }).toEqual({ seed, problems: [] });
      const last = new Map(versions.map(({ name, text }) => [name, text]));
      for (const name of ['source.m3u8', 'audio.m3u8']) expect(last.get(name)).toContain('#EXT-X-ENDLIST');
      expect([...last.keys()]).toEqual(expect.arrayContaining(['index.m3u8', 'manifest.mpd']));
    }
  }, 120_000);
});

describe('a broadcast that was stopped', () => {
  it('ends every playlist and its MPD with its last segment, without the reconciler', async () => {
    const world = worldOf(1);
    const session = new FakeSession(1, () => 0.5);
    const ref = { streamId: STREAM, sessionId: sessionOf(1), rendition: 'source' };
    const tell = async (ending?: Ending) => {
      await write(world, session, ending);
      const told = updateLive(world.deps, ref).then(() => world.clock.sleep(2000));
      await world.clock.run();
      await told;
      return new Map(world.versions.map(({ name, text }) => [name, text]));
    };
    for (const _ of [1, 2, 3]) session.add(START_MS);
    session.settleAll();
    expect((await tell()).get('manifest.mpd')).toContain(' minimumUpdatePeriod=');
    session.add(START_MS);
    session.settleAll();
    const last = await tell({ ended: true, final: true });
    for (const name of RENDITIONS)
      expect([name, last.get(`${name}.m3u8`)?.trim().endsWith('#EXT-X-ENDLIST')]).toEqual([name, true]);
    expect(last.get('manifest.mpd')).toContain(' mediaPresentationDuration=');
    expect(last.get('manifest.mpd')).not.toContain(' minimumUpdatePeriod=');
    expect(problemsOf(world.versions)).toEqual([]);
  });
});
