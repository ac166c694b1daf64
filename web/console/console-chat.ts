import { ChatPane } from '../chat/pane';
import { element } from '../page-elements';
import type { ConsoleClient } from './client';

/** The chat of one stream in the console, read and moderated by a room token of a moderator. */
export class ConsoleChat {
  private leaving: AbortController | undefined;

  /** Opens the chat; the API makes the token with the key of the console. */
  async open(client: ConsoleClient, streamId: string): Promise<void> {
    this.close();
    const leaving = new AbortController();
    this.leaving = leaving;
    const { token } = await client.chatToken(streamId);
    if (leaving.signal.aborted) return;
    const root = element('chat', HTMLElement);
    new ChatPane({ root, streamId, token: () => token, signal: leaving.signal });
    root.scrollIntoView({ block: 'nearest' });
  }

  close(): void {
    this.leaving?.abort();
    const root = element('chat', HTMLElement);
    root.hidden = true;
    root.replaceChildren();
  }
}
