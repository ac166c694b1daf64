import { element } from '../page-elements';
import { parseWatchLink } from '../stream-link';
import { WatchPage } from './watch-page';
import { NO_STREAM } from './words';

let page: WatchPage | undefined;

/** Plays the stream that the address names, and stops any other. */
function open(): void {
  page?.close();
  page = undefined;
  const link = parseWatchLink(location.search, location.hash);
  if (link === undefined) {
    document.body.dataset.state = 'failed';
    element('status', HTMLElement).textContent = NO_STREAM;
    return;
  }
  document.title = `${link.streamId} · live`;
  page = new WatchPage(link, open);
  void page.run();
}

window.addEventListener('pagehide', () => page?.close());
// Back and Forward restore a page whose requests and timers have ended.
window.addEventListener('pageshow', ({ persisted }) => persisted && open());
// A grant is a fragment: a link that is opened in the same tab changes nothing else.
window.addEventListener('hashchange', open);
open();
