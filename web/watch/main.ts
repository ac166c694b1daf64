import { element } from '../page-elements';
import { parseWatchLink } from '../stream-link';
import { WatchPage } from './watch-page';
import { NO_STREAM } from './words';

const link = parseWatchLink(location.search, location.hash);
if (link === undefined) {
  document.body.dataset.state = 'failed';
  element('status', HTMLElement).textContent = NO_STREAM;
} else {
  document.title = `${link.streamId} · live`;
  void new WatchPage(link).run();
}
