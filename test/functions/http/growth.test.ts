import { isAddressIn } from '../../../functions/core/addresses/ip-address';
import { withoutKeys } from '../../../functions/core/keys';
import { parseMultivariant } from '../../../functions/core/playlist/multivariant';
import { rewriteUris } from '../../../functions/core/playlist/rewrite-uris';
import { checkedOffer } from '../../../functions/core/webrtc/offer';
import { readSrsUrl } from '../../../functions/core/webrtc/srs-url';
import { parseWellFormedJson } from '../../../functions/http/outside-json';
import { wrongFields } from '../../../functions/http/request-body';
import { iceServersOf } from '../../../web/sdk/ice-servers';

/** Ten times the input may take at most twelve times the time: what strangers send has the length they choose. */
const TIMES = 10;
const MOST = 12;
/** A loaded machine slows one measurement, not the quickest of several, and not every round. */
const ROUNDS = 6;
const REPEATS = 5;
/** Below this a clock says little. */
const LEAST_MS = 2;

const refusing =
  (run: (text: string) => unknown) =>
  (text: string): void => {
    try {
      run(text);
    } catch {
      // A refusal takes time as well.
    }
  };

function quickest(run: () => void): number {
  return Math.min(
    ...Array.from({ length: REPEATS }, () => {
      const before = process.cpuUsage();
      run();
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    }),
  );
}

/** Returns how many times longer ten times the text takes; the least of some rounds. */
function growth(run: (text: string) => void, textOf: (length: number) => string): number {
  let length = 1000;
  while (length < 30_000 && quickest(() => run(textOf(length))) < LEAST_MS) length *= 2;
  const small = textOf(length);
  const large = textOf(TIMES * length);
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS && least > MOST; round += 1) {
    const base = Math.max(
      LEAST_MS,
      quickest(() => run(small)),
    );
    least = Math.min(least, quickest(() => run(large)) / base);
  }
  return least;
}

const repeated = (unit: string) => (length: number) => unit.repeat(Math.ceil(length / unit.length));
const nested = (open: string, close: string) => (length: number) => `${open.repeat(length)}${close.repeat(length)}`;

const OFFER = ['v=0', 'a=ice-ufrag:a', 'a=ice-pwd:a', 'a=fingerprint:a', 'a=setup:actpass'].join('\n');

it.each<[string, (text: string) => unknown, (length: number) => string]>([
  ['redaction of headers of tokens', withoutKeys, repeated('eyJ')],
  ['redaction of a field of tokens', withoutKeys, (length) => `{"${repeated('eyJ')(length)}":1}`],
  ['redaction of half tokens', withoutKeys, repeated('eyJaaaaaaaaaa.')],
  ['redaction of stream keys', withoutKeys, repeated('sk_')],
  ['redaction of API keys', withoutKeys, repeated('slk_aaaaaaaa_')],
  ['redaction of play tokens', withoutKeys, repeated('slp_')],
  ['redaction of signatures', withoutKeys, repeated('Signature=')],
  ['JSON of nested arrays', parseWellFormedJson, nested('[', ']')],
  ['JSON of nested objects', parseWellFormedJson, nested('{"a":', '}')],
  ['JSON of many fields', parseWellFormedJson, (length) => `{${repeated('"a":[],')(length)}"b":0}`],
  ['JSON of strings with backslashes', parseWellFormedJson, (length) => `["${repeated('\\\\')(length)}"]`],
  [
    'an offer of many sections',
    (text) => checkedOffer(text, 'play'),
    (length) => `${OFFER}\n${repeated('m=audio\n')(length)}`,
  ],
  [
    'an offer of many lines',
    (text) => checkedOffer(text, 'play'),
    (length) => `${OFFER}\n${repeated('a=rtpmap:1 \n')(length)}`,
  ],
  ["SRS's URLs", readSrsUrl, (length) => `webrtc://x/${repeated('?')(length)}#`],
  ["SRS's URLs of many parts", readSrsUrl, (length) => `webrtc://x${repeated('/')(length)}`],
  ['multivariant playlists', parseMultivariant, (length) => `#EXTM3U\n#EXT-X-STREAM-INF:${repeated('A=')(length)}"\nx`],
  ['URIs in playlists', (text) => rewriteUris(text, (uri) => uri), (length) => `#EXT-X-MAP:${repeated('A')(length)}`],
  ['URIs in quotes', (text) => rewriteUris(text, (uri) => uri), (length) => `#EXT-X-MAP:${repeated('A="')(length)}`],
  ['Link headers', iceServersOf, repeated('<')],
  ['Link headers with parameters', iceServersOf, (length) => `<a>${repeated(' ;a= ')(length)}`],
  ['addresses', (text) => isAddressIn(text, ['::1/128']), (length) => `::${repeated('%')(length)}\n`],
  [
    'values of wrong fields',
    (text) =>
      wrongFields([{ code: 'custom', path: ['title'], message: 'x', input: 0 }], {
        what: 'body',
        value: { title: text },
      }),
    repeated('eyJ'),
  ],
  [
    'names of wrong fields',
    (text) => wrongFields([{ code: 'custom', path: [text], message: text, input: 0 }], { what: 'body' }),
    repeated('eyJ'),
  ],
])('%s take a time that grows no faster than their text', (_name, run, textOf) => {
  expect(growth(refusing(run), textOf)).toBeLessThanOrEqual(MOST);
});
