import { GrantAnswer } from '../../../functions/contract/grants';
import type { SmokeTarget } from '../../../scripts/tools/smoke/target';
import type { SecretScan } from './secret-scan';

const KEY_URI = /URI="(\/api\/v1\/streams\/([a-z0-9]{16})\/keys\/([^"?]+))/g;

/**
 * Tells the scanner every content key that a playlist names, as a viewer with a grant reads it. The keys of a stream
 * that is gone are nobody's any more.
 */
export async function learnContentKeys(
  { api, adminKey }: Pick<SmokeTarget, 'api' | 'adminKey'>,
  scan: SecretScan,
  playlist: string,
): Promise<Buffer[]> {
  const named = new Map(
    [...playlist.matchAll(KEY_URI)].map(([, uri = '', id = '', keyId = '']) => [uri, { id, keyId }]),
  );
  const tokens = new Map<string, string>();
  const learnt: Buffer[] = [];
  for (const [uri, { id, keyId }] of named) {
    if (!tokens.has(id)) tokens.set(id, await tokenOf({ api, adminKey }, id));
    const answer = await fetch(`${api}${uri}?token=${tokens.get(id)}`);
    const key = Buffer.from(await answer.arrayBuffer());
    if (answer.status !== 200) continue;
    scan.learn(`content key ${keyId}`, key);
    learnt.push(key);
  }
  return learnt;
}

/** Empty for an open stream, whose keys need none. */
async function tokenOf({ api, adminKey }: Pick<SmokeTarget, 'api' | 'adminKey'>, id: string): Promise<string> {
  const headers = { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' };
  const answer = await fetch(`${api}/api/v1/streams/${id}/grants`, { method: 'POST', headers, body: '{}' });
  return answer.status === 201 ? GrantAnswer.parse(await answer.json()).playToken : '';
}
