import { Agent, request } from 'node:http';

export interface ObjectAnswer {
  readonly status: number;
  /** End-to-end headers, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const connections = new Agent({ keepAlive: true, maxFreeSockets: 64 });
const TIMEOUT_MS = 30_000;
/** Headers that describe the connection to the store, or that are written again. */
const DROPPED = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'date', 'age']);

/** Reads `path` from the object store as anyone: no credentials. Rejects when the store does not answer. */
export async function fetchObject(
  store: URL,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<ObjectAnswer> {
  return await new Promise((resolve, reject) => {
    const asked = request(new URL(path, store), { agent: connections, headers, timeout: TIMEOUT_MS });
    asked.once('timeout', () => asked.destroy(new Error('the object store did not answer in time')));
    asked.once('error', reject);
    asked.once('response', (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('error', reject);
      answer.once('end', () =>
        resolve({
          status: answer.statusCode ?? 502,
          headers: kept(answer.headersDistinct),
          body: Buffer.concat(chunks),
        }),
      );
    });
    asked.end();
  });
}

const kept = (headers: NodeJS.Dict<string[]>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, values]) =>
      DROPPED.has(name) || !values ? [] : [[name, values.join(', ')]],
    ),
  );
