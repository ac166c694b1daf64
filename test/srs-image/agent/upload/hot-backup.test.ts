import { sessionPlaylistName } from '../../../../functions/contract/objects/layout';
import { Rig, STREAM } from '../rig';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(() => rig.dispose());

const metadataAfter = async (): Promise<Readonly<Record<string, string>> | undefined> => {
  await rig.publish();
  for (let i = 0; i < 3; i += 1) {
    await rig.segment();
    await rig.run(2000);
  }
  const name = sessionPlaylistName({ streamId: STREAM, sessionId: '1-aaaaaaaa', rendition: 'source' });
  return rig.ingest.entry(name)?.metadata;
};

describe('the session playlist of a stream with hot backup', () => {
  it('says as what its session was admitted, for which one it stands by, and when its node wrote it', async () => {
    rig.cloud.grant = { role: 'backup', backupOf: '7-bbbbbbbb' };
    const metadata = await metadataAfter();
    expect(metadata).toMatchObject({ role: 'backup', backupOf: '7-bbbbbbbb' });
    expect(Math.abs(Number(metadata?.writtenAt) - rig.clock.now())).toBeLessThanOrEqual(2500);
  });

  it('has not a word more without hot backup', async () => {
    expect(Object.keys((await metadataAfter()) ?? {}).sort()).toEqual([
      'attributes',
      'broadcast',
      'ended',
      'ordinal',
      'policy',
      'window',
    ]);
  });
});
