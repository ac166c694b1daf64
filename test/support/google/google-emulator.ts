import {
  type EmulatorKind,
  javaEmulator,
  type RunningEmulator,
  startEmulator,
} from '../../../scripts/tools/bench/google-emulator';
import { realPart } from '../platform/real-part';

export { FIRESTORE_EMULATOR } from '../../../scripts/tools/bench/google-emulator';

export const PUBSUB_EMULATOR = javaEmulator(
  "Google's Pub/Sub emulator",
  { folder: 'pubsub-emulator/lib', jar: /^cloud-pubsub-emulator-.*-all\.jar$/ },
  (jar, port) => ['-jar', jar, '--host=127.0.0.1', `--port=${port}`],
);

/**
 * The emulator of Cloud Storage that Google's own client libraries are tested with. Named by a path as a real SRS is,
 * not by STORAGE_EMULATOR_HOST, which every client of Cloud Storage in every process of the tests would follow.
 * https://github.com/googleapis/storage-testbench
 */
export const STORAGE_TESTBENCH: EmulatorKind = {
  name: "Google's storage-testbench",
  needs: 'STORAGE_TESTBENCH_BIN, the path of storage-testbench',
  find: () => process.env.STORAGE_TESTBENCH_BIN,
  command: (program, port) => [program, '--port', `${port}`],
};

/**
 * A suite on one of Google's own emulators, from before its tests until after, where this machine has it; else the
 * report says so.
 */
export function onEmulator(kind: EmulatorKind, suite: (host: () => string) => void): void {
  const program = kind.find();
  realPart(kind.name, program === undefined ? `not run: needs ${kind.needs}` : undefined, () => {
    let emulator: RunningEmulator | undefined;
    beforeAll(async () => {
      emulator = await startEmulator(kind, program ?? '');
    }, 60_000);
    suite(() => emulator?.host ?? '');
    // After what the suite itself ends.
    afterAll(() => emulator?.stop());
  });
}
