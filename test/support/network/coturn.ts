import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { accepts } from '../../../scripts/local/command/accepts';

/** Returns why coturn cannot be run here; `undefined` where it can. */
export const coturnMissing = (): string | undefined =>
  spawnSync('sh', ['-c', 'command -v turnserver']).status === 0 ? undefined : 'no coturn';

/** coturn on loopback with a configuration of the project, and the lines that a VM adds at boot. */
export class Coturn {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    readonly port: number,
  ) {}

  static async start(conf: string, own: { port: number; lines: readonly string[] }): Promise<Coturn> {
    const folder = mkdtempSync(join(tmpdir(), 'coturn-'));
    const text = conf
      .replace(/^listening-port=.*$/m, `listening-port=${own.port}`)
      .replaceAll('=/tmp/', `=${folder}/`)
      .replace(/^log-file=.*$/m, `log-file=${folder}/log`);
    writeFileSync(join(folder, 'turnserver.conf'), `${text}${own.lines.join('\n')}\n`);
    const child = spawn('turnserver', ['-c', join(folder, 'turnserver.conf')], { stdio: 'ignore' });
    const coturn = new Coturn(child, folder, own.port);
    for (let tries = 0; !(await accepts(own.port)); tries += 1) {
      if (tries === 100 || child.exitCode !== null) throw new Error(`coturn does not listen: ${coturn.log()}`);
      await sleep(50);
    }
    return coturn;
  }

  /** All it said so far. */
  log(): string {
    return readFileSync(join(this.folder, 'log'), 'utf8');
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await ended;
    rmSync(this.folder, { recursive: true });
  }
}
