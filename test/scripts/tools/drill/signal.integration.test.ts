import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { portsFrom } from '../../../../scripts/local/ports';
import { FIRESTORE_EMULATOR } from '../../../../scripts/tools/bench/google-emulator';
import { realPart } from '../../../support/platform/real-part';
import { until } from '../../../support/platform/until';
import { freeBase } from '../../../support/platform/worker-ports';

const missing = FIRESTORE_EMULATOR.find() === undefined ? FIRESTORE_EMULATOR.needs : undefined;

realPart('npm run drill, ended by a signal', missing, () => {
  it('leaves no emulator behind', async () => {
    const base = await freeBase();
    const url = `http://127.0.0.1:${portsFrom(base).firestore}/`;
    const answers = () =>
      fetch(url).then(
        () => true,
        () => false,
      );
    const args = ['scripts/build/run.mjs', 'scripts/tools/drill/main.ts', '--port-base', `${base}`];
    const drill = spawn(process.execPath, args, { stdio: 'ignore' });
    try {
      const ended = once(drill, 'exit');
      await until(answers, 180_000);
      drill.kill('SIGTERM');
      expect(await ended).toEqual([143, null]);
      expect(await answers()).toBe(false);
    } finally {
      drill.kill('SIGKILL');
    }
  }, 240_000);
});
