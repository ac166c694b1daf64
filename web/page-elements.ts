/** The element with this id, which the page's own HTML has. */
export function element<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`the page has no <${type.name}> with id '${id}'`);
  return found;
}

/** Copies what a field holds and says so on the button. */
export async function copyFrom(
  field: HTMLInputElement | HTMLTextAreaElement,
  button: HTMLButtonElement,
): Promise<void> {
  const label = button.textContent;
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    button.textContent = 'Copied';
  } catch {
    button.textContent = 'Press Ctrl-C'; // a page that is not served over HTTPS may not copy; the text is selected then
  }
  setTimeout(() => {
    button.textContent = label;
  }, 1500);
}
