/** Name that the framework calls a peer by. */
export const PEER = 'peer';
