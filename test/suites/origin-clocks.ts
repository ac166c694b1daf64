import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { jsonLog } from '../../functions/adapters/log';
import type { LocalOrigin, OriginOptions } from '../../scripts/local/origin';
import { type Probe, probe } from '../../srs-image/agent/inspect/probe';
import { errnoOf } from '../../srs-image/agent/runtime/errno';
import { HookReceiver } from '../support/network/hook-receiver';
import { type FlvTag, publishOddly, testTags } from '../support/platform/odd-publisher';
import { freePort } from '../support/platform/worker-ports';

const Hls = z.object({ stream: z.string(), file: z.string(), duration: z.number() });
const isSoundHeader = ({ kind, body }: FlvTag): boolean => kind === 'a' && body[1] === 0;
const isPictureHeader = ({ kind, body }: FlvTag): boolean => kind === 'v' && body[1] === 0;

/**
 * Clocks of encoders and relays as the world has them, over a test picture of 9 s. What SRS makes of each is what the
 * agent has to mend.
 */
const ODD: Readonly<Record<string, (tag: FlvTag) => number | undefined>> = {
  clockjumpforward: ({ ms }) => (ms < 3000 ? ms : ms + 3_600_000),
  clockjumpbackward: ({ ms }) => (ms < 3000 ? ms + 5_000_000 : ms),
  rtmpclockwraps01: ({ ms }) => ms + 2 ** 32 - 3000,
  soundfarahead01: ({ ms, kind }) => (kind === 'a' ? ms + 100_000 : ms),
  tenthousandfold1: ({ ms }) => ms * 10_000,
  soundnoheader01: (tag) => (isSoundHeader(tag) ? undefined : tag.ms),
  soundcomeslate1: (tag) => (tag.kind === 'a' && tag.ms < 4000 && !isSoundHeader(tag) ? undefined : tag.ms),
  videocomeslate1: (tag) => (tag.kind === 'v' && tag.ms < 4000 && !isPictureHeader(tag) ? undefined : tag.ms),
};

/** Reads a segment. Of a flood the file may be gone before its hook comes, or while it is looked for. */
function bytesOf(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Clocks that jump, flood and wrap, and tracks that come late: the same for every origin of the local stack. */
export function originClockSuite(name: string, open: (options: OriginOptions) => Promise<LocalOrigin>): void {
  describe(`an origin and odd clocks: ${name}`, () => {
    const receiver = new HookReceiver();
    const hlsRoot = mkdtempSync(join(tmpdir(), 'srs-live-test-'));
    const segments = new Map<string, { duration: number; seen: Probe | undefined }[]>();
    let origin: LocalOrigin;

    beforeAll(async () => {
      receiver.answer = ({ action, body }) => {
        if (action !== 'on_hls') return {};
        const { stream, file, duration } = Hls.parse(body);
        const bytes = bytesOf(file);
        const seen = bytes && probe(bytes, 2000);
        segments.set(stream, [...(segments.get(stream) ?? []), { duration, seen }]);
        return {};
      };
      const log = jsonLog(() => undefined);
      const ports = { rtmpPort: await freePort(), apiPort: await freePort() };
      origin = await open({ ...ports, hooksUrl: await receiver.start(), hlsRoot, nodeId: 'node-1', log });
      await origin.start();
      const tags = await testTags(9);
      const all = Object.entries(ODD).map(([stream, clock]) =>
        publishOddly(`${origin.rtmpUrl}/${stream}?key=sk_secret`, tags, clock),
      );
      await Promise.all(all);
      await receiver.next('on_unpublish', Object.keys(ODD).length, 30);
    }, 120_000);
    afterAll(async () => {
      await origin.stop();
      await receiver.stop();
      rmSync(hlsRoot, { recursive: true });
    }, 30_000);

    const of = (stream: keyof typeof ODD) => segments.get(`${stream}`) ?? [];
    const durations = (stream: keyof typeof ODD) => of(stream).map(({ duration }) => Math.round(duration));

    it('counts a jump forward into its segment, and lets sound cut it there', () => {
      expect(durations('clockjumpforward').slice(0, 3)).toEqual([2, 3601, 3]);
      expect(of('clockjumpforward')[2]?.seen?.format.startsWithKey).toBe(false);
    });

    it('cuts again within a segment whose clock goes back', () => {
      expect(durations('clockjumpbackward').slice(0, 3)).toEqual([2, 3, 2]);
      expect(of('clockjumpbackward')[1]?.seen?.video?.jumps).toHaveLength(1);
    });

    it('takes the end of the RTMP clock for a clock that goes back', () => {
      expect(durations('rtmpclockwraps01').slice(0, 3)).toEqual([2, 3, 2]);
    });

    it('cuts at every picture when the sound is far ahead', () => {
      expect(of('soundfarahead01').length).toBeGreaterThan(100);
      expect(Math.max(...durations('soundfarahead01'))).toBe(100);
    });

    it('cuts at every packet of sound when the clock runs ten thousand times too fast', () => {
      expect(of('tenthousandfold1').length).toBeGreaterThan(100);
      expect(Math.min(...durations('tenthousandfold1').slice(1, 50))).toBeGreaterThan(10);
    });

    it('counts every segment from the first sound that has no configuration', () => {
      expect(durations('soundnoheader01').slice(0, 3)).toEqual([2, 4, 6]);
      expect(of('soundnoheader01').map(({ seen }) => seen?.audio)).toEqual(of('soundnoheader01').map(() => undefined));
    });

    it.each([
      ['soundcomeslate1', 'audio'],
      ['videocomeslate1', 'video'],
    ] as const)('takes a late track in: %s', (stream, track) => {
      const there = of(stream).map(({ seen }) => seen?.[track] !== undefined);
      expect([there[0], there.at(-1)]).toEqual([false, true]);
    });
  });
}
