import { make } from '../make';

/** Makes a button. `about`: its purpose, where the word alone does not say it. */
export function button(word: string, about: string, run: () => void, kind = 'plain'): HTMLButtonElement {
  const made = make('button', { class: kind, ...(about === '' ? {} : { label: `${word} ${about}` }) }, word);
  made.type = 'button';
  made.addEventListener('click', run);
  return made;
}

/**
 * Makes a button that asks before an action that cannot be undone: its first click changes the word, the second within
 * five seconds runs it.
 */
export function sureButton(word: string, about: string, run: () => void): HTMLButtonElement {
  const made = button(word, about, () => {
    if (made.dataset.armed === 'yes') return run();
    made.dataset.armed = 'yes';
    say(`Really ${word.toLowerCase()}?`);
    setTimeout(() => {
      delete made.dataset.armed;
      say(word);
    }, 5000);
  });
  const say = (text: string) => {
    made.textContent = text;
    if (about !== '') made.setAttribute('aria-label', `${text} ${about}`);
  };
  return made;
}

/** Makes a read-only field with a button that copies it. */
export function copyField(name: string, value: string): HTMLElement {
  const input = make('input');
  input.readOnly = true;
  input.value = value;
  const copy = button('Copy', name, () => {
    input.select();
    // A page that is not served over HTTPS may not copy; the text is selected then.
    navigator.clipboard?.writeText(value).then(
      () => {
        copy.textContent = 'Copied';
      },
      () => undefined,
    );
  });
  return make('div', { class: 'field' }, make('label', {}, name, input), copy);
}

/** Makes a list, or a sentence where there is nothing to list. */
export const list = (name: string, items: readonly HTMLElement[], none: string): HTMLElement =>
  items.length === 0 ? make('p', { class: 'soft' }, none) : make('ul', { class: 'streams', label: name }, ...items);

/** Writes a time for people, in their own zone. */
export const timeOf = (time: string | undefined): string =>
  time === undefined ? '–' : new Date(time).toLocaleString([], { dateStyle: 'medium', timeStyle: 'medium' });
