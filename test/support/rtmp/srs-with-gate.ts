import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { ROUTES } from '../../../functions/contract/routes';
import { readSrsConf, SRS_CONF, SRS_SCRIPT } from '../../../scripts/local/origin/srs-conf';
import { srsEnvironment } from '../../../scripts/local/origin/srs-launch';
import { until } from '../platform/until';
import { freePort } from '../platform/worker-ports';

export interface SrsWithGate {
  readonly gatePort: number;
  readonly srsPort: number;
  readonly pids: { readonly gate: number; readonly srs: number };
  /** Returns the output of SRS, at most its last million characters. */
  srsLog(): string;
  /** By its API and its process, never by its port: that takes connections for a second while the process dies. */
  isSrsAlive(): Promise<boolean>;
  metrics(): Promise<string>;
  /** Messages of video that SRS took of each stream, by its name. */
  pictures(): Promise<ReadonlyMap<string, number>>;
  stop(): Promise<void>;
}

const Streams = z.object({ streams: z.array(z.object({ name: z.string(), frames: z.number() })) });

/** Resident memory of a process in MiB. */
export const residentMiB = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;

/**
 * A real SRS with the project's configuration but for `overrides`, hooks that admit everybody, and the gate's bundle in
 * front of it.
 */
export async function srsWithGate(
  srsBin: string,
  limits: object = {},
  overrides: Readonly<Record<string, string>> = {},
): Promise<SrsWithGate> {
  if (!existsSync('dist/gate/gate.js')) execFileSync('npm', ['run', 'build']);
  const folder = mkdtempSync(join(tmpdir(), 'srs-live-gate-'));
  mkdirSync(join(folder, 'objs'));
  for (const file of [SRS_CONF, SRS_SCRIPT]) copyFileSync(file, join(folder, file.split('/').at(-1) ?? ''));
  const ports = {
    srs: await freePort(),
    api: await freePort(),
    hooks: await freePort(),
    gate: await freePort(),
    status: await freePort(),
  };
  const { srs: srsPort, api: apiPort, hooks: hooksPort, gate: gatePort, status: statusPort } = ports;
  const hooks = createServer((request, response) => request.resume().once('end', () => response.end('{"code":0}')));
  hooks.listen(hooksPort, '127.0.0.1');
  const options = {
    rtmpPort: srsPort,
    apiPort,
    hooksUrl: `http://127.0.0.1:${hooksPort}`,
    hlsRoot: join(folder, 'hls'),
  };
  const env = srsEnvironment({ ...options, nodeId: 'trial', log: SILENT }, readSrsConf());
  const srs = spawn('bash', ['srs.sh', srsBin, 'srs.conf'], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', CANDIDATE: '127.0.0.1', ...env, ...overrides },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  srs.stdout.on('data', (text) => {
    said = `${said}${text}`.slice(-1_000_000);
  });
  const gate = spawn(process.execPath, ['dist/gate/gate.js'], {
    env: { GATE_ENV: JSON.stringify({ host: '127.0.0.1', rtmpPort: gatePort, srsPort, statusPort, limits }) },
    stdio: 'ignore',
  });
  const ask = async (url: string): Promise<string> =>
    (await fetch(url, { signal: AbortSignal.timeout(5000) })).text().catch(() => '');
  const isSrsAlive = async (): Promise<boolean> => {
    if (srs.exitCode !== null || srs.signalCode !== null) return false;
    return (await ask(`http://127.0.0.1:${apiPort}/api/v1/versions`).catch(() => '')).includes('"code":0');
  };
  const metrics = () => ask(`http://127.0.0.1:${statusPort}${ROUTES.gate.metrics}`);
  const pictures = async () => {
    const { streams } = Streams.parse(JSON.parse(await ask(`http://127.0.0.1:${apiPort}/api/v1/streams/?count=1000`)));
    return new Map(streams.map(({ name, frames }) => [name, frames]));
  };
  await until(async () => (await isSrsAlive()) && (await metrics().catch(() => '')) !== '');
  return {
    gatePort,
    srsPort,
    isSrsAlive,
    metrics,
    pictures,
    pids: { gate: gate.pid ?? 0, srs: srs.pid ?? 0 },
    srsLog: () => said,
    stop: async () => {
      const ended = [gate, srs].map((child) =>
        child.exitCode === null && child.signalCode === null ? once(child, 'exit') : [],
      );
      for (const child of [gate, srs]) child.kill('SIGTERM');
      await Promise.all(ended);
      hooks.closeAllConnections();
      hooks.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };
