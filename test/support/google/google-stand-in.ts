import { createServer, type IncomingMessage, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

/** The answer of a route: a status and JSON. */
export interface Answer {
  readonly status?: number;
  readonly body?: unknown;
}

export interface Asked {
  readonly method: string;
  /** Host and path, as a client names them behind `https://`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
  /** Groups of the route's pattern. */
  readonly groups: Readonly<Record<string, string>>;
}

export interface Route {
  readonly method: string;
  readonly path: RegExp;
  readonly answer: (asked: Asked) => Answer;
}

/** The failure of the n-th request that changes something: before it did, or after, without a word. */
export interface Fault {
  readonly change: number;
  readonly when: 'before' | 'after';
}

export const notFound: Answer = { status: 404, body: { error: { message: 'not found' } } };

/** Google's REST APIs on 127.0.0.1, all hosts at one origin: `http://127.0.0.1:<port>/<host>/<path>`. */
export class GoogleStandIn {
  readonly asked: string[] = [];
  /** Access tokens that came. */
  readonly tokens = new Set<string>();
  fault: Fault | undefined;
  changes = 0;
  private server: Server | undefined;

  constructor(private readonly routes: readonly Route[]) {}

  async start(): Promise<string> {
    this.server = createServer((request, response) => {
      this.answer(request).then(
        (answer) => {
          if (answer === 'nothing') response.destroy();
          else {
            response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' });
            response.end(JSON.stringify(answer.body ?? {}));
          }
        },
        (error: unknown) => response.writeHead(500).end(String(error)),
      );
    });
    await new Promise<void>((resolve) => this.server?.listen(0, '127.0.0.1', resolve));
    const { port } = z.object({ port: z.number() }).parse(this.server.address());
    return `http://127.0.0.1:${port}`;
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }

  private async answer(request: IncomingMessage): Promise<Answer | 'nothing'> {
    const url = new URL(request.url ?? '/', 'http://stand-in');
    const path = decodeURIComponent(url.pathname.slice(1));
    const method = request.method ?? 'GET';
    const raw = await text(request);
    this.asked.push(`${method} ${path}`);
    this.tokens.add(request.headers.authorization ?? '');
    const fault = this.faultOf(method);
    if (fault === 'before') return { status: 503, body: { error: { message: 'try again' } } };
    const answer = this.find({ method, path, query: url.searchParams, body: raw === '' ? undefined : JSON.parse(raw) });
    return fault === 'after' ? 'nothing' : answer;
  }

  private find(asked: Omit<Asked, 'groups'>): Answer {
    for (const { method, path, answer } of this.routes) {
      const match = method === asked.method ? path.exec(asked.path) : null;
      if (match !== null) return answer({ ...asked, groups: { ...match.groups } });
    }
    return { status: 404, body: { error: { message: `no such method: ${asked.method} ${asked.path}` } } };
  }

  private faultOf(method: string): Fault['when'] | undefined {
    if (method === 'GET') return undefined;
    this.changes++;
    return this.fault?.change === this.changes ? this.fault.when : undefined;
  }
}
