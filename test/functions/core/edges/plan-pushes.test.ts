import fc from 'fast-check';
import type { Edges } from '../../../../functions/contract/hooks/edges';
import type { Node } from '../../../../functions/contract/state';
import { edgesToPlayFrom } from '../../../../functions/core/edges/edge-state';
import {
  concernsEdges,
  DRAIN_EDGE_MS,
  FIRST_EDGE_AT,
  planPushes,
  VIEWERS_PER_EDGE,
} from '../../../../functions/core/edges/plan-pushes';
import { addPushToken, PUSH_TOKEN_MS } from '../../../../functions/core/publish/push-token';
import { nodeOf, reported, STREAM_ID, sessionOf } from '../../../support/streams';

const NOW = 1_000_000;
const SESSION = '1-aaaaaaa1';
const COPY = { streamId: STREAM_ID, sessionId: SESSION };

const edge = (id: string, more: Partial<Node> = {}): Node =>
  nodeOf({
    id,
    role: 'edge',
    heartbeatAt: NOW,
    viewers: { playing: 0, most: 500 },
    reach: { agentUrl: `http://${id}:8086`, push: { host: id, port: 1935 } },
    ...more,
  });
const withCopy = (id: string, viewers: number, more: Partial<Node> = {}): Node =>
  edge(id, { copies: [{ ...COPY, viewers }], viewers: { playing: viewers, most: 500 }, ...more });

function origin(edges: Edges | undefined, { viewers = 0, on = [] }: { viewers?: number; on?: string[] } = {}): Node {
  return nodeOf({
    heartbeatAt: NOW,
    sessions: [reported(sessionOf(1), { viewers, ...(edges !== undefined && { edges }) })],
    pushes: on.map((edgeId) => ({ ...COPY, edgeId })),
  });
}

const planned = (from: Node, nodes: readonly Node[], nowMs = NOW) => {
  const { begin, end } = planPushes(from, nodes, nowMs);
  return { begin: begin.map((each) => each.edge.id), end: end.map(({ edgeId }) => edgeId) };
};
const NOTHING = { begin: [], end: [] };

