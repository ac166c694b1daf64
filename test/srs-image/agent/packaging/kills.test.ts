import { fragmentTimes } from '../../../../functions/core/packaging/fragment';
import { readRenditionParts } from '../../../../functions/core/playlist/packaged-segments';
import { Rig, STREAM } from '../rig';
import { FakeJobs } from './fake-jobs';

/** `KILLS_SEED=<seed>` runs one seed alone. */
const given = process.env.KILLS_SEED;
const first = Number(given ?? Math.floor(Math.random() * 1e9));
const runs = given === undefined ? 12 : 1;
const SEGMENTS = 12;
const SESSION = '1-aaaaaaaa';

function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * A publish during which packagers, encoders and the agent are killed: what is in the bucket at its end, and what was
 * written twice.
 */
async function publishWithKills(seed: number) {
  const next = random(seed);
  const jobs = new FakeJobs();
  const twice: string[] = [];
  const rig = new Rig({
    packaging: { jobs, ladderCores: 4 },
    through: (store) => ({
      ...store,
      async write(name, content, options) {
        const before = rig.open.entry(name)?.content;
        const result = await store.write(name, content, options);
        const isFragment = name.endsWith('.m4s') || name.endsWith('.mp4');
        if (isFragment && before !== undefined && !Buffer.from(before).equals(Buffer.from(content))) twice.push(name);
        return result;
      },
    }),
  });
  try {
    rig.cloud.grant = { packaging: 'cmaf', ladder: 'sd' };
    const killed = new Map<number, number>();
    jobs.sourceFails = (number) => {
      const kills = killed.get(number) ?? (next() < 0.3 ? 1 + Math.floor(next() * 2) : 0);
      killed.set(number, Math.max(0, kills - 1));
      return kills > 0;
    };
    jobs.rungsFail = () => next() < 0.2;
    await rig.publish();
    for (let number = 0; number < SEGMENTS; number += 1) {
      await rig.segment();
      if (next() < 0.3) {
        await rig.run(Math.floor(next() * 300));
        await rig.crash();
        rig.restart();
      }
      await rig.run(Math.floor(next() * 1500));
    }
    await rig.hook('on_unpublish');
    await rig.run(30_000);
    const session = await rig.playlist(SESSION);
    const text = (await rig.ingest.read(`${STREAM}/${SESSION}/source.m3u8`))?.text ?? '';
    const fragments = Array.from({ length: SEGMENTS }, (_, number) => {
      const bytes = rig.open.entry(`open/s/${STREAM}/${SESSION}/source/${number}.m4s`)?.content;
      return bytes && (fragmentTimes(bytes)?.decodeTime ?? 0) / 90;
    });
    return { session, twice, fragments, parts: readRenditionParts(text), rig };
  } finally {
    rig.dispose();
  }
}

describe('packagers, encoders and the agent, killed at random moments', () => {
  it(`cost the source no segment, number or date, and double nothing, in ${runs} runs from seed ${first}`, async () => {
    for (let seed = first; seed < first + runs; seed += 1) {
      const { session, twice, fragments, parts, rig } = await publishWithKills(seed);
      const listed = session?.playlist.segments ?? [];
      expect({ seed, uris: listed.map(({ uri }) => uri), twice }).toEqual({
        seed,
        uris: Array.from({ length: SEGMENTS }, (_, number) => `${number}.m4s`),
        twice: [],
      });
      expect({ seed, fragments }).toEqual({
        seed,
        fragments: listed.map(({ programDateTimeMs }) => programDateTimeMs),
      });
      expect({ seed, ended: session?.metadata.ended }).toEqual({ seed, ended: 'true' });
      // A rung whose encoder was killed each time is no rendition of this session.
      const known = [...new Set(parts.flatMap((each) => Object.keys(each)))].sort();
      expect({ seed, known }).toEqual({ seed, known: expect.arrayContaining(['audio', 'source']) });
      expect({ seed, parts: parts.map((each) => Object.keys(each).sort()) }).toEqual({
        seed,
        parts: parts.map(() => known),
      });
      expect(
        rig.log.filter(({ event }) => ['packaging_off', 'segment_lost', 'segment_differs'].includes(event)),
      ).toEqual([]);
    }
  }, 120_000);
});
