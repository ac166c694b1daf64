import { type AgentReply, refused } from '../http/listener';

/**
 * The same answer for a missing stream and for one that needs a token, so that a gated stream does not reveal that it
 * is live.
 */
export const UNKNOWN_TO_VIEWERS: AgentReply = {
  ...refused(
    404,
    'stream_not_found',
    'the stream is not live, or it needs a play token that is its own and has not expired',
  ),
  headers: { 'cache-control': 'no-store' },
};
