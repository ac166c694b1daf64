import { SOURCE_RENDITION } from '../../../functions/contract/ids';
import { parseMediaPlaylist } from '../../../functions/core/playlist/media-playlist';
import { statusOf } from '../../../functions/core/publish/liveness';
import { sha256Hex } from '../../../functions/core/signing/hash';
import { streamOf } from '../streams';
import type { Random } from '../world/random';
import type { TenantPlatform } from './platform';

/** A tenant with one stream, and what it is to find. */
export interface Tenant {
  streamId: string;
  key: string;
  webhookId: string;
}

/** Not `a`: the rig's own key is made of it. */
const LETTERS = 'bcdefghijk';
export const tenantOf = (n: number): Tenant => ({
  streamId: `tenant${LETTERS[n]}000000000`,
  key: `sk_${(LETTERS[n] ?? 'a').repeat(32)}`,
  webhookId: `wh_${'0'.repeat(15)}${n}`,
});
/** `leaks.ts` knows its name. */
export const HOSTILE: Tenant = { ...tenantOf(9), webhookId: `wh_${'0'.repeat(15)}x` };

/** Text that is anything but a name. */
export const ODD: readonly [string, ...string[]] = [
  '',
  '\u0000',
  '../../etc',
  'x'.repeat(2048),
  '\r\n{"event":"srs_down"}',
  '__proto__',
  'ü',
];

export async function settle(platform: TenantPlatform, { streamId, key, webhookId }: Tenant): Promise<void> {
  const createdAt = platform.clock.now();
  await platform.streamStore.createStream(
    streamOf({ id: streamId, keyHash: sha256Hex(key), createdAt, reconnectWindowSeconds: 20, owner: streamId }),
  );
  const secret = `whsec_${'A'.repeat(32)}`;
  const types = ['stream.live', 'stream.reconnecting', 'stream.ended'] as const;
  const url = `https://example.com/${streamId}`;
  // The hostile one's is told of everybody, as an operator's: a receiver that hangs then holds as much as one can.
  const owner = webhookId === HOSTILE.webhookId ? '' : streamId;
  await platform.webhooks.createWebhook({
    id: webhookId,
    owner,
    url,
    types: [...types],
    streams: [],
    secret,
    enabled: true,
    createdAt,
  });
}

/** Longer than this nobody waits for the answer to the right key: the encoder would give up some time. */
const PROMPT_MS = 1000;

export interface Outcome {
  /** Answers to the right key, and whether each came soon. */
  published: string[];
  /** Status of the stream as viewers are told, now and then. */
  status: string[];
  /** Uploaded segments of each session: number of the file, duration, discontinuity. */
  sessions: string[][];
  ends: (string | undefined)[];
  events: string[];
  /** The API's answers to the tenant's own requests, and whether each answer came soon. */
  answers: string[];
  /** The live playlist as viewers found it while the tenant published, then at the end. */
  live: string[];
}

/** Acts as one tenant: two broadcasts' worth of publishing, by the seed, whatever others do meanwhile. */
export function publishing(platform: TenantPlatform, tenant: Tenant, random: Random): () => Promise<Outcome> {
  const { clock, rig } = platform;
  const plan = Array.from({ length: 2 }, () => ({ afterMs: random.int(1000, 6000), segments: random.int(3, 7) }));
  const published: string[] = [];
  const status: string[] = [];
  const answers: string[] = [];
  const live: string[] = [];
  const requested: Promise<void>[] = [];
  const run = async () => {
    for (const [n, { afterMs, segments }] of plan.entries()) {
      await clock.sleep(afterMs);
      const client = `${tenant.streamId}${n}`;
      const fields = { stream: tenant.streamId, param: `?key=${tenant.key}`, ip: '192.0.2.1' };
      const from = clock.now();
      const reply = await rig.srs.ask('on_publish', fields, client);
      published.push(`${JSON.stringify(reply.body)} ${clock.now() - from <= PROMPT_MS ? 'soon' : 'late'}`);
      rig.srs.publishing(client, tenant.streamId);
      for (let seqNo = 0; seqNo < segments; seqNo += 1) {
        await clock.sleep(2000);
        const segment = rig.srs.segment({ stream: tenant.streamId, seqNo });
        await onHls(platform, client, segment);
        status.push(await statusNow(platform, tenant));
        live.push(
          (await livePlaylist(platform, tenant))
            .split('\n')
            .filter((line) => line.endsWith('.ts'))
            .join(' '),
        );
        requested.push(request(platform, tenant, seqNo, answers));
      }
      rig.srs.left(client);
      await rig.srs.ask('on_unpublish', fields, client);
    }
  };
  const done = run();
  return async () => {
    await done;
    await Promise.all(requested);
    return {
      published,
      status,
      answers,
      live: [...live, await livePlaylist(platform, tenant)],
      ...(await found(platform, tenant)),
    };
  };
}

