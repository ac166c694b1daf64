import type { RefusalCode } from '../../contract/srs-hooks';
import type { Stream } from '../../contract/state';

/** Why an on_play by RTMP, FLV or WebRTC is refused; `undefined` lets it play. Gated streams need a grant, and there are none yet. */
export function decidePlay(stream: Stream | undefined): { error: RefusalCode; message: string } | undefined {
  if (stream === undefined) return { error: 'not_playable', message: 'there is no such stream' };
  if (stream.suspended !== undefined) return { error: 'suspended', message: 'the stream is suspended' };
  return stream.policy === 'open' ? undefined : { error: 'not_playable', message: 'the stream is gated: it takes a play token' };
}
