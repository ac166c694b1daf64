import { Agent, type IncomingMessage, request } from 'node:http';

export interface BenchCall {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}
export interface BenchAnswer {
  readonly status: number;
  readonly text: string;
}

export interface Caller {
  call(url: string, call: BenchCall): Promise<BenchAnswer>;
  end(): void;
}

/**
 * The connections of a caller: the `concurrency` of the api in `infra/config/environments`, because Cloud Run gives an
 * instance no more requests at once. A call beyond them waits here, and its wait is part of the figure.
 */
export const CONNECTIONS = 40;

/**
 * Makes a caller with a bounded number of connections and no time limit: a late answer is a late figure, not an error.
 * `fetch` would open a connection for each call and give each 10 s of wall time, in which a busy machine may not have
 * let this process or the server run. Rejects if the connection breaks; one that the server closed while it was idle is
 * replaced. `end` closes its connections.
 */
export function caller(): Caller {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  return {
    call: (url, call) => send(agent, url, call),
    end: () => agent.destroy(),
  };
}

function send(agent: Agent, url: string, call: BenchCall): Promise<BenchAnswer> {
  const { method, headers, body = '' } = call;
  return new Promise((resolve, reject) => {
    const length = { 'Content-Length': String(Buffer.byteLength(body)) };
    const sent = request(url, { agent, method, headers: { ...headers, ...length } });
    sent.once('response', (answer) => read(answer).then(resolve, reject));
    sent.once('error', (error) => {
      const wasIdle = sent.reusedSocket && 'code' in error && error.code === 'ECONNRESET';
      if (wasIdle) send(agent, url, call).then(resolve, reject);
      else reject(new Error(`${method} ${url} was not answered`, { cause: error }));
    });
    sent.end(body);
  });
}

async function read(answer: IncomingMessage): Promise<BenchAnswer> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(Buffer.from(chunk));
  return { status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() };
}
