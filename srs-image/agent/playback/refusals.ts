import { type AgentReply, refused } from '../http/listener';

/** One answer for what is not there and what needs a token: of a gated stream nobody hears that it is live. */
export const UNKNOWN_TO_VIEWERS: AgentReply = {
  ...refused(
    404,
    'stream_not_found',
    'the stream is not live, or it needs a play token that is its own and has not expired',
  ),
  headers: { 'cache-control': 'no-store' },
};
