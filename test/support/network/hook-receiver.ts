import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

const Body = z.object({ action: z.string(), client_id: z.string(), service_id: z.string() });
/** `body` as it came, its keys in their order. */
export type ReceivedHook = z.infer<typeof Body> & { readonly body: unknown };

/** The answer to a hook; `{"code":0}` with status 200 by default. */
export type Answer = { status?: number; body?: string };

/** Stands where the agent stands: keeps what SRS posts, in order, and answers as `answer` says. */
export class HookReceiver {
  readonly hooks: ReceivedHook[] = [];
  /** Asked for every hook; may wait. */
  answer: (hook: ReceivedHook) => Answer | Promise<Answer> = () => ({});
  private readonly server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const received: unknown = JSON.parse(Buffer.concat(chunks).toString());
      const hook = { ...Body.parse(received), body: received };
      if (request.url !== `/srs/${hook.action}`) throw new Error(`${request.url}: not the path of ${hook.action}`);
      this.hooks.push(hook);
      const { status = 200, body = '{"code":0}' } = await this.answer(hook);
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(body);
    });
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    const { port } = z.custom<AddressInfo>((address) => typeof address === 'object').parse(this.server.address());
    return `http://127.0.0.1:${port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Begins a new test: nothing received, everything accepted. */
  reset(): void {
    this.hooks.splice(0);
    this.answer = () => ({});
  }

  of(action: string, clientId?: string): ReceivedHook[] {
    return this.hooks.filter(
      (hook) => hook.action === action && (clientId === undefined || hook.client_id === clientId),
    );
  }

  /** The `count`th hook of this action, once it is there. */
  async next(action: string, count = 1, seconds = 20): Promise<ReceivedHook> {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const hook = this.of(action)[count - 1];
      if (hook !== undefined) return hook;
      if (Date.now() > deadline)
        throw new Error(`no ${action} number ${count} in ${seconds} s; got ${this.hooks.map(({ action }) => action)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
