import { type Grant, type GrantAnswer, viewerPlaylistPath, watchPath } from '../../contract/grants';
import { contentKeyPrefix } from '../../contract/objects/encryption';
import { streamPrefix, urlPathOf } from '../../contract/objects/layout';
import type { SigningKeys } from '../../contract/signing-keys';
import { mintRoomToken, senderOf } from '../chat/room-token';
import { CDN_COOKIE, signCookie, signPrefixQuery, urlPrefix } from '../signing/sign-request';
import { mintToken, type TokenPurpose } from '../signing/token';
import { type GatedStream, renewAfterSeconds } from './decide-grant';

/** Keys that grants are signed with; the newest key of each signs. */
export interface GrantSigner {
  /** The keys of Cloud CDN's signed requests. */
  cdnKeys: SigningKeys;
  /** The keys of the platform's own tokens. */
  tokenKeys: SigningKeys;
  /** Makes the ids of senders in a chat. */
  senderSecret: string;
  /** `https://host`: what playback URLs begin with. */
  publicOrigin: string;
}

/** Playlists and segments have a backend each, so a viewer needs two of everything. */
const KINDS = ['p', 's'] as const;

/** The cookie with which a player reads content keys; its value is the play token, so the grant is asked each time. */
export const CONTENT_KEY_COOKIE = 'srs-play-token';

/**
 * Makes what a player is given for a grant: the same whenever it is asked for between two renewals, but for
 * `renewAfterSeconds`.
 */
export function grantAnswer(
  grant: Grant,
  signer: GrantSigner,
  { nowMs, stream }: { nowMs: number; stream: GatedStream },
): GrantAnswer {
  const { id, streamId } = grant;
  const origin = signer.publicOrigin.replace(/\/$/, '');
  const path = viewerPlaylistPath(streamId, id, 'index.m3u8');
  const renewalToken = tokenOf('renewal', grant, signer);
  return {
    id,
    streamId,
    expiresAt: new Date(grant.expiresAt).toISOString(),
    endsAt: new Date(grant.endsAt).toISOString(),
    renewAfterSeconds: renewAfterSeconds(grant, nowMs),
    renewalToken,
    playToken: tokenOf('play', grant, signer),
    ...chatTokenOf(grant, signer),
    playback: {
      hls: `${origin}${prefixOf('p', grant)}index.m3u8`,
      native: `${origin}${path}?token=${tokenOf('playlist', grant, signer)}`,
      page: `${origin}${watchPath(streamId, renewalToken)}`,
    },
    cookies: cookiesOf(grant, signer, stream),
    queries: [
      ...KINDS.map((kind) => ({ pathPrefix: prefixOf(kind, grant), query: queryOf(kind, grant, signer) })),
      ...(stream.encryption === undefined
        ? []
        : [{ pathPrefix: contentKeyPrefix(streamId), query: contentKeyQuery(tokenOf('play', grant, signer)) }]),
    ],
  };
}

/**
 * The answer's Set-Cookie headers, one a path. The value stands as it was signed: no percent-encoding. The pages and
 * the media have one host, so `SameSite=Lax` does; a page of another site plays with the queries.
 */
export function setCookies(
  grant: Grant,
  signer: GrantSigner,
  { nowMs, stream }: { nowMs: number; stream: GatedStream },
): string[] {
  const maxAge = Math.max(0, Math.floor((grant.expiresAt - nowMs) / 1000));
  const expires = new Date(grant.expiresAt).toUTCString();
  return cookiesOf(grant, signer, stream).map(
    ({ name, value, path }) =>
      `${name}=${value}; Path=${path}; Max-Age=${maxAge}; Expires=${expires}; Secure; HttpOnly; SameSite=Lax`,
  );
}

/** A player of a stream that was ever encrypted needs something for the keys too. */
const cookiesOf = (grant: Grant, signer: GrantSigner, { encryption }: GatedStream): GrantAnswer['cookies'] => [
  ...KINDS.map((kind) => cookieOf(kind, grant, signer)),
  ...(encryption === undefined
    ? []
    : [
        {
          name: CONTENT_KEY_COOKIE,
          value: tokenOf('play', grant, signer),
          path: contentKeyPrefix(grant.streamId),
        },
      ]),
];

/** The query with which a token reads a content key, without `?`. */
export const contentKeyQuery = (token: string): string => `token=${token}`;

type SignedKind = (typeof KINDS)[number];

const prefixOf = (kind: SignedKind, { streamId }: Grant): string => urlPathOf(streamPrefix('gated', kind, streamId));

/** One viewer of the customer is one sender, in all grants; one without a name is a sender for each grant. */
function chatTokenOf(grant: Grant, { tokenKeys: [key], senderSecret }: GrantSigner): Pick<GrantAnswer, 'chatToken'> {
  const { streamId, id, viewer, chatName: name, expiresAt } = grant;
  if (name === undefined) return {};
  const sender = senderOf(streamId, viewer ?? id, senderSecret);
  const claims = { streamId, sender, name, role: 'viewer' as const, expires: secondsOf(expiresAt) };
  return { chatToken: mintRoomToken(claims, newest(key)) };
}

/** Seconds, rounded down: nothing that is signed outlives the grant. */
const secondsOf = (ms: number): number => Math.floor(ms / 1000);

const signedWith = ({ expiresAt }: Grant, { cdnKeys: [key] }: GrantSigner) => ({
  key: newest(key),
  expires: secondsOf(expiresAt),
});

function newest<K>(key: K | undefined): K {
  if (key === undefined) throw new Error('there is no signing key');
  return key;
}

/** The query for the URLs of one kind, without `?`. */
export const queryOf = (kind: SignedKind, grant: Grant, signer: GrantSigner): string =>
  signPrefixQuery(urlPrefix(signer.publicOrigin, prefixOf(kind, grant)), signedWith(grant, signer));

const cookieOf = (kind: SignedKind, grant: Grant, signer: GrantSigner) => ({
  name: CDN_COOKIE,
  value: signCookie(urlPrefix(signer.publicOrigin, prefixOf(kind, grant)), signedWith(grant, signer)),
  path: prefixOf(kind, grant),
});

/**
 * A play token lets in, so it is as short as the grant; the others only ask, and what they ask for looks at the grant.
 */
function tokenOf(
  purpose: TokenPurpose,
  { streamId, id, expiresAt, endsAt }: Grant,
  { tokenKeys: [key] }: GrantSigner,
): string {
  const expires = secondsOf(purpose === 'play' ? expiresAt : endsAt);
  return mintToken(purpose, { streamId, grantId: id, expires }, newest(key));
}
