import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firestoreClient } from '../../../../functions/adapters/gcp/firestore/firestore-client';
import { emulatorData } from '../../../../scripts/tools/drill/emulator-data';
import { FIRESTORE_EMULATOR, onEmulator } from '../../../support/google/google-emulator';

onEmulator(FIRESTORE_EMULATOR, (host) => {
  it('gives every document back that was exported, and none that came later', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'srs-live-export-'));
    const client = firestoreClient({ projectId: 'test', databaseId: 'restored', host: host() });
    const streams = client.collection('streams');
    const data = emulatorData(host(), 'projects/test/databases/restored');
    try {
      await streams.doc('kept').set({ title: 'kept', sessions: [{ ordinal: 1 }] });
      await streams.doc('kept').collection('sessions').doc('1').set({ startedAt: 7 });
      await data.exportTo(folder);
      await streams.doc('younger').set({ title: 'younger' });
      await data.empty();
      expect((await streams.get()).size).toBe(0);
      await data.importFrom(folder);
      expect((await streams.get()).docs.map((found) => found.data())).toEqual([
        { title: 'kept', sessions: [{ ordinal: 1 }] },
      ]);
      expect((await streams.doc('kept').collection('sessions').doc('1').get()).data()).toEqual({ startedAt: 7 });
    } finally {
      await client.terminate();
      await rm(folder, { recursive: true, force: true });
    }
  }, 60_000);

  it('says what the emulator answered to an export that cannot be written', async () => {
    const data = emulatorData(host(), 'projects/test/databases/restored');
    await expect(data.exportTo('/nowhere/at/all')).rejects.toThrow('export_directory must be a directory');
  });
});
