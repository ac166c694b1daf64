import { z } from 'zod';
import { jsonText } from './json-text';
import { TurnSeconds } from './limits';

/** Temporary credentials for TURN servers, which relay WebRTC where a network lets it through no other way. */

/** RFC 7065: `turn:` over UDP or TCP, `turns:` over TLS. */
export const TurnUrl = z
  .string()
  .max(300)
  .regex(
    /^turns?:[a-z0-9.-]+(:[0-9]{1,5})?(\?transport=(udp|tcp))?$/,
    'use turn:<host>[:port][?transport=udp|tcp], or turns:',
  );

/** Variable `TURN_URLS`: a JSON list, what is tried first first; empty where there are no TURN servers. */
export const TurnUrls = jsonText(z.array(TurnUrl).max(40), 'use a JSON list of turn: URLs');

/** Secret `TURN_SECRET`: the servers take any of its lines, the first one signs. Answers that one. */
export const TurnSecret = z
  .string()
  .transform(
    (text) =>
      text
        .split('\n')
        .map((line) => line.trim())
        .find((line) => line !== '') ?? '',
  )
  .pipe(
    z
      .string()
      .regex(
        /^[\x21-\x7e]{16,256}$/,
        'use one secret per line, each of 16-256 printable ASCII characters; the first one signs',
      ),
  );

/** Body of a request for credentials. */
export const CreateTurnCredentials = z.strictObject({
  /** A call that is running when they expire goes on until its allocation is to be refreshed. */
  lifetimeSeconds: TurnSeconds.default(600),
});
export type CreateTurnCredentials = z.infer<typeof CreateTurnCredentials>;

/** `iceServers` is what `RTCPeerConnection` takes. https://www.w3.org/TR/webrtc/#rtciceserver-dictionary */
export const TurnCredentials = z.object({
  iceServers: z.array(z.object({ urls: z.array(TurnUrl), username: z.string(), credential: z.string() })),
  expiresAt: z.iso.datetime({ precision: 3 }),
});
export type TurnCredentials = z.infer<typeof TurnCredentials>;
