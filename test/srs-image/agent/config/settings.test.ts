import { withLevel } from '../../../../functions/adapters/log';
import { AgentEnv } from '../../../../functions/contract/env/agent';
import { type ConfigSource, ConfigWatch } from '../../../../srs-image/agent/config/config-watch';
import { checkSettings } from '../../../../srs-image/agent/config/settings';
import { AGENT_ENV } from '../../../support/agent-env';
import { keptLog } from '../../../support/delivery';
import { virtualClock } from '../../../support/virtual-clock';
import { API, Rig } from '../rig';

const text = (more: object = {}): string => JSON.stringify({ ...AGENT_ENV, ...more });
const current = AgentEnv.parse(AGENT_ENV);

describe('a new configuration', () => {
  it('of the same values is the same, however it is written', () => {
    expect(checkSettings(current, JSON.stringify({ logLevel: 'info', ...AGENT_ENV }, undefined, 2))).toEqual({
      kind: 'same',
    });
  });

  it('may change what is read when it is needed', () => {
    const more = {
      heartbeatSeconds: 1,
      sessionWindowSeconds: 60,
      evacuateAfterSeconds: 60,
      spoolLimitBytes: 1 << 20,
      uploadsAtOnce: 4,
      callers: ['api@project.iam.gserviceaccount.com'],
      logLevel: 'warn',
    };
    const verdict = checkSettings(current, text(more));
    expect(verdict).toMatchObject({ kind: 'changed', env: more });
    expect('fields' in verdict && verdict.fields.sort()).toEqual(Object.keys(more).sort());
  });

  it.each<[string, string, string[]]>([
    [
      'a value out of bounds',
      text({ heartbeatSeconds: 99 }),
      ['heartbeatSeconds: got 99; Too big: expected number to be <=10'],
    ],
    [
      'a value of another kind',
      text({ logLevel: 'debug' }),
      ['logLevel: got "debug"; Invalid option: expected one of "info"|"warn"|"error"'],
    ],
    ['a misspelt field', text({ hartbeatSeconds: 5 }), ['agent-env: got {"role"']],
    ['a field that is gone', text({ hooksUrl: undefined }), ['hooksUrl: got nothing; Invalid input']],
    ['no JSON', 'heartbeatSeconds: 5', ["agent-env: got 'heartbeatSeconds: 5'; use JSON"]],
    ['no object', '[]', ['agent-env: got []; Invalid input: expected object']],
    ['what is wired once', text({ hooksPort: 9000 }), ['hooksPort: got 9000; must stay 8085 while the agent runs']],
    ['what was absent', text({ srtPort: 10_080 }), ['srtPort: got 10080; must stay absent while the agent runs']],
    [
      'a good value beside two bad ones',
      text({ logLevel: 'warn', role: 'edge', publicPort: 1 }),
      ['role: got "edge"', 'publicPort: got 1;'],
    ],
  ])('is refused whole with %s, by field, value and what is allowed', (_what, given, expected) => {
    const verdict = checkSettings(current, given);
    if (verdict.kind !== 'refused') throw new Error(verdict.kind);
    expect(verdict.problems).toHaveLength(expected.length);
    for (const [index, start] of expected.entries())
      expect(verdict.problems[index]?.slice(0, start.length)).toBe(start);
  });
});

