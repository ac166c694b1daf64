/** The part of a peer connection that tells its state. */
export type StatedPeer = Pick<RTCPeerConnection, 'connectionState' | 'addEventListener' | 'removeEventListener'>;

/**
 * Milliseconds after which a connection that became `disconnected` is given up. Chromium says so some 5 s after it
 * heard the other end last, and gives up by itself only some 15 s later.
 */
export const UNHEARD_MS = 5000;

const EVENT = 'connectionstatechange';

/** Resolves at one of the wanted states, and at `failed` and `closed`, which are final. */
export function stateReached(peer: StatedPeer, wanted: readonly RTCPeerConnectionState[]): Promise<void> {
  const ends: readonly RTCPeerConnectionState[] = [...wanted, 'failed', 'closed'];
  return new Promise((resolve) => {
    const look = () => {
      if (!ends.includes(peer.connectionState)) return;
      peer.removeEventListener(EVENT, look);
      resolve();
    };
    peer.addEventListener(EVENT, look);
    look();
  });
}

/** Resolves when the connection is lost: at a final state, or after it was `disconnected` for `UNHEARD_MS`. */
export function connectionLost(peer: StatedPeer): Promise<void> {
  return new Promise((resolve) => {
    let patience: ReturnType<typeof setTimeout> | undefined;
    const over = () => {
      peer.removeEventListener(EVENT, look);
      resolve();
    };
    const look = () => {
      clearTimeout(patience);
      if (['failed', 'closed'].includes(peer.connectionState)) over();
      else if (peer.connectionState === 'disconnected') patience = setTimeout(over, UNHEARD_MS);
    };
    peer.addEventListener(EVENT, look);
    look();
  });
}
