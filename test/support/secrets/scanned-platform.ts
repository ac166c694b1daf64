import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PubSub, Subscription } from '@google-cloud/pubsub';
import { z } from 'zod';
import { SigningKeys } from '../../../functions/contract/signing-keys';
import { close, listen } from '../../../scripts/emulators/server/listen';
import { type Platform, startPlatform } from '../../../scripts/local/command/run-start';
import { type Ports, portsFrom } from '../../../scripts/local/ports';
import { pubsubClient } from '../google/pubsub-client';
import { freeBase } from '../platform/worker-ports';
import { learnContentKeys } from './content-keys';
import { evidence, learnFrom } from './evidence';
import { PLACES, type Place, type SecretScan } from './secret-scan';

const PROJECT = 'srs-live-dev';

export interface ScannedPlatform extends Platform {
  readonly ports: Ports;
  /** Shows the scanner what the processes said and the edge was asked so far; `end` does it anyway. */
  seeRecords(): void;
}

/**
 * `startPlatform` on ports nobody else has, watched from its first moment: every line of every process, every URL asked
 * at the edge, every message on every topic, every delivery to a webhook, and at the end every object and the metrics.
 * `end` rejects when a secret stands in any of it, and when it was shown nothing of a kind; `without`: kinds this run
 * has none of.
 */
export async function startScanned(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  without: readonly Place[] = [],
): Promise<ScannedPlatform> {
  const folder = mkdtempSync(join(tmpdir(), 'srs-live-said-'));
  const base = await freeBase();
  const platform = await startPlatform([...args, '--port-base', `${base}`, '--record', folder], env);
  const ports = portsFrom(base);
  learnEnvironments(platform);
  const watching = await watchEvents(platform, ports);
  return {
    ...platform,
    ports,
    seeRecords: () => seeRecords(folder, evidence),
    async end(signal) {
      try {
        await seeObjects(platform, evidence);
        evidence.see('metric', 'the metrics of the agent', await metricsOf(platform));
        await watching.stop();
        const code = await platform.end(signal);
        seeRecords(folder, evidence);
        assertClean(evidence, without);
        return code;
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

/** Rejects secrets where none may stand, and a run that showed nothing of a kind it was to show. */
export function assertClean(scan: SecretScan, without: readonly Place[] = []): void {
  const unseen = scan.unseen(PLACES.filter((place) => !without.includes(place)));
  const found = scan.findings().map(({ place, where, secret }) => `${secret} in ${place} '${where}'`);
  if (found.length > 0) throw new Error(`secrets where none may stand:\n${[...new Set(found)].join('\n')}`);
  if (scan.known().length === 0) throw new Error('the scanner was told no secret: it proves nothing');
  if (unseen.length > 0) throw new Error(`the scanner was shown no ${unseen.join(', no ')}: it proves nothing`);
}

/** Only functions hold them, in their environment. */
const NAMES = ['ADMIN_KEY', 'HOOK_SECRET', 'TURN_SECRET', 'CONTENT_SECRET'];
const KEY_LISTS = ['SIGNING_KEYS', 'TOKEN_KEYS'];

function learnEnvironments({ processes, adminKey }: Platform): void {
  evidence.learn('the admin key', adminKey);
  for (const pid of Object.values(processes)) {
    const file = `/proc/${pid}/environ`;
    if (!existsSync(file)) continue;
    for (const variable of readFileSync(file, 'utf8').split('\0')) learnVariable(variable);
  }
  if (!existsSync('/proc'))
    process.emitWarning('without /proc the signing keys and the TURN secret are not looked for');
}

function learnVariable(variable: string): void {
  const [, name = '', value = ''] = /^(\w+)=(.*)$/s.exec(variable) ?? [];
  if (NAMES.includes(name)) evidence.learn(name, value);
  if (!KEY_LISTS.includes(name)) return;
  for (const key of SigningKeys.parse(JSON.parse(value))) {
    evidence.learn(`${name} ${key.name}`, key.value);
    evidence.learn(`the bytes of ${name} ${key.name}`, Buffer.from(key.value, 'base64url'));
  }
}

/** A subscription of its own to every topic, and a webhook for all events. */
async function watchEvents(platform: Platform, { pubsub }: Ports): Promise<{ stop(): Promise<void> }> {
  const client: PubSub = pubsubClient(`127.0.0.1:${pubsub}`, PROJECT);
  const [topics] = await client.getTopics();
  const subscriptions: Subscription[] = [];
  for (const topic of topics) {
    const [subscription] = await topic.createSubscription(`scanner-${topic.name.split('/').at(-1)}`);
    subscription.on('message', (message) => {
      evidence.see(
        'event',
        topic.name,
        `${message.data}\n${JSON.stringify(message.attributes)}\n${message.orderingKey}`,
      );
      message.ack();
    });
    subscription.on('error', () => undefined); // the platform may be gone before this is
    subscriptions.push(subscription);
  }
  const receiver = await watchWebhooks(platform);
  return {
    async stop() {
      await Promise.all(subscriptions.map((subscription) => subscription.close()));
      await client.close();
      await receiver.stop();
    },
  };
}

async function watchWebhooks(platform: Platform): Promise<{ stop(): Promise<void> }> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    evidence.see('webhook', `${request.url}`, `${JSON.stringify(request.headers)}\n${Buffer.concat(chunks)}`);
    response.writeHead(204).end();
  });
  const url = `http://127.0.0.1:${await listen(server, 0, 'scanner')}/`;
  const headers = { authorization: `Bearer ${platform.adminKey}`, 'content-type': 'application/json' };
  const made = await fetch(`${platform.api}/api/v1/webhooks`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ url }),
  });
  if (made.status !== 201) throw new Error(`the scanner's webhook: ${made.status} ${await made.text()}`);
  learnFrom(await made.text());
  return { stop: () => close(server) };
}

