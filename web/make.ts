/** Makes an element with text or children in it. Text stays text, whatever characters it has. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  options: { readonly class?: string; readonly label?: string } = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (options.class !== undefined) made.className = options.class;
  if (options.label !== undefined) made.setAttribute('aria-label', options.label);
  made.append(...children);
  return made;
}
