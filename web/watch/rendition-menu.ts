import { element } from '../page-elements';
import type { RenditionChoice } from './players/playback';

/** The menu of renditions: shown while there are at least two, and set to Auto again by each new start of a player. */
export class RenditionMenu {
  private readonly menu = element('quality', HTMLSelectElement);
  private shown: RenditionChoice | undefined;
  private names = '';

  constructor(signal: AbortSignal) {
    const choose = () => this.shown?.choose(this.menu.value === '' ? undefined : Number(this.menu.value));
    this.menu.addEventListener('change', choose, { signal });
  }

  show(renditions: RenditionChoice | undefined): void {
    const list = renditions?.list() ?? [];
    const names = list.map(({ level, name }) => `${level} ${name}`).join();
    if (renditions === this.shown && names === this.names) return;
    this.shown = renditions;
    this.names = names;
    element('quality-row', HTMLElement).hidden = list.length < 2;
    this.menu.replaceChildren(
      new Option('Auto', ''),
      ...list.map(({ level, name }) => new Option(name, String(level))),
    );
  }
}