const Listing = z.object({
  items: z.array(z.object({ name: z.string() })).default([]),
  nextPageToken: z.string().optional(),
});

/** Every object of the buckets, its metadata too; the keys that playlists name are looked for from then on. */
export async function seeObjects(platform: Platform, scan: SecretScan): Promise<void> {
  const { storage, buckets } = platform;
  const keyed = new Set<string>();
  for (const bucket of Object.values(buckets)) {
    let page: string | undefined;
    do {
      const query = new URLSearchParams({ ...(page !== undefined && { pageToken: page }) });
      const text = await (await fetch(`${storage}/storage/v1/b/${bucket}/o?${query}`)).text();
      scan.see('object', `the metadata in ${bucket}`, text);
      const { items, nextPageToken } = Listing.parse(JSON.parse(text));
      for (const { name } of items)
        keyed.add(await seeObject(`${storage}/storage/v1/b/${bucket}/o/${encodeURIComponent(name)}`, name, scan));
      page = nextPageToken;
    } while (page !== undefined);
  }
  await learnContentKeys(platform, scan, [...keyed].join('\n'));
}

/** Resolves with its lines that name keys, if it is a playlist. */
async function seeObject(url: string, name: string, scan: SecretScan): Promise<string> {
  const answer = await fetch(`${url}?alt=media`);
  if (answer.status !== 200) return ''; // it was deleted meanwhile
  const bytes = Buffer.from(await answer.arrayBuffer());
  const isPlaylist = name.endsWith('.m3u8');
  scan.see(isPlaylist ? 'playlist' : 'object', name, bytes);
  const lines = isPlaylist ? bytes.toString('utf8').match(/^#EXT-X-KEY:.*$/gm) : null;
  return lines?.join('\n') ?? '';
}

/** As the API's account reads them. */
export async function metricsOf({ api }: Platform): Promise<string> {
  const { agentPublic, apiMetadata } = portsFrom(Number(new URL(api).port));
  const agent = `http://127.0.0.1:${agentPublic}`;
  const identity = `http://127.0.0.1:${apiMetadata}/computeMetadata/v1/instance/service-accounts/default/identity?audience=${agent}`;
  const token = await (await fetch(identity, { headers: { 'metadata-flavor': 'Google' } })).text();
  const answer = await fetch(`${agent}/metrics`, { headers: { authorization: `Bearer ${token}` } });
  if (answer.status !== 200) throw new Error(`the agent's metrics answer ${answer.status}: ${await answer.text()}`);
  return answer.text();
}

function seeRecords(folder: string, scan: SecretScan): void {
  for (const file of readdirSync(folder)) {
    const place = file === 'requests.log' ? 'url' : 'log';
    for (const line of readFileSync(join(folder, file), 'latin1').split('\n'))
      scan.see(place, file, Buffer.from(line, 'latin1'));
  }
}
