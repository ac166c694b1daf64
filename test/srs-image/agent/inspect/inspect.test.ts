import fc from 'fast-check';
import { warningsOf } from '../../../../functions/core/publish/media-warnings';
import { nalType, nalUnits, sizeOf } from '../../../../srs-image/agent/inspect/h264';
import { Inspector } from '../../../../srs-image/agent/inspect/inspector';
import { unitsOf } from '../../../../srs-image/agent/inspect/transport-stream';
import { PAT, pes, pmt } from '../../../support/platform/transport-stream';

const IDR = [0, 0, 0, 1, 0x65, 0x88];
const SLICE = [0, 0, 0, 1, 0x41, 0x9a];
const segment = (...frames: (readonly [pts: number, dts: number, isKey: boolean])[]): Uint8Array =>
  new Uint8Array([
    ...PAT,
    ...pmt([0x1b, 0x100]),
    ...frames.flatMap(([pts, dts, isKey]) => pes(0x100, pts, dts, isKey ? IDR : SLICE)),
  ]);

describe('the packets of a segment', () => {
  it('are read with their times, 33 bits of them', () => {
    const late = 2 ** 32 + 12_345;
    expect(
      unitsOf(segment([late + 3600, late, true])).map(({ streamType, pts, dts }) => [streamType, pts, dts]),
    ).toEqual([[0x1b, late + 3600, late]]);
  });

  it('of streams the tables do not name are left out', () => {
    expect(unitsOf(new Uint8Array([...PAT, ...pmt([0x1b, 0x100]), ...pes(0x101, 1, 1, IDR)]))).toEqual([]);
  });
});

describe('an inspector', () => {
  const frame = 3600;

  it('measures keyframes over the borders of segments', () => {
    const inspector = new Inspector(2);
    inspector.take(segment([0, 0, true], [frame, frame, false]));
    inspector.take(segment([2 * frame, 2 * frame, false]));
    inspector.take(segment([250 * frame, 250 * frame, true]));
    expect(inspector.report?.video).toMatchObject({ keyframeSeconds: 10, bFrames: false, framesPerSecond: 25 });
  });

  it('takes a constant offset of presentation for no B-frames, and reordering for them', () => {
    const offset = new Inspector(2);
    for (const at of [0, 1]) offset.take(segment([(at + 2) * frame, at * frame, at === 0]));
    expect(offset.report?.video?.bFrames).toBe(false);
    const reordered = new Inspector(2);
    reordered.take(segment([frame, 0, true], [4 * frame, frame, false], [2 * frame, 2 * frame, false]));
    reordered.take(segment([8 * frame, 8 * frame, true]));
    expect(reordered.report?.video?.bFrames).toBe(true);
  });

  it('calls HEVC by its name', () => {
    const inspector = new Inspector(2);
    const ts = new Uint8Array([...PAT, ...pmt([0x24, 0x100]), ...pes(0x100, 0, 0, [0, 0, 1, 0x26])]);
    inspector.take(ts);
    inspector.take(ts);
    expect(inspector.report).toEqual({ video: { codec: 'HEVC' }, segmentSeconds: 2 });
    expect(
      warningsOf({ media: { video: { codec: 'HEVC' }, audio: { codec: 'AAC' }, segmentSeconds: 2 } }),
    ).toMatchObject([{ code: 'hevc', setting: expect.stringContaining('libx264') }]);
  });

  it('says nothing after one segment, and stops when it knows enough', () => {
    const inspector = new Inspector(2);
    inspector.take(segment([0, 0, true]));
    expect(inspector.report).toBeUndefined();
    for (const at of [50, 100, 150]) inspector.take(segment([at * frame, at * frame, true]));
    expect(inspector.isDone).toBe(true);
  });

  it('survives any bytes', () => {
    const head = [...PAT, ...pmt([0x1b, 0x100], [0x0f, 0x101])];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1000 }), fc.uint8Array({ maxLength: 170 }), (noise, data) => {
        const inspector = new Inspector(2);
        inspector.take(noise);
        inspector.take(
          new Uint8Array([...head, ...pes(0x100, 0, 0, [0, 0, 1, 0x67, ...data].slice(0, 160)), ...noise]),
        );
        expect(inspector.report).toBeDefined();
      }),
    );
  });
});

describe('a parameter set', () => {
  it.each([
    ['320x180', '6742c00cda05067e7c0440000003004000000c83c50aa8', { width: 320, height: 180 }],
    ['1920x1080', '6742c028da01e0089f97011000000300100000030320f1832a', { width: 1920, height: 1080 }],
  ])('of x264 says %s', (_what, hex, size) => {
    expect(sizeOf(new Uint8Array(Buffer.from(hex, 'hex')))).toEqual(size);
  });

  it('that ends too early says nothing', () => {
    expect(sizeOf(new Uint8Array([0x67, 0x42]))).toBeUndefined();
  });

  it('is found among the units of a frame', () => {
    const bytes = new Uint8Array([0, 0, 0, 1, 0x09, 0xf0, 0, 0, 1, 0x67, 1, 2, 0, 0, 1, 0x65, 3]);
    expect([...nalUnits(bytes)].map(nalType)).toEqual([9, 7, 5]);
  });
});

describe('warnings', () => {
  it('name the setting to change', () => {
    const [warning] = warningsOf({
      media: {
        video: { codec: 'H264', keyframeSeconds: 10, framesPerSecond: 30 },
        audio: { codec: 'AAC' },
        segmentSeconds: 2,
      },
    });
    expect(warning).toMatchObject({ code: 'keyframe_interval', message: expect.stringContaining('every 10 s') });
    expect(warning?.setting).toContain('-g 60');
  });

  it('are none for an interval that is a frame longer than a segment', () => {
    expect(
      warningsOf({
        media: { video: { codec: 'H264', keyframeSeconds: 2.04 }, audio: { codec: 'AAC' }, segmentSeconds: 2 },
      }),
    ).toEqual([]);
  });
});
