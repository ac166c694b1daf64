import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Log } from '../../../functions/ports/stores';
import type { Tokens } from '../../emulators/metadata/tokens';
import { close, listen } from '../../emulators/server/listen';
import type { LocalService } from '../../emulators/server/local-service';
import { forward, plain } from '../../emulators/server/reverse-proxy';
import { StartError } from '../../emulators/server/start-error';
import type { FunctionBlueprint } from '../blueprint/blueprint';
import type { LineSink } from '../process/child-process';
import { FunctionProcess } from './function-process';
import { admit } from './invoker-check';

/**
 * Cloud Run for the functions of a blueprint. Each runs in a process of its own from its real bundle; a listener in
 * front of it checks its callers. Not imitated: ingress settings (everything here is one machine), scaling, request
 * logs.
 */
export interface FunctionHostOptions {
  readonly functions: readonly FunctionBlueprint[];
  /** Folder of this repository, which has `node_modules`. */
  readonly root: string;
  /** Folder of a bundle, by entry point. */
  bundleOf(entryPoint: string): string;
  /** Returns the URL of a function, whose port is bound. */
  urlOf(name: string): string;
  /** Variables about the emulators, which every function gets. */
  readonly standIns: Readonly<Record<string, string>>;
  /** Value of a secret, by id. */
  secretOf(id: string): string;
  readonly tokens: Tokens;
  readonly output: LineSink;
  readonly log: Log;
}

/** Functions are named by entry point here. */
export interface FunctionHost extends LocalService {
  /** Ends a function; callers get 503 until `startFunction`. */
  stopFunction(entryPoint: string): Promise<void>;
  startFunction(entryPoint: string): Promise<void>;
  /** Kills a function with SIGKILL; it is started again. */
  crashFunction(entryPoint: string): Promise<void>;
  /** Process ids by entry point. */
  pids(): Record<string, number>;
}

interface Hosted {
  readonly blueprint: FunctionBlueprint;
  readonly process: FunctionProcess;
  readonly front: Server;
}

export function functionHost(options: FunctionHostOptions): FunctionHost {
  const hosted = options.functions.map((blueprint): Hosted => {
    const process = new FunctionProcess(processOptions(blueprint, options));
    const front = createServer((request, response) => void serve(request, response, { blueprint, process }, options));
    return { blueprint, process, front };
  });
  const byEntryPoint = (entryPoint: string): FunctionProcess => {
    const found = hosted.find(({ blueprint }) => blueprint.entryPoint === entryPoint);
    if (found === undefined) throw new StartError(`function '${entryPoint}': there is none`);
    return found.process;
  };
  return {
    name: 'functions',
    start: () => startAll(hosted, options),
    stop: async () => {
      await Promise.all(hosted.map(async ({ process, front }) => Promise.all([process.stop(), close(front)])));
    },
    stopFunction: (entryPoint) => byEntryPoint(entryPoint).stop(),
    startFunction: async (entryPoint) => void (await byEntryPoint(entryPoint).start()),
    crashFunction: (entryPoint) => byEntryPoint(entryPoint).crash(),
    pids: () =>
      Object.fromEntries(
        hosted.flatMap(({ blueprint, process }) =>
          process.pid === undefined ? [] : [[blueprint.entryPoint, process.pid]],
        ),
      ),
  };
}

async function startAll(hosted: readonly Hosted[], options: FunctionHostOptions): Promise<URL> {
  const urls = hosted.map(({ blueprint }) => new URL(options.urlOf(blueprint.name)));
  await Promise.all(
    hosted.map(({ blueprint, front }, index) =>
      listen(front, Number(urls[index]?.port), `function ${blueprint.entryPoint}`),
    ),
  );
  const started = await Promise.allSettled(hosted.map(({ process }) => process.start()));
  for (const result of started) if (result.status === 'rejected') throw result.reason;
  return urls[0] ?? new URL('http://127.0.0.1');
}

function processOptions(blueprint: FunctionBlueprint, options: FunctionHostOptions) {
  const { name, entryPoint, env, secrets } = blueprint;
  return {
    name: entryPoint,
    args: [
      '--require',
      join(options.root, 'scripts/local/functions/loopback-child.cjs'),
      join(options.root, 'node_modules/@google-cloud/functions-framework/build/src/main.js'),
      `--target=${entryPoint}`,
      `--source=${options.bundleOf(entryPoint)}`,
    ],
    env: {
      NODE_ENV: 'production',
      K_SERVICE: name,
      ...env,
      ...Object.fromEntries(Object.entries(secrets).map(([key, id]) => [key, options.secretOf(id)])),
      ...options.standIns,
    },
    output: options.output,
    log: options.log,
  };
}

type ServedFunction = Pick<Hosted, 'blueprint' | 'process'>;

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  { blueprint, process }: ServedFunction,
  options: FunctionHostOptions,
) {
  const { authorization } = request.headers;
  const admission = await admit(options.tokens, {
    authorization,
    invokers: blueprint.invokers,
    audience: options.urlOf(blueprint.name),
  });
  if (!admission.admitted) {
    options.log.warn('caller_refused', {
      function: blueprint.entryPoint,
      status: admission.status,
      reason: admission.reason,
    });
    const challenge = admission.challenge === undefined ? {} : { 'www-authenticate': admission.challenge };
    return plain(response, admission.status, admission.reason, challenge);
  }
  const port = await process.port();
  if (port === undefined) return plain(response, 503, `function ${blueprint.entryPoint} is down`);
  forward({ request, response, port, timeoutMs: blueprint.timeoutSeconds * 1000 });
}
