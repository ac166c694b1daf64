import { createDecipheriv } from 'node:crypto';
import { sessionPlaylistName } from '../../../../functions/contract/objects/layout';
import { contentKey, parseKeyId } from '../../../../functions/core/encryption/content-keys';
import { checkPlaylist } from '../../../../scripts/tools/check-hls/rules';
import { Rig, STREAM } from '../rig';

const ENCRYPTION = { method: 'aes-128', keyRotationSegments: 2, secret: `slc_${'a1b2'.repeat(10)}` } as const;
const SESSION = '1-aaaaaaaa';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
  rig.cloud.encryption = ENCRYPTION;
});
afterEach(async () => {
  const said = JSON.stringify([rig.log, await rig.ingest.list(''), await textOf()]);
  rig.dispose();
  expect(said).not.toContain('slc_');
});

const PLAYLIST = sessionPlaylistName({ streamId: STREAM, sessionId: SESSION, rendition: 'source' });
const textOf = async (): Promise<string> => (await rig.ingest.read(PLAYLIST))?.text ?? '';

const nameOf = (number: number): string => `open/s/${STREAM}/${SESSION}/source/${number}.ts`;

/** The media of a segment, with the key and vector that the session playlist names. */
async function opened(number: number): Promise<string> {
  const found = (await rig.playlist(SESSION))?.playlist.segments[number]?.key;
  if (found?.method !== 'AES-128') throw new Error(`segment ${number} has no key`);
  const key = contentKey(STREAM, found.uri.split('/').at(-1) ?? '', ENCRYPTION);
  const decipher = createDecipheriv('aes-128-cbc', key, Buffer.from(found.iv.slice(2), 'hex'));
  const bytes = rig.content(SESSION, number) ?? new Uint8Array();
  return Buffer.concat([decipher.update(bytes), decipher.final()]).toString('latin1');
}

describe('uploading an encrypted session', () => {
  it('stores no byte of the media in the clear, and names the key and vector of each segment', async () => {
    await rig.publish();
    const asked = rig.cloud.heard.find(({ path }) => path.endsWith('/on_publish'));
    expect(asked?.body).toMatchObject({ encrypts: true, encryptsSamples: true });
    const names: string[] = [];
    for (let i = 0; i < 5; i += 1) {
      names.push((await rig.segment()).name);
      await rig.run(2000);
    }
    const media = await Promise.all([0, 1, 2, 3, 4].map(opened));
    expect(media.map((text, i) => text.startsWith(`${STREAM} ${names[i]}`))).toEqual(media.map(() => true));
    for (const number of [0, 1, 2, 3, 4]) {
      const entry = rig.open.entry(nameOf(number));
      expect(entry?.content.toString('latin1')).not.toContain(STREAM);
      expect(entry?.metadata).toMatchObject({ keyId: `${SESSION}.${Math.floor(number / 2)}` });
    }
    const { playlist } = (await rig.playlist(SESSION)) ?? {};
    const periods = playlist?.segments.map(({ key }) => parseKeyId(key?.uri.split('/').at(-1) ?? '').period);
    expect(periods).toEqual([0, 0, 1, 1, 2]);
    expect(new Set(playlist?.segments.map(({ key }) => (key?.method === 'AES-128' ? key.iv : undefined))).size).toBe(5);
    expect(checkPlaylist(await textOf())).toEqual([]);
    expect(rig.ingest.entry(PLAYLIST)?.metadata).toMatchObject({ encrypted: 'true' });
  });

  it('goes on with the same keys after a restart of the agent, without asking for them', async () => {
    await rig.publish();
    await rig.segment();
    await rig.run(2000);
    await rig.crash();
    rig.cloud.away = true;
    rig.restart();
    const { name } = await rig.segment();
    await rig.run(4000);
    expect(await opened(1)).toContain(name);
    expect((await rig.playlist(SESSION))?.playlist.segments.map(({ key }) => key?.uri.split('/').at(-1))).toEqual([
      `${SESSION}.0`,
      `${SESSION}.0`,
    ]);
  });

  it('writes the playlists of a stream in the clear as they were', async () => {
    rig.cloud.encryption = undefined;
    await rig.publish();
    await rig.segment();
    await rig.run(2000);
    expect(await textOf()).not.toContain('EXT-X-KEY');
    expect(rig.open.entry(nameOf(0))?.metadata).not.toHaveProperty('keyId');
    expect(rig.ingest.entry(PLAYLIST)?.metadata).not.toHaveProperty('encrypted');
  });
});