describe('watching the configuration', () => {
  /** A source whose answers the test gives. */
  function watching() {
    const clock = virtualClock();
    const log = keptLog();
    const env = AgentEnv.parse(AGENT_ENV);
    const stop = new AbortController();
    const asked: (string | undefined)[] = [];
    let state: { text: string; etag: string } | Error = { text: text(), etag: 'e1' };
    const source: ConfigSource = async (known) => {
      asked.push(known);
      for (;;) {
        if (state instanceof Error) throw state;
        if (state.etag !== known) return state;
        await clock.sleep(10_000);
      }
    };
    const watch = new ConfigWatch({ env, source, clock, log });
    void watch.run(stop.signal);
    const set = async (next: typeof state) => {
      state = next;
      await clock.run(clock.now() + 130_000);
    };
    return { clock, log, inForce: watch.inForce, watch, asked, set, stop };
  }

  it('takes over a change, tells of each field, and waits for the next', async () => {
    const { inForce, log, asked, set } = watching();
    await set({ text: text({ spoolLimitBytes: 2 << 20, logLevel: 'warn' }), etag: 'e2' });
    expect(inForce()).toMatchObject({ spoolLimitBytes: 2 << 20, logLevel: 'warn', hooksPort: 8085 });
    expect(log.lines).toEqual([
      {
        level: 'info',
        event: 'config_changed',
        fields: { spoolLimitBytes: { before: 1 << 30, now: 2 << 20 }, logLevel: { before: 'info', now: 'warn' } },
      },
    ]);
    expect(asked).toEqual([undefined, 'e1', 'e2']);
  });

  it('keeps what is in force when the new one is wrong, says why once, and takes the one that mends it', async () => {
    const { inForce, log, set } = watching();
    await set({ text: text({ heartbeatSeconds: 99 }), etag: 'e2' });
    await set({ text: text({ heartbeatSeconds: 99 }), etag: 'e2' });
    expect(inForce()).toEqual(current);
    expect(log.lines).toMatchObject([
      {
        level: 'error',
        event: 'config_refused',
        fields: { problems: [expect.stringContaining('heartbeatSeconds: got 99')] },
      },
    ]);
    await set({ text: text({ heartbeatSeconds: 9 }), etag: 'e3' });
    expect(inForce().heartbeatSeconds).toBe(9);
  });

  it('lives with a source that is away, and says it once', async () => {
    const { inForce, log, asked, set } = watching();
    await set(new Error('the metadata server answered 503'));
    const tries = asked.length;
    await set(new Error('the metadata server answered 503'));
    expect(asked.length - tries).toBeLessThan(5);
    await set({ text: text({ heartbeatSeconds: 2 }), etag: 'e2' });
    expect(inForce().heartbeatSeconds).toBe(2);
    expect(log.lines.map(({ event }) => event)).toEqual(['config_unreadable', 'config_readable', 'config_changed']);
  });

  it('reads again when it is asked to, and judges what was refused once more', async () => {
    const { log, watch, set, stop } = watching();
    await set({ text: text({ role: 'edge' }), etag: 'e2' });
    await watch.reload(stop.signal);
    expect(log.lines.map(({ event }) => event)).toEqual(['config_refused', 'config_asked', 'config_refused']);
  });
});

describe("a change of the running agent's settings", () => {
  let rig: Rig;
  beforeEach(() => {
    rig = new Rig();
  });
  afterEach(() => rig.dispose());

  it('heartbeats come at the new pace', async () => {
    await rig.run(10_000);
    const before = rig.cloud.heartbeats().length;
    rig.settings.heartbeatSeconds = 10;
    await rig.run(42_000);
    expect(rig.cloud.heartbeats().length - before).toBe(5);
  });

  it('a deadline of publishers on a draining node moves', async () => {
    await rig.publish();
    rig.agent.drain();
    await rig.run(60_000);
    expect(rig.srs.kicked).toEqual([]);
    rig.settings.evacuateAfterSeconds = 50;
    await rig.run(2000);
    expect(rig.srs.kicked).toContain('client1');
  });

  it('other callers are let in, and no more those of before', async () => {
    rig.settings.callers = ['other@project.iam.gserviceaccount.com'];
    expect(await rig.get('/metrics', API)).toMatchObject({ status: 403 });
    expect(await rig.get('/metrics', 'other@project.iam.gserviceaccount.com')).toMatchObject({ status: 200 });
  });

  it('a smaller quota drops what waits at the next segment, and says so', async () => {
    rig.dispose();
    rig = new Rig({ through: (store) => ({ ...store, write: () => Promise.reject(new Error('away')) }) });
    await rig.publish();
    for (let count = 0; count < 5; count += 1) await rig.segment();
    expect(rig.events('segment_dropped')).toEqual([]);
    rig.settings.spoolLimitBytes = 3000;
    await rig.segment();
    expect(rig.events('segment_dropped')).toHaveLength(3);
  });
});

describe('the level of the log', () => {
  it('leaves lower lines out, from the moment it changes', () => {
    const kept = keptLog();
    let level: 'info' | 'warn' | 'error' = 'info';
    const log = withLevel(kept, () => level);
    for (const next of ['info', 'warn', 'error'] as const) {
      level = next;
      log.info('a');
      log.warn('b');
      log.error('c');
    }
    expect(kept.lines.map(({ level: own }) => own)).toEqual(['info', 'warn', 'error', 'warn', 'error', 'error']);
  });
});
