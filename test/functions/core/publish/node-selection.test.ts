import type { Node } from '../../../../functions/contract/state';
import { refusalToPublish } from '../../../../functions/core/publish/may-publish';
import { nodesToPublishTo, nodeToPlayFrom } from '../../../../functions/core/publish/node-selection';
import { KEY, nodeOf, OTHER_KEY, publishedStream, reported, sessionOf, streamOf } from '../../../support/streams';

const NOW = 1_000_000;
const node = (id: string, more: Partial<Node> = {}): Node =>
  nodeOf({ id, heartbeatAt: NOW, reach: { agentUrl: `http://${id}:8086` }, ...more });
const busy = (count: number) => Array.from({ length: count }, (_, at) => reported(sessionOf(at + 1)));

describe('the nodes to publish to', () => {
  it('begin with the one that has the fewest publishers', () => {
    const nodes = [
      node('b', { sessions: busy(2) }),
      node('c', { sessions: busy(1) }),
      node('a', { sessions: busy(2) }),
    ];
    expect(nodesToPublishTo(nodes, NOW).map(({ id }) => id)).toEqual(['c', 'a', 'b']);
  });

  it('begin with those of the region nearby, and end with the others', () => {
    const nodes = [node('a', { region: 'far' }), node('b', { region: 'near', sessions: busy(3) }), node('c')];
    expect(nodesToPublishTo(nodes, NOW, 'near').map(({ id }) => id)).toEqual(['b', 'a', 'c']);
    expect(nodesToPublishTo(nodes, NOW).map(({ id }) => id)).toEqual(['a', 'c', 'b']);
  });

  it('do not count uploads that go on', () => {
    const uploading = busy(5).map((session) => ({ ...session, publishing: false }));
    expect(nodesToPublishTo([node('a', { sessions: busy(1) }), node('b', { sessions: uploading })], NOW)[0]?.id).toBe(
      'b',
    );
  });

  it.each([
    ['drains', { draining: true }],
    ['was not heard of lately', { heartbeatAt: NOW - 21_000 }],
    ['is an edge', { role: 'edge' as const }],
    ['does not say where it is', { reach: undefined }],
  ])('leave out one that %s', (_why, more) => {
    expect(nodesToPublishTo([{ ...node('a'), ...more }], NOW)).toEqual([]);
  });
});

describe('the node to play from', () => {
  const live = publishedStream({ nodeId: 'a', startedAt: NOW - 60_000 });
  const publishing = { sessions: [reported(sessionOf(1))] };

  it('is the one whose publisher is live', () => {
    expect(nodeToPlayFrom(live, [node('b'), node('a', publishing)], NOW)?.id).toBe('a');
  });

  it.each([
    ['nobody publishes', live, [node('a')]],
    ['nobody ever published', streamOf(), [node('a', publishing)]],
    ['it was not heard of lately', live, [node('a', { ...publishing, heartbeatAt: NOW - 21_000 })]],
  ])('is none while %s', (_why, stream, nodes) => {
    expect(nodeToPlayFrom(stream, nodes, NOW)).toBeUndefined();
  });
});

describe('a newcomer', () => {
  const question = { address: '192.0.2.7', node: node('a'), publishingMode: 'all' as const, at: NOW };

  it.each([
    ['the key', KEY, undefined],
    ['another key', OTHER_KEY, 'wrong_key'],
    ['no key', undefined, 'wrong_key'],
    ['something else', 'x&key=y', 'wrong_key'],
  ])('with %s is answered %p', (_what, key, error) => {
    expect(refusalToPublish(streamOf(), { ...question, key })?.error).toBe(error);
  });

  it('for no stream is not admitted', () => {
    expect(refusalToPublish(undefined, { ...question, key: KEY })?.error).toBe('unknown_stream');
  });

  it('is not admitted after too many takeovers', () => {
    const fought = publishedStream({ nodeId: 'a' }, { takeovers: [NOW - 1, NOW - 2, NOW - 3] });
    expect(refusalToPublish(fought, { ...question, key: KEY })?.error).toBe('takeover_limit');
  });
});
