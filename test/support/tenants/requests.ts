import type { Random } from '../world/random';
import type { TenantPlatform } from './platform';
import { HOSTILE, ODD, type Tenant } from './tenants';

const METHODS = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE', 'HEAD', 'OPTIONS'] as const;
const WRITES = ['POST', 'PATCH', 'PUT'];
const PARTS = [
  '',
  '/stop',
  '/key',
  '/suspend',
  '/plays',
  '/events',
  '/grants',
  '/broadcasts',
  '/sessions',
  '/recording',
  '/public',
];

/**
 * Requests with the hostile tenant's key: for its own stream, for another's, for what is not there, with bodies of any
 * kind.
 */
async function askOddly({ api }: TenantPlatform, random: Random, victim: Tenant): Promise<void> {
  const streamId = random.pick([HOSTILE.streamId, HOSTILE.streamId, victim.streamId, ...ODD]);
  const path = random.pick<() => string>([
    () => `/streams/${encodeURIComponent(streamId)}${random.pick(['', ...PARTS])}`,
    () => `/streams?limit=${random.pick(['1', '-1', '1e9', '100'])}&cursor=${encodeURIComponent(random.pick(ODD))}`,
    () => '/streams',
    () => random.pick(['/webhooks', '/api-keys', '/nodes', '/budget', '/health', '/openapi.json', '/%E0%A4%A']),
  ])();
  const method = random.pick(METHODS);
  const body = random.pick<unknown>([
    {},
    { title: 'mine', metadata: { ['__proto__']: random.pick(ODD) } },
    { title: random.pick(ODD), recording: random.pick<unknown>([true, 'x', null]) },
    { until: 1e15, reason: random.pick(ODD), viewer: victim.streamId, minutes: 1e9 },
    '{"a":'.repeat(random.int(1, 300)),
    'x'.repeat(random.int(0, 70_000)),
  ]);
  await api.ask(HOSTILE, method, path, WRITES.includes(method) ? body : undefined);
}

/**
 * Events and objects that are none, or the hostile tenant's: session playlists of noise, sizes and names that are lies.
 */
async function tellOddly({ playlists, rig }: TenantPlatform, random: Random, victim: Tenant): Promise<void> {
  const streamId = random.pick([HOSTILE.streamId, HOSTILE.streamId, victim.streamId]);
  const sessionId = random.pick(['1-zzzzzzzz', '2-zzzzzzzz', '999-zzzzzzzz']);
  const own = `${HOSTILE.streamId}/${sessionId}/source.m3u8`;
  if (random.chance(0.3)) return spoilObject(rig.ingest, own, random);
  await playlists.event(
    random.pick<unknown>([
      random.pick<unknown>([null, [], 'x', 7]),
      { bucket: 'ingest', name: own, generation: '1' },
      {
        bucket: 'ingest',
        name: `${streamId}/${sessionId}/source.m3u8`,
        generation: random.pick(['1', '-1', '9'.repeat(20)]),
      },
      { bucket: 'ingest', name: random.pick(ODD), generation: '1', size: random.pick(['9'.repeat(20), '1']) },
      { bucket: random.pick(['open', ...ODD]), name: own, generation: 1e300 },
    ]),
  );
}

const TEXTS = [
  '',
  '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1e308,\n../../../x.ts\n',
  `#EXTM3U\n${'#EXT-X-DISCONTINUITY\n'.repeat(2000)}`,
  '\u0000'.repeat(500),
] as const;

async function spoilObject(ingest: TenantPlatform['rig']['ingest'], name: string, random: Random): Promise<void> {
  const before = await ingest.stat(name);
  const metadata = random.pick<Record<string, string>>([
    {},
    {
      policy: 'open',
      broadcast: 'b1-zzzzzzzz',
      ordinal: '1',
      window: '30',
      ended: 'false',
      attributes: '{"bandwidth":1}',
    },
    { policy: 'gated', broadcast: '../x', ordinal: '-1', window: '1e9', ended: 'perhaps', attributes: '{' },
  ]);
  const options = { contentType: 'application/vnd.apple.mpegurl', cacheControl: 'no-store', metadata };
  await ingest.write(name, random.pick(TEXTS), { ...options, ifGenerationMatch: before?.generation ?? '0' });
}

/** One thing more that the API or the hls-publisher is asked to take. */
export const burden = (platform: TenantPlatform, random: Random, victim: Tenant): Promise<void> =>
  random.chance(0.7) ? askOddly(platform, random, victim) : tellOddly(platform, random, victim);
