import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Returns why a process cannot be given a network of its own here; `undefined` where it can. */
export const namespacesMissing = (): string | undefined =>
  spawnSync('unshare', ['--net', 'ip', 'link', 'set', 'lo', 'up']).status === 0
    ? undefined
    : 'no network namespaces for this user';

/** Inside: TCP listeners on 127.0.0.1, each of which leads out by the socket file of its number. */
const INSIDE = `
const net = require('node:net');
const [folder, ...ports] = process.argv.slice(2);
for (const port of ports)
  net.createServer((inner) => {
    const outer = net.connect(folder + '/' + port);
    inner.pipe(outer).pipe(inner);
    for (const socket of [inner, outer]) socket.on('error', () => { inner.destroy(); outer.destroy(); });
  }).listen(Number(port), '127.0.0.1');
`;

/** A program of a network of its own, where nothing passes but TCP to these ports of 127.0.0.1. */
export interface TcpOnly {
  /** Starts the program inside, with its arguments and open files. */
  readonly launcher: string;
  close(): Promise<void>;
}

/**
 * A network namespace has no way out; a socket file is none of its things. So what is not led out by hand is blocked,
 * UDP first of all.
 */
export async function tcpOnly(program: string, ports: readonly number[]): Promise<TcpOnly> {
  const folder = mkdtempSync(join(tmpdir(), 'tcp-only-'));
  const servers = await Promise.all(ports.map((port) => leadOut(join(folder, String(port)), port)));
  writeFileSync(join(folder, 'inside.cjs'), INSIDE);
  const launcher = join(folder, 'launch');
  const inside = [
    'ip link set lo up',
    // Leads nowhere: with its camera allowed a browser looks for cards of the machine, and leaves loopback out.
    'ip link add away type veth peer name nowhere && ip addr add 198.51.100.2/30 dev away && ip link set away up && ip link set nowhere up',
    `"${process.execPath}" "${folder}/inside.cjs" "${folder}" ${ports.join(' ')} </dev/null >/dev/null 2>&1 3>&- 4>&- &`,
    // They go with the program.
    `helper=$!; trap 'kill $helper' EXIT`,
    '"$PROGRAM" "$@"',
  ].join('\n');
  writeFileSync(join(folder, 'inside.sh'), `${inside}\n`);
  writeFileSync(
    launcher,
    `#!/bin/sh\nPROGRAM='${program}' exec unshare --net --kill-child bash '${folder}/inside.sh' "$@"\n`,
  );
  chmodSync(launcher, 0o755);
  return {
    launcher,
    async close() {
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
      rmSync(folder, { recursive: true });
    },
  };
}

async function leadOut(file: string, port: number): Promise<Server> {
  const server = createServer((inner) => {
    const outer = createConnection(port, '127.0.0.1');
    inner.pipe(outer).pipe(inner);
    for (const socket of [inner, outer])
      socket.on('error', () => {
        inner.destroy();
        outer.destroy();
      });
  });
  await new Promise<void>((resolve) => server.listen(file, resolve));
  return server;
}