/** Sessions' ids are of chance. */
const withoutChance = (text: string): string => text.replace(/([0-9])-[a-z0-9]{8}\b/g, '$1');

async function livePlaylist({ streamStore, rig }: TenantPlatform, { streamId }: Tenant): Promise<string> {
  const broadcastId = (await streamStore.getStream(streamId))?.session?.broadcastId;
  const name = `open/p/${streamId}/${broadcastId}/${SOURCE_RENDITION}.m3u8`;
  return withoutChance((await rig.open.read(name))?.text ?? 'none');
}

/** Renames the stream with the first segment of a publish, and looks at it with each other one. */
async function request(
  { api, clock }: TenantPlatform,
  tenant: Tenant,
  seqNo: number,
  answers: string[],
): Promise<void> {
  const from = clock.now();
  const path = `/streams/${tenant.streamId}`;
  const { status, body } = await (seqNo === 0
    ? api.ask(tenant, 'PATCH', path, { title: 'renamed' })
    : api.ask(tenant, 'GET', path));
  const shown =
    typeof body === 'object' && body !== null ? ['title', 'status'].map((key) => `${Reflect.get(body, key)}`) : [];
  answers.push([status, ...shown, clock.now() - from <= PROMPT_MS ? 'soon' : 'late'].join(' '));
}

export async function onHls(
  { rig }: TenantPlatform,
  client: string,
  segment: { stream: string; name: string; seqNo: number; durationMs: number; path: string },
): Promise<void> {
  const { stream, name, seqNo, durationMs, path } = segment;
  const names = {
    url: `live/${stream}/${name}`,
    m3u8: `/hls/${stream}/live.m3u8`,
    m3u8_url: `live/${stream}/live.m3u8`,
  };
  await rig.srs.ask(
    'on_hls',
    { stream, duration: durationMs / 1000, cwd: '/', file: path, seq_no: seqNo, ...names },
    client,
  );
}

async function statusNow({ streamStore, clock }: TenantPlatform, { streamId }: Tenant): Promise<string> {
  const stream = await streamStore.getStream(streamId);
  const node = await streamStore.getNode(stream?.session?.nodeId ?? '');
  return stream === undefined ? 'gone' : statusOf(stream, node, clock.now());
}

async function found({ streamStore, rig, received }: TenantPlatform, { streamId }: Tenant) {
  const sessions = await streamStore.listSessions(streamId);
  const playlists = sessions.map(async ({ id }) => {
    const playlist = await rig.ingest.read(`${streamId}/${id}/${SOURCE_RENDITION}.m3u8`);
    if (playlist === undefined) return [];
    const { segments } = parseMediaPlaylist(playlist.text);
    return [
      ...segments.map((each) => `${each.uri} ${each.durationMs} ${each.discontinuity}`),
      `ended ${playlist.metadata.ended}`,
    ];
  });
  return {
    sessions: await Promise.all(playlists),
    ends: sessions.map(({ endReason }) => endReason),
    events: received.get(`https://example.com/${streamId}`) ?? [],
  };
}
