import * as z from 'zod/mini';
import { path, ROUTES } from '../../functions/contract/routes';

const Problem = z.object({ detail: z.string() });

export interface ChatCallsOptions {
  readonly streamId: string;
  readonly token: () => string | undefined;
  readonly send: typeof fetch;
}

export type ChatCalls = ReturnType<typeof chatCalls>;

/** The requests of a pane. Each resolves with the words of a refusal, or `undefined` when it was done. */
export function chatCalls({ streamId: id, token, send }: ChatCallsOptions) {
  const call = async (method: string, url: string, body?: object): Promise<string | undefined> => {
    try {
      const answer = await send(url, {
        method,
        headers: { Authorization: `Bearer ${token() ?? ''}`, 'Content-Type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      });
      return answer.ok ? undefined : await wordsOf(answer);
    } catch {
      return 'The server does not answer. Try again.';
    }
  };
  const { chat } = ROUTES;
  return {
    /** `messageId`: the same for every attempt, so that none is added twice. */
    post: (text: string, messageId: string) => call('POST', path(chat.room, { id }), { text, id: messageId }),
    remove: (number: number) => call('DELETE', path(chat.message, { id, number: String(number) })),
    restrict: (sender: string, kind: 'mute' | 'ban') => call('PUT', path(chat.restriction, { id, sender }), { kind }),
    free: (sender: string) => call('DELETE', path(chat.restriction, { id, sender })),
    slow: (slowSeconds: number) => call('PUT', path(chat.slowMode, { id }), { slowSeconds }),
  };
}

async function wordsOf(answer: Response): Promise<string> {
  const seconds = Number(answer.headers.get('retry-after') ?? 0);
  if (answer.status === 429 && seconds > 0) return `Wait ${seconds} s, then send it again.`;
  const problem = Problem.safeParse(await answer.json().catch(() => undefined));
  return problem.success ? problem.data.detail : `The server answered ${answer.status}.`;
}
