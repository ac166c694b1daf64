import { readStreamId } from '../names';
import { copyFrom, element } from '../page-elements';
import { TECHNOLOGIES } from '../stream-link';
import { embedCode, embedUrl } from './embed-code';

const server = element('server', HTMLInputElement);
const stream = element('stream-id', HTMLInputElement);
const tech = element('tech', HTMLSelectElement);
const code = element('code', HTMLTextAreaElement);

/** Returns the address of the player; while the form is incomplete, says so and returns `undefined`. */
function wanted(): string | undefined {
  const id = readStreamId(stream.value.trim());
  const technology = TECHNOLOGIES.find((known) => known === tech.value) ?? 'auto';
  const isServer = /^https?:\/\/[^/]/.test(server.value) && URL.canParse(server.value);
  const wrong = isServer ? 'Stream id: use 16 of a-z, 0-9.' : 'Server: use an address that begins with https://.';
  element('status', HTMLElement).textContent = isServer && id !== undefined ? '' : wrong;
  return isServer && id !== undefined ? embedUrl(server.value, id, technology) : undefined;
}

function write(): void {
  const url = wanted();
  code.value = url === undefined ? '' : embedCode(url);
  element('copy-code', HTMLButtonElement).disabled = url === undefined;
}

/** Shows the player of this host: the policy of these pages allows no other in a frame. */
function test(): void {
  const url = wanted();
  if (url === undefined) return;
  if (new URL(url).origin !== location.origin) {
    element('status', HTMLElement).textContent =
      `Only ${location.origin} can be tested here; the code is for any page.`;
    return;
  }
  const frame = document.createElement('iframe');
  frame.src = url;
  frame.title = 'Live video';
  frame.allow = 'autoplay; fullscreen; picture-in-picture';
  element('test', HTMLElement).replaceChildren(frame);
}

server.value = location.origin;
stream.value = new URLSearchParams(location.search).get('id') ?? '';
for (const field of [server, stream, tech]) field.addEventListener('input', write);
element('embed-form', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  write();
  test();
});
element('copy-code', HTMLButtonElement).addEventListener('click', ({ currentTarget }) => {
  if (currentTarget instanceof HTMLButtonElement) void copyFrom(code, currentTarget);
});
if (stream.value !== '') write();
