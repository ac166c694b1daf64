import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { avcCodec, describeMedia } from '../../../../srs-image/agent/inspect/codecs';
import { lockSpool } from '../../../../srs-image/agent/runtime/lock';
import { assertSameMount } from '../../../../srs-image/agent/runtime/same-mount';
import { applyRecord } from '../../../../srs-image/agent/session/session-events';
import { newSession, type SessionSegment, type SessionState } from '../../../../srs-image/agent/session/session-state';
import { Semaphore } from '../../../../srs-image/agent/upload/semaphore';
import { grantOf, KEY } from '../rig';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'agent-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('the lock of a spool', () => {
  it('is refused to a second agent, with a sentence', () => {
    const unlock = lockSpool(root);
    expect(() => lockSpool(root)).toThrow(
      `the spool ${root} is in use by another agent, process ${process.pid}: end it, or use another spoolRoot`,
    );
    unlock();
    lockSpool(root)();
  });

  it.each([
    ['of a process that is gone', JSON.stringify({ pid: 4_000_000, startedAt: '1' })],
    ['of a process id that came back', JSON.stringify({ pid: process.pid, startedAt: '1' })],
    ['that was cut off', '{"pi'],
  ])('%s is taken over', (_what, content) => {
    writeFileSync(join(root, 'agent.lock'), content);
    lockSpool(root)();
  });
});

describe('two folders', () => {
  it('of one mount will do', () => {
    expect(() => assertSameMount(join(root, 'hls'), join(root, 'spool'))).not.toThrow();
  });

  it('of two mounts are refused with a sentence', () => {
    expect(() => assertSameMount('/proc/self', join(root, 'spool'))).toThrow(/use two folders of one mount/);
  });
});

describe('codecs', () => {
  /** One packet: header, PES header, access unit delimiter, then a parameter set with these three bytes. */
  const segment = (at: number, ...bytes: number[]): Uint8Array => {
    const ts = new Uint8Array(188 * 4).fill(0xff);
    ts.set([0, 0, 1, 0x67, ...bytes], at);
    return ts;
  };

  it.each([
    ['avc1.42c00d', [0x42, 0xc0, 0x0d]],
    ['avc1.640028', [0x64, 0x00, 0x28]],
  ])('reads %s out of the parameter set', (codec, bytes) => {
    expect(avcCodec(segment(40, ...bytes))).toBe(codec);
  });

  it('does not take three bytes over a packet border', () => {
    expect(avcCodec(segment(183, 0x42, 0xc0, 0x0d))).toBeUndefined();
  });

  it('lists codecs only when each is certain', () => {
    const video = { codec: 'H264', width: 1280, height: 720 };
    const ts = segment(40, 0x64, 0, 0x1f);
    expect(describeMedia(ts, { video, audio: { codec: 'AAC', profile: 'LC' } })).toEqual({
      codecs: 'avc1.64001f,mp4a.40.2',
      width: 1280,
      height: 720,
    });
    expect(describeMedia(ts, { video })).toMatchObject({ codecs: 'avc1.64001f' });
    expect(describeMedia(ts, { video, audio: { codec: 'MP3', profile: '' } })).toEqual({ width: 1280, height: 720 });
    expect(describeMedia(ts, { video: { codec: 'HEVC', width: 0, height: 0 } })).toEqual({});
    expect(describeMedia(ts, {})).toEqual({});
  });
});

describe('the bandwidth of a session', () => {
  const start: SessionState = newSession({
    grant: grantOf(1),
    keyHash: KEY,
    client: { clientId: 'c', serviceId: 's', since: 0 },
    publishedAs: { server_id: 'node-1', ip: '', vhost: '', tcUrl: '' },
    windowMs: 60_000,
  });
  const taken = (state: SessionState, bytes: number, durationMs: number): SessionState => {
    const segment: SessionSegment = {
      index: state.nextIndex,
      file: 'x',
      seqNo: 0,
      openedAt: 0,
      durationMs,
      bytes,
      programDateTimeMs: 0,
      discontinuity: false,
    };
    return applyRecord(state, { kind: 'taken', segment });
  };

  it('is the peak in steps of 50 kbit/s and never falls', () => {
    const high = taken(start, 150_001, 2000);
    expect(high.bandwidth).toBe(650_000);
    expect(taken(high, 1000, 2000).bandwidth).toBe(650_000);
  });

  it('does not count a stub at the end', () => {
    expect(taken(taken(start, 100_000, 2000), 100_000, 100).bandwidth).toBe(400_000);
  });
});

describe('the gate', () => {
  it('lets so many through at once, the others in their order, failures too', async () => {
    const gate = new Semaphore(() => 2);
    const order: string[] = [];
    const ends: (() => void)[] = [];
    const work = (name: string) => () =>
      new Promise<void>((resolve) => {
        order.push(name);
        ends.push(resolve);
      });
    const all = ['a', 'b', 'c', 'd'].map((name) => gate.run(work(name)));
    expect(order).toEqual(['a', 'b']);
    ends[1]?.();
    await all[1];
    await Promise.resolve();
    expect(order).toEqual(['a', 'b', 'c']);
    await expect(gate.run(() => Promise.reject(new Error('no'))).catch(String)).resolves;
    for (let i = 0; i < 4; i += 1) {
      for (const end of ends) end();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(all);
    expect(order).toEqual(['a', 'b', 'c', 'd']);
  });
});