describe('the copies of a stream on edges', () => {
  it('are as many as the stream wants, on the emptiest edges', () => {
    const nodes = [edge('a', { viewers: { playing: 9, most: 10 } }), edge('b'), edge('c')];
    expect(planned(origin(2), nodes)).toEqual({ begin: ['b', 'c'], end: [] });
    expect(planned(origin(3), nodes)).toEqual({ begin: ['b', 'c', 'a'], end: [] });
    expect(planned(origin('none'), nodes)).toEqual(NOTHING);
    expect(planned(origin(undefined), nodes)).toEqual(NOTHING);
  });

  it('stay where they are, whatever edge is emptier', () => {
    expect(planned(origin(1, { on: ['a'] }), [withCopy('a', 400), edge('b')])).toEqual(NOTHING);
  });

  it('go to edges of the region of their origin first', () => {
    const from = { ...origin(1), region: 'europe-west1' };
    expect(planned(from, [edge('a', { region: 'us-east1' }), edge('b', { region: 'europe-west1' })]).begin).toEqual([
      'b',
    ]);
  });

  it.each<[string, Partial<Node>]>([
    ['drains', { draining: true }],
    ['was not heard of', { heartbeatAt: NOW - 21_000 }],
    ['is full', { viewers: { playing: 500, most: 500 } }],
    ['has told of no gate', { reach: { agentUrl: 'http://a:8086' } }],
    ['is an origin', { role: 'origin' }],
  ])('never begin on a node that %s', (_why, more) => {
    expect(planned(origin(1), [edge('a', more)])).toEqual(NOTHING);
  });

  it('move from an edge that drains: another one gets its copy at once, and it loses its own after 30 s', () => {
    const from = origin(1, { on: ['a'] });
    const draining = withCopy('a', 10, { draining: true, drainingSince: NOW });
    expect(planned(from, [draining, edge('b')])).toEqual({ begin: ['b'], end: [] });
    const later = NOW + DRAIN_EDGE_MS;
    const both = origin(1, { on: ['a', 'b'] });
    expect(
      planned(both, [{ ...draining, heartbeatAt: later }, withCopy('b', 0, { heartbeatAt: later })], later),
    ).toEqual({
      begin: [],
      end: ['a'],
    });
  });

  it('are replaced at once when an edge is lost, on one that was heard of lately', () => {
    const silent = edge('a', { heartbeatAt: NOW - 13_000 });
    const fresh = edge('b');
    expect(planned(origin(1), [silent, fresh]).begin).toEqual(['b']);
  });

  it('begin once for each order: the next one is made when the first cannot have come to anything', () => {
    const ordered = addPushToken(edge('a'), `sle_${'a'.repeat(32)}`, COPY, NOW) ?? edge('a');
    const at = (ms: number) => [ordered, edge('b')].map((node) => ({ ...node, heartbeatAt: NOW + ms }));
    expect(planned(origin(1), at(1000), NOW + 1000)).toEqual(NOTHING);
    expect(planned(origin(1), at(4000), NOW + 4000).begin).toEqual(['b']);
    const after = NOW + PUSH_TOKEN_MS + 61_000;
    expect(planned(origin(1), at(PUSH_TOKEN_MS + 61_000), after).begin).toEqual(['a']);
  });

  it('follow the viewers with auto, and do not go to and fro at a limit', () => {
    const few = FIRST_EDGE_AT - 1;
    expect(planned(origin('auto', { viewers: few }), [edge('a')])).toEqual(NOTHING);
    expect(planned(origin('auto', { viewers: FIRST_EDGE_AT }), [edge('a'), edge('b')]).begin).toEqual(['a']);
    expect(planned(origin('auto', { on: ['a'] }), [withCopy('a', few), edge('b')])).toEqual(NOTHING);
    expect(planned(origin('auto', { on: ['a'] }), [withCopy('a', VIEWERS_PER_EDGE + 1), edge('b')]).begin).toEqual([
      'b',
    ]);
    const both = [withCopy('a', 90), withCopy('b', 20)];
    expect(planned(origin('auto', { on: ['a', 'b'] }), both)).toEqual(NOTHING);
    const fewer = [withCopy('a', 90), withCopy('b', 5)];
    expect(planned(origin('auto', { on: ['a', 'b'] }), fewer)).toEqual({ begin: [], end: ['b'] });
    expect(planned(origin('auto', { on: ['a'] }), [withCopy('a', FIRST_EDGE_AT / 2 - 1)])).toEqual({
      begin: [],
      end: ['a'],
    });
  });

  it('hold for any nodes: never more than wanted, never twice on one edge, and once all run nothing changes', () => {
    const anyEdge = fc.record({
      playing: fc.nat(10),
      draining: fc.boolean(),
      age: fc.constantFrom(0, 13_000, 30_000),
      role: fc.constantFrom<Node['role']>('edge', 'edge', 'origin'),
    });
    fc.assert(
      fc.property(
        fc.array(anyEdge, { maxLength: 8 }),
        fc.constantFrom<Edges>('none', 'auto', 1, 2, 5),
        fc.nat(900),
        fc.uniqueArray(fc.nat(7), { maxLength: 4 }),
        (all, policy, viewers, on) => {
          const nodes = all.map(({ playing, draining, age, role }, index) =>
            edge(`n${index}`, { draining, role, heartbeatAt: NOW - age, viewers: { playing, most: 10 } }),
          );
          const from = origin(policy, { viewers, on: on.map((index) => `n${index}`) });
          const { begin, end } = planned(from, nodes);
          const usable = nodes.filter((n) => n.role === 'edge' && !n.draining && NOW - n.heartbeatAt <= 20_000);
          const held = usable.filter(({ id }) => on.includes(Number(id.slice(1))));
          const most = policy === 'auto' ? 10 : policy === 'none' ? 0 : policy;
          expect(begin.length === 0 || begin.length + held.length <= most).toBe(true);
          expect(new Set([...begin, ...held.map(({ id }) => id)]).size).toBe(begin.length + held.length);
          expect(begin.every((id) => usable.some((n) => n.id === id && (n.viewers?.playing ?? 0) < 10))).toBe(true);
          const pushed = [...on.map((index) => `n${index}`), ...begin].filter((id) => !end.includes(id));
          expect(planned({ ...origin(policy, { viewers, on: pushed }) }, nodes)).toEqual(NOTHING);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('concern nobody whose sessions name no edges', () => {
    expect(concernsEdges(origin(undefined))).toBe(false);
    expect(concernsEdges(edge('a'))).toBe(false);
    expect(concernsEdges(origin('auto'))).toBe(true);
    expect(concernsEdges(origin(undefined, { on: ['a'] }))).toBe(true);
  });
});

describe('the edges that a viewer is sent to', () => {
  const names = (from: Node, nodes: readonly Node[]) => edgesToPlayFrom(COPY, from, nodes, NOW).map(({ id }) => id);

  it('are those that say they have the session and that its origin pushes to, the emptiest first', () => {
    const nodes = [withCopy('a', 30), withCopy('b', 10), edge('c'), withCopy('d', 0)];
    expect(names(origin(3, { on: ['a', 'b', 'c'] }), nodes)).toEqual(['b', 'a']);
  });

  it.each<[string, Partial<Node>]>([
    ['drains', { draining: true }],
    ['is full', { viewers: { playing: 500, most: 500 } }],
    ['was not heard of', { heartbeatAt: NOW - 21_000 }],
    ['has another session', { copies: [{ ...COPY, sessionId: '2-bbbbbbbb', viewers: 1 }] }],
  ])('are never one that %s', (_why, more) => {
    expect(names(origin(1, { on: ['a'] }), [withCopy('a', 1, more)])).toEqual([]);
  });
});
