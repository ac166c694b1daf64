import { element } from '../page-elements';
import type { WatchLink } from '../stream-link';

export interface WatchChatOptions {
  readonly link: WatchLink;
  readonly signal: AbortSignal;
  /** Returns the token of the grant for the chat, as last renewed. */
  readonly grantToken: () => string | undefined;
}

/** The code of the chat is a file of its own, beside the page: most streams have no chat. */
const CODE = './chat.js';
/** A narrower frame has room for the picture alone. */
const WIDE_FRAME = '(min-width: 44rem)';

/** The chat beside the picture, once the stream is known to have one. */
export class WatchChat {
  private isOpen = false;

  constructor(private readonly options: WatchChatOptions) {}

  /** Opens the pane, if it is not open yet. A page without its code plays as before, and tries at the next answer. */
  open(): void {
    const { link, signal, grantToken } = this.options;
    const isFrame = document.body.classList.contains('embed');
    if (this.isOpen || signal.aborted || (isFrame && !matchMedia(WIDE_FRAME).matches)) return;
    this.isOpen = true;
    const token = () => link.chatToken ?? grantToken();
    loadPane()
      .then(({ ChatPane }) => {
        if (!signal.aborted)
          new ChatPane({ root: element('chat', HTMLElement), streamId: link.streamId, token, signal });
      })
      .catch(() => {
        this.isOpen = false;
      });
  }
}

const loadPane = (): Promise<typeof import('./pane')> => import(CODE);
