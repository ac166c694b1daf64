import {
  type EmulatorKind,
  findEmulator,
  type RunningEmulator,
  startEmulator,
} from '../../../scripts/tools/bench/google-emulator';
import { realPart } from '../platform/real-part';

export { FIRESTORE_EMULATOR } from '../../../scripts/tools/bench/google-emulator';

export const PUBSUB_EMULATOR: EmulatorKind = {
  name: "Google's Pub/Sub emulator",
  folder: 'pubsub-emulator/lib',
  jar: /^cloud-pubsub-emulator-.*-all\.jar$/,
  args: (jar, port) => ['-jar', jar, '--host=127.0.0.1', `--port=${port}`],
};

/**
 * A suite on one of Google's own emulators, from before its tests until after, where gcloud has it; else the report
 * says so.
 */
export function onEmulator(kind: EmulatorKind, suite: (host: () => string) => void): void {
  const jar = findEmulator(kind);
  const missing = jar === undefined ? 'not run: gcloud does not have it, or there is no java' : undefined;
  realPart(kind.name, missing, () => {
    let emulator: RunningEmulator | undefined;
    beforeAll(async () => {
      emulator = await startEmulator(kind, jar ?? '');
    }, 60_000);
    suite(() => emulator?.host ?? '');
    // After what the suite itself ends.
    afterAll(() => emulator?.stop());
  });
}
