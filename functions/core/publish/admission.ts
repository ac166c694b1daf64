import type { RefusalCode } from '../../contract/hooks/srs';
import type { Stream } from '../../contract/state';
import { isAddressIn } from '../addresses/ip-address';
import { encryptionOf } from '../encryption/settings';
import { equalSecrets } from '../signing/hash';
import { isEarlierClient, isSameClient, type SrsClient } from './client';
import { CUT_PAUSE_MS, generationOf } from './cutoff';
import { wasToldToEnd } from './liveness';
import { broadcastToJoin, isTakeover, recentTakeovers } from './newcomer';

/** More within a minute means two encoders that fight: the one which is live stays. */
const MAX_TAKEOVERS = 3;

/**
 * The publishers that the environment admits: all, only those that continue an open broadcast, or none. The budget
 * guard decides.
 */
export type PublishingMode = 'all' | 'reconnects' | 'none';

/** An on_publish. `keyHash`: SHA-256 of the key it showed, absent when it showed none; `at` in milliseconds. */
export interface PublishRequest extends SrsClient {
  keyHash: string | undefined;
  at: number;
  /** As SRS saw it. */
  address: string;
  /** The address is that of a proxy between: the publisher's own is not known. */
  viaProxy: boolean;
  publishingMode: PublishingMode;
  /** Through a media server without an agent. @default false */
  foreign?: boolean;
  /** The node encrypts whole segments. @default false */
  encrypts?: boolean;
  /** The node knows Common Encryption. @default false */
  encryptsSamples?: boolean;
}

/** A refusal's message is for operators and holds no secret. */
export interface Refused {
  kind: 'refused';
  error: RefusalCode;
  message: string;
}
export const refused = (error: RefusalCode, message: string): Refused => ({ kind: 'refused', error, message });

/**
 * Returns the generation of the stream's key: the present one, or the previous one during its grace; `undefined` if
 * neither.
 */
export function keyGenerationOf(stream: Stream, keyHash: string, at: number): number | undefined {
  if (equalSecrets(keyHash, stream.keyHash)) return generationOf(stream);
  const { previousKey } = stream;
  const isPrevious = previousKey !== undefined && at < previousKey.until && equalSecrets(keyHash, previousKey.hash);
  return isPrevious ? generationOf(stream) - 1 : undefined;
}

/** Returns why this key opens nothing. */
export function refuseKey(
  stream: Stream | undefined,
  { keyHash, at }: Pick<PublishRequest, 'keyHash' | 'at'>,
): Refused | undefined {
  if (stream === undefined) return refused('unknown_stream', 'there is no such stream');
  if (keyHash === undefined)
    return refused('wrong_key', "no well-formed stream key: the encoder's stream key is '<stream id>?key=<key>'");
  return keyGenerationOf(stream, keyHash, at) === undefined
    ? refused('wrong_key', 'the stream key is wrong')
    : undefined;
}

/** Returns why this publisher may not publish, whatever else is going on. */
export function refusePublisher(stream: Stream, { keyHash, at, ...client }: PublishRequest): Refused | undefined {
  const wrong = refuseKey(stream, { keyHash, at });
  if (wrong !== undefined) return wrong;
  if (stream.suspended !== undefined) return refused('suspended', 'the stream is suspended');
  if (isEarlierClient(stream, client)) return refused('superseded', 'a newer publisher has replaced this one');
  const { session } = stream;
  if (session !== undefined && isSameClient(session, client) && wasToldToEnd(session))
    return refused('told_to_end', `its session has to end (${session.endReason}): connect again`);
  return undefined;
}

/** Says why a publisher that has no session yet gets none; `undefined` if it gets one. */
export function refuseNewcomer(stream: Stream, request: PublishRequest): Refused | undefined {
  /** The start of the open broadcast that it would continue, in milliseconds. */
  const joins = broadcastToJoin(stream, request.at)?.startedAt;
  return (
    refuseAddress(stream, request) ??
    refuseInTheClear(stream, request) ??
    refuseOldKey(stream, request) ??
    refuseByBudget(request, joins) ??
    refuseCapped(stream, request, joins) ??
    refuseTakeover(stream, request)
  );
}

function refuseTakeover(stream: Stream, request: PublishRequest): Refused | undefined {
  const { session } = stream;
  const takesOver = session !== undefined && isTakeover(session, request);
  if (!takesOver || recentTakeovers(stream, request.at).length < MAX_TAKEOVERS) return undefined;
  return refused(
    'takeover_limit',
    `${MAX_TAKEOVERS} takeovers within a minute: two encoders publish this stream, and the live one stays`,
  );
}

/** Nothing of an encrypted stream is delivered in the clear. A third-party media server delivers nothing here. */
function refuseInTheClear(stream: Stream, request: PublishRequest): Refused | undefined {
  const { encryption } = encryptionOf(stream);
  const isAble = encryption === 'aes-128' ? request.encrypts : request.encryptsSamples;
  if (encryption === 'none' || request.foreign || isAble) return undefined;
  return refused('not_encrypted', `the node's image is too old for encryption '${encryption}': drain the node`);
}

function refuseAddress({ publisherAddresses }: Stream, { address, viaProxy }: PublishRequest): Refused | undefined {
  if (publisherAddresses === undefined) return undefined;
  if (viaProxy)
    return refused(
      'address_not_allowed',
      'the stream has a list of allowed addresses, and the address of this connection is unknown',
    );
  return isAddressIn(address, publisherAddresses)
    ? undefined
    : refused('address_not_allowed', `address '${address.slice(0, 64)}' is not in the stream's list`);
}

/**
 * Throws if the publisher has the previous key, which must not take the stream from a publisher with the present one.
 */
function refuseOldKey(stream: Stream, { keyHash = '', at }: PublishRequest): Refused | undefined {
  const { session } = stream;
  if (session === undefined || session.endedAt !== undefined) return undefined;
  const isOlder = (keyGenerationOf(stream, keyHash, at) ?? 0) < generationOf(session);
  return isOlder ? refused('superseded', 'a publisher with the newer key is live') : undefined;
}

function refuseByBudget({ publishingMode }: PublishRequest, joins: number | undefined): Refused | undefined {
  if (publishingMode === 'all' || (publishingMode === 'reconnects' && joins !== undefined)) return undefined;
  return refused(
    'budget',
    `the budget is used up: ${publishingMode === 'none' ? 'publishers' : 'new broadcasts'} are not accepted`,
  );
}

function refuseCapped(
  { maxDurationSeconds, session }: Stream,
  { at }: PublishRequest,
  joins: number | undefined,
): Refused | undefined {
  if (maxDurationSeconds !== undefined && joins !== undefined && at >= joins + maxDurationSeconds * 1000)
    return refused(
      'duration_cap',
      `the broadcast has lasted its ${maxDurationSeconds} s: a new one can begin after the reconnect window`,
    );
  if (at >= (session?.endedAt ?? 0) + CUT_PAUSE_MS) return undefined;
  if (session?.endReason === 'bitrate_cap')
    return refused(
      'bitrate_cap',
      `the previous publisher exceeded the bitrate cap: try again in ${CUT_PAUSE_MS / 1000} s`,
    );
  if (session?.endReason === 'media_clock')
    return refused(
      'media_clock',
      `the previous publisher had time stamps that players cannot follow: try again in ${CUT_PAUSE_MS / 1000} s`,
    );
  return undefined;
}
