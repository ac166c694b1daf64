import { make } from '../make';
import type { ChatLine } from './room-events';

/**
 * Makes the item of a line. Name and text are text, each with a direction of its own, so that no bidi mark in them
 * reaches what stands beside.
 */
export function lineItem(
  { name, role, sender, text }: ChatLine,
  tools: readonly (readonly [word: string, run: () => void])[],
): HTMLElement {
  const who = make('bdi', { class: 'chat-name' }, name);
  const what = make('bdi', { class: 'chat-text' }, text);
  what.dir = 'auto';
  const badge = role === 'moderator' ? [make('span', { class: 'soft' }, 'moderator')] : [];
  const item = make('li', {}, who, ...badge, what, ...buttons(name, tools));
  item.dataset.sender = sender;
  return item;
}

function buttons(name: string, tools: readonly (readonly [string, () => void])[]): HTMLElement[] {
  if (tools.length === 0) return [];
  const made = tools.map(([word, run]) => {
    const button = make('button', { class: 'plain', label: `${word} ${name}` }, word);
    button.type = 'button';
    button.dataset.tool = word;
    button.addEventListener('click', run);
    return button;
  });
  return [make('span', { class: 'chat-tools' }, ...made)];
}
