import { addKick, decideHeartbeat, planCutoff } from '../../../../functions/core/publish/heartbeat';
import { heartbeatOf, nodeOf, reported, STREAM_ID, sessionOf } from '../../../support/streams';

const NOW = 1_000_000;
const kick = (at: number) => ({ streamId: STREAM_ID, sessionId: sessionOf(1).id, reason: 'superseded', at });
const command = { kind: 'kick', streamId: STREAM_ID, sessionId: sessionOf(1).id, reason: 'superseded' };

describe('decideHeartbeat', () => {
  it('keeps what a node says of itself', () => {
    const sessions = [reported(sessionOf(1), { pendingSegments: 2 })];
    const { node, commands } = decideHeartbeat(undefined, heartbeatOf({ sessions, spoolBytes: 7 }), NOW);
    expect(node).toEqual(nodeOf({ sessions, spoolBytes: 7, heartbeatAt: NOW }));
    expect(commands).toEqual([]);
  });

  it('keeps where a node is, and forgets it when it no longer says so', () => {
    const there = decideHeartbeat(undefined, { ...heartbeatOf(), region: 'europe-west1' }, NOW).node;
    expect(there.region).toBe('europe-west1');
    expect(decideHeartbeat(there, heartbeatOf(), NOW).node.region).toBeUndefined();
  });

  it('repeats a kick until the session is no longer published', () => {
    const known = nodeOf({ kicks: [kick(0)] });
    const still = decideHeartbeat(known, heartbeatOf({ sessions: [reported(sessionOf(1))] }), NOW);
    expect(still.commands).toEqual([command]);
    expect(still.node.kicks).toEqual([kick(0)]);
    const gone = decideHeartbeat(
      known,
      heartbeatOf({ sessions: [reported(sessionOf(1), { publishing: false })] }),
      NOW,
    );
    expect(gone).toMatchObject({ commands: [], node: { kicks: [] } });
  });

  it('keeps a young kick of a session which is not named yet', () => {
    expect(decideHeartbeat(nodeOf({ kicks: [kick(NOW - 12_000)] }), heartbeatOf(), NOW).commands).toEqual([command]);
    expect(decideHeartbeat(nodeOf({ kicks: [kick(NOW - 12_001)] }), heartbeatOf(), NOW).commands).toEqual([]);
  });

  it('tells a node to drain that was marked so, until it does', () => {
    const told = decideHeartbeat(nodeOf({ draining: true }), heartbeatOf(), NOW);
    expect(told).toMatchObject({ commands: [{ kind: 'drain' }], node: { draining: true } });
    expect(decideHeartbeat(told.node, heartbeatOf({ draining: true }), NOW)).toMatchObject({
      commands: [],
      node: { draining: true },
    });
  });

  it('knows since when a node has nothing to do, and since when it says that it drains', () => {
    const first = decideHeartbeat(undefined, heartbeatOf(), NOW).node;
    expect(first).toMatchObject({ idleSince: NOW });
    expect(first).not.toHaveProperty('drainingSince');
    const second = decideHeartbeat(first, heartbeatOf({ draining: true }), NOW + 1).node;
    expect(second).toMatchObject({ idleSince: NOW, drainingSince: NOW + 1 });
    const third = decideHeartbeat(second, heartbeatOf({ draining: true, spoolBytes: 1 }), NOW + 2).node;
    expect(third).toMatchObject({ drainingSince: NOW + 1 });
    expect(third).not.toHaveProperty('idleSince');
    expect(decideHeartbeat(third, heartbeatOf({ draining: true }), NOW + 3).node).toMatchObject({ idleSince: NOW + 3 });
  });

  it('keeps that a VM was ordered away until SRS starts again there', () => {
    const ordered = nodeOf({ removedAt: 5 });
    expect(decideHeartbeat(ordered, heartbeatOf(), NOW).node).toMatchObject({ removedAt: 5 });
    expect(decideHeartbeat(ordered, heartbeatOf({ serviceId: 'service-2' }), NOW).node).not.toHaveProperty('removedAt');
  });

  it('begins afresh with a new start of SRS', () => {
    const { node, commands } = decideHeartbeat(
      nodeOf({ draining: true }),
      heartbeatOf({ serviceId: 'service-2' }),
      NOW,
    );
    expect(commands).toEqual([]);
    expect(node).toMatchObject({ draining: false, serviceId: 'service-2' });
  });

  it('never goes back in time, whatever the clocks of two instances say', () => {
    expect(decideHeartbeat(nodeOf({ heartbeatAt: NOW + 5 }), heartbeatOf(), NOW).node.heartbeatAt).toBe(NOW + 5);
  });
});

describe('addKick', () => {
  const why = { reason: 'superseded', at: NOW };
  const whom = { nodeId: 'node-1', streamId: STREAM_ID, sessionId: sessionOf(1).id };

  it('adds a kick once', () => {
    const node = addKick(nodeOf(), whom, why);
    expect(node?.kicks).toEqual([kick(NOW)]);
    expect(addKick(node, whom, why)).toBeUndefined();
  });

  it('has nothing to tell a node nobody heard of', () => {
    expect(addKick(undefined, whom, why)).toBeUndefined();
  });
});

describe('planCutoff', () => {
  const session = { nodeId: 'node-1', streamId: STREAM_ID, sessionId: sessionOf(1).id };
  const cutoff = { at: NOW + 60_000, reason: 'duration_cap' } as const;
  const planned = planCutoff(nodeOf(), session, { cutoff, at: NOW });
  const beat = (at: number, more = {}) =>
    decideHeartbeat(planned, heartbeatOf({ sessions: [reported(sessionOf(1), more)] }), at);

  it('hands the kick over once its time has come, and not before', () => {
    expect(beat(NOW + 59_999)).toMatchObject({ commands: [], node: { kicks: [{ due: NOW + 60_000 }] } });
    expect(beat(NOW + 60_000).commands).toEqual([{ ...command, reason: 'duration_cap' }]);
  });

  it('is forgotten with its session', () => {
    expect(beat(NOW + 30_000, { publishing: false }).node.kicks).toEqual([]);
  });

  it('takes the place of the one before, and can be taken back', () => {
    const later = planCutoff(planned, session, { cutoff: { ...cutoff, at: NOW + 90_000 }, at: NOW });
    expect(later?.kicks).toEqual([{ ...kick(NOW), reason: 'duration_cap', due: NOW + 90_000 }]);
    expect(planCutoff(later, session, { at: NOW })?.kicks).toEqual([]);
  });

  it('gives way to a kick that holds now', () => {
    const told = addKick(planned, session, { reason: 'superseded', at: NOW });
    expect(told?.kicks).toEqual([kick(NOW)]);
    expect(planCutoff(told, session, { cutoff, at: NOW })).toBeUndefined();
  });

  it('changes nothing twice, nor a node nobody heard of', () => {
    expect(planCutoff(planned, session, { cutoff, at: NOW })).toBeUndefined();
    expect(planCutoff(nodeOf(), session, { at: NOW })).toBeUndefined();
    expect(planCutoff(undefined, session, { cutoff, at: NOW })).toBeUndefined();
  });
});
