import { connectionLost, type StatedPeer, stateReached, UNHEARD_MS } from '../../../web/sdk/peer-states';

/** A connection whose state a test sets. */
class Peer extends EventTarget implements StatedPeer {
  connectionState: RTCPeerConnectionState = 'connected';

  become(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.dispatchEvent(new Event('connectionstatechange'));
  }
}

/** Returns a reader that tells whether `promise` has resolved. */
function resolution(promise: Promise<void>): () => Promise<boolean> {
  let resolved = false;
  void promise.then(() => {
    resolved = true;
  });
  return async () => {
    await jest.advanceTimersByTimeAsync(0);
    return resolved;
  };
}

describe('a WebRTC connection', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it.each(['failed', 'closed'] as const)('is lost at once when it is %s', async (state) => {
    const peer = new Peer();
    const isLost = resolution(connectionLost(peer));
    expect(await isLost()).toBe(false);
    peer.become(state);
    expect(await isLost()).toBe(true);
  });

  it('is lost when the other end is not heard for five seconds more, and not before', async () => {
    const peer = new Peer();
    const isLost = resolution(connectionLost(peer));
    peer.become('disconnected');
    await jest.advanceTimersByTimeAsync(UNHEARD_MS - 1);
    expect(await isLost()).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect(await isLost()).toBe(true);
  });

  it('is kept when the other end is heard again in time, and judged again the next time', async () => {
    const peer = new Peer();
    const isLost = resolution(connectionLost(peer));
    for (let hiccup = 0; hiccup < 3; hiccup += 1) {
      peer.become('disconnected');
      await jest.advanceTimersByTimeAsync(UNHEARD_MS - 1);
      peer.become('connected');
      await jest.advanceTimersByTimeAsync(10 * UNHEARD_MS);
    }
    expect(await isLost()).toBe(false);
    peer.become('disconnected');
    await jest.advanceTimersByTimeAsync(UNHEARD_MS);
    expect(await isLost()).toBe(true);
  });

  it('is lost at once when it was lost before anybody asked', async () => {
    const peer = new Peer();
    peer.become('failed');
    expect(await resolution(connectionLost(peer))()).toBe(true);
  });

  it('is waited for until it is connected, or never will be', async () => {
    const peer = new Peer();
    const refused = new Peer();
    for (const each of [peer, refused]) each.become('connecting');
    const isThere = resolution(stateReached(peer, ['connected']));
    const isOver = resolution(stateReached(refused, ['connected']));
    peer.become('connected');
    expect([await isThere(), await isOver()]).toEqual([true, false]);
    refused.become('failed');
    expect(await isOver()).toBe(true);
  });
});
