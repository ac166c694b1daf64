import type { Node } from '../../../../functions/contract/state';
import { nodeSteps } from '../../../../functions/core/nodes/scale-in';
import type { GroupMember, GroupState } from '../../../../functions/ports/node-group';
import { nodeOf, reported, sessionOf } from '../../../support/streams';

const NOW = 10_000_000;
const LIMITS = { minNodes: 2, publishersPerNode: 10, idleSeconds: 600, drainSeconds: 3600 };
const ago = (seconds: number): number => NOW - seconds * 1000;

const node = (id: string, more: Partial<Node> = {}): Node => nodeOf({ id, heartbeatAt: NOW, ...more });
const idle = (id: string, more: Partial<Node> = {}): Node => node(id, { idleSince: ago(600), ...more });
const busy = (id: string, publishers = 1): Node =>
  node(id, { sessions: Array.from({ length: publishers }, (_, index) => reported(sessionOf(index + 1))) });
const drained = (id: string, more: Partial<Node> = {}): Node =>
  idle(id, { draining: true, drainingSince: ago(60), idleSince: ago(5), ...more });

const groupOf = (nodes: readonly Node[], more: Partial<GroupState> = {}): GroupState => ({
  members: nodes.map(({ id }): GroupMember => ({ id, state: 'running' })),
  wantedNodes: 2,
  ...more,
});
const steps = (nodes: readonly Node[], more: Partial<GroupState> = {}) =>
  nodeSteps(nodes, groupOf(nodes, more), LIMITS, NOW);

describe('an idle node', () => {
  it('is drained when the group can do without it', () => {
    expect(steps([busy('a'), busy('b'), idle('c')])).toEqual([{ kind: 'drain', nodeId: 'c' }]);
  });

  it('is drained alone: the one that was idle longest goes first', () => {
    expect(steps([idle('a'), idle('b', { idleSince: ago(900) }), idle('c'), busy('d')])).toEqual([
      { kind: 'drain', nodeId: 'b' },
    ]);
  });

  it.each<[string, Node[], Partial<GroupState>]>([
    ['it is one of the fewest there may be', [busy('a'), idle('b')], {}],
    ['the autoscaler wants as many', [busy('a'), busy('b'), idle('c')], { wantedNodes: 3 }],
    ['the autoscaler does not know yet', [busy('a'), busy('b'), idle('c')], { wantedNodes: undefined }],
    ['it was busy a moment ago', [busy('a'), busy('b'), idle('c', { idleSince: ago(599) })], {}],
    ['the others have no room', [busy('a', 9), busy('b', 8), idle('c')], {}],
    ['another one is on its way out', [busy('a'), busy('b'), idle('c'), node('d', { draining: true })], {}],
    ['it is not heard of', [busy('a'), busy('b'), idle('c', { heartbeatAt: ago(21) })], {}],
    ['others that would be left are not heard of', [busy('a'), node('b', { heartbeatAt: ago(21) }), idle('c')], {}],
    ['it serves viewers only', [busy('a'), busy('b'), idle('c', { role: 'edge' })], {}],
  ])('stays while %s', (_why, nodes, group) => {
    expect(steps(nodes, group)).toEqual([]);
  });

  it('stays while its VM is not in the group, or is being made again', () => {
    const nodes = [busy('a'), busy('b'), idle('c')];
    expect(nodeSteps(nodes, groupOf(nodes.slice(0, 2)), LIMITS, NOW)).toEqual([]);
    const members = groupOf(nodes).members.map((each) =>
      each.id === 'c' ? { ...each, state: 'moving' as const } : each,
    );
    expect(steps(nodes, { members })).toEqual([]);
  });

  it('goes with room to spare: up to four fifths of what makes the autoscaler add one', () => {
    expect(steps([busy('a', 8), busy('b', 8), idle('c')])).toEqual([{ kind: 'drain', nodeId: 'c' }]);
  });
});

describe('a node that drains', () => {
  it('is removed once it has nothing left, while the group is larger than its minimum', () => {
    expect(steps([busy('a'), busy('b'), drained('c')])).toEqual([{ kind: 'remove', nodeId: 'c' }]);
  });

  it('is replaced where the group is as small as it may be', () => {
    expect(steps([busy('a'), drained('b')])).toEqual([{ kind: 'replace', nodeId: 'b' }]);
  });

  it('is one of several: as many are removed as the minimum allows, the others replaced', () => {
    expect(steps([busy('a'), drained('b'), drained('c')])).toEqual([
      { kind: 'remove', nodeId: 'b' },
      { kind: 'replace', nodeId: 'c' },
    ]);
  });

  it.each<[string, Partial<Node>]>([
    ['has not heard of it yet', { drainingSince: undefined }],
    ['still has a session or uploads', { idleSince: undefined }],
    ['is not heard of: autohealing sees to it', { heartbeatAt: ago(21) }],
    ['was ordered away a moment ago', { removedAt: ago(299) }],
  ])('stays while it %s', (_why, more) => {
    const { idleSince, drainingSince, ...rest } = drained('c', more);
    const known = {
      ...rest,
      ...(idleSince === undefined ? {} : { idleSince }),
      ...(drainingSince === undefined ? {} : { drainingSince }),
    };
    expect(steps([busy('a'), busy('b'), known])).toEqual([]);
  });

  it('goes at its deadline with whatever it still has', () => {
    const late = { ...busy('c'), draining: true, drainingSince: ago(3600) };
    expect(steps([busy('a'), busy('b'), late])).toEqual([{ kind: 'remove', nodeId: 'c' }]);
    expect(steps([busy('a'), busy('b'), { ...late, drainingSince: ago(3599) }])).toEqual([]);
  });

  it('is ordered away again when nothing came of it for five minutes', () => {
    expect(steps([busy('a'), busy('b'), drained('c', { removedAt: ago(300) })])).toEqual([
      { kind: 'remove', nodeId: 'c' },
    ]);
  });

  it('counts as gone as soon as it was ordered away, or leaves', () => {
    const ordered = drained('b', { removedAt: ago(10) });
    const leaving = drained('c');
    expect(steps([busy('a'), ordered, leaving])).toEqual([{ kind: 'replace', nodeId: 'c' }]);
    const nodes = [busy('a'), drained('b'), drained('c')];
    const members = groupOf(nodes).members.map((each) =>
      each.id === 'b' ? { ...each, state: 'leaving' as const } : each,
    );
    expect(steps(nodes, { members })).toEqual([{ kind: 'replace', nodeId: 'c' }]);
  });
});
