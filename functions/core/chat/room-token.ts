import type { ChatRole, SenderId } from '../../contract/chat/documents';
import { ChatName } from '../../contract/chat/text';
import type { StreamId } from '../../contract/ids';
import type { SigningKey } from '../../contract/signing-keys';
import { equalSecrets } from '../signing/hash';
import { hmacSha256, keyBytes } from '../signing/hmac';

/** The letters that a room token begins with: none passes for another, and all are found in a log. */
export const ROOM_TOKEN_PREFIX = 'slt';

/** The holder of a room token. `expires` in seconds since the epoch. */
export interface RoomClaims {
  streamId: StreamId;
  sender: SenderId;
  name: string;
  role: ChatRole;
  expires: number;
}

/** Hex digits of a MAC: 160 of HMAC-SHA256's 256 bits. */
const MAC_LENGTH = 40;
const TOKEN = /^slt_([a-z0-9]{16})_([a-z0-9]{16})_([1-9][0-9]{9,10})_([vm])_([0-9a-f]{40})_([\w-]{1,220})$/;
const LETTERS: Readonly<Record<ChatRole, string>> = { viewer: 'v', moderator: 'm' };

/** `slt_<stream>_<sender>_<expires>_<v|m>_<mac>_<name in base64url>`: it is sent in a header, and never in a URL. */
export function mintRoomToken(claims: RoomClaims, key: SigningKey): string {
  const { streamId, sender, name, role, expires } = claims;
  const encoded = Buffer.from(name, 'utf8').toString('base64url');
  const letter = LETTERS[role];
  return `${ROOM_TOKEN_PREFIX}_${streamId}_${sender}_${expires}_${letter}_${macOf(claims, key)}_${encoded}`;
}

/** The claims of a token that any of the keys made, and that has not expired; else `undefined`. */
export function verifyRoomToken(
  token: string,
  { keys, nowMs }: { keys: readonly SigningKey[]; nowMs: number },
): RoomClaims | undefined {
  const [, streamId = '', sender = '', expires, letter, mac = '', encoded = ''] = TOKEN.exec(token) ?? [];
  const name = ChatName.safeParse(Buffer.from(encoded, 'base64url').toString('utf8'));
  if (!name.success) return undefined;
  const role: ChatRole = letter === LETTERS.moderator ? 'moderator' : 'viewer';
  const claims = { streamId, sender, name: name.data, role, expires: Number(expires) };
  const isGenuine = keys.some((key) => equalSecrets(macOf(claims, key), mac));
  return isGenuine && nowMs < claims.expires * 1000 ? claims : undefined;
}

/** The name stands last: it is the only part with a length of its own. */
const macOf = ({ streamId, sender, expires, role, name }: RoomClaims, key: SigningKey): string =>
  hmacSha256(keyBytes(key), `srs-live chat ${streamId} ${sender} ${expires} ${role} ${name}`)
    .toString('hex')
    .slice(0, MAC_LENGTH);

const SENDER_LENGTH = 16;
/** The id of a subject in one room. `secret` never changes, or a ban would end with it. */
export const senderOf = (streamId: StreamId, subject: string, secret: string): SenderId =>
  hmacSha256(secret, `${streamId} ${subject}`).toString('hex').slice(0, SENDER_LENGTH);
