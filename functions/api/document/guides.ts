/** A guide of the API's page: the same steps in a shell and in Node, in the order in which they run. */
export interface Guide {
  readonly id: string;
  readonly title: string;
  readonly words: string;
  /** Commands for bash with curl. They share the variables of the guides before. */
  readonly curl: string;
  /** A module for Node 20 or newer. Its variables are those of the environment. */
  readonly node: string;
}

const JSON_HEADERS = `-H "Authorization: Bearer $KEY" -H 'Content-Type: application/json'`;
/** The head of every module: `call` throws where the answer is a problem. */
const CALL = `import { env } from 'node:process';
const { LIVE, KEY, STREAM } = env;
const call = async (path, body, method = body === undefined ? 'GET' : 'POST') => {
  const headers = { Authorization: \`Bearer \${KEY}\`, 'Content-Type': 'application/json' };
  const answer = await fetch(\`\${LIVE}/api/v1\${path}\`, { method, headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
};`;

/** The commands before all guides. `field` reads one field of a file with JSON. */
export const guideSetup = (origin: string): string => `export LIVE=${origin} KEY='<your API key>'
field() { grep -o "\\"$1\\":\\"[^\\"]*\\"" "$2" | head -1 | cut -d '"' -f 4; }`;

export const GUIDES: readonly Guide[] = [
  {
    id: 'guide-publish',
    title: 'Publish',
    words:
      'Create a stream. Enter its server and its stream key in OBS or another encoder, with a keyframe every 2 s. ' +
      'The key is shown only in this answer. From a browser, use `/publish.html`.',
    curl: `curl -fsS "$LIVE/api/v1/streams" ${JSON_HEADERS} \\
  -d '{"title": "Town hall"}' -o stream.json
export STREAM=$(field id stream.json)
echo "$(field server stream.json) $(field streamKey stream.json)"`,
    node: `${CALL}
const { id, ingest } = await call('/streams', { title: 'Town hall' });
console.log(id, ingest.rtmp.server, ingest.rtmp.streamKey);`,
  },
  {
    id: 'guide-watch',
    title: 'Watch',
    words:
      'Share the page to watch, or give `playback.hls` to a player of yours. The state of a stream needs no key: ' +
      'pages may ask for it.',
    curl: `curl -fsS "$LIVE/api/v1/streams/$STREAM/public"
echo "$LIVE/watch.html?id=$STREAM"`,
    node: `${CALL}
const { playback, status } = await call(\`/streams/\${STREAM}\`);
console.log(status, playback.hls, \`\${LIVE}/watch.html?id=\${STREAM}\`);`,
  },
  {
    id: 'guide-gated',
    title: 'Let only your viewers watch',
    words:
      'A gated stream plays only with a grant. Your server creates one for each viewer, and sends the viewer to ' +
      '`playback.page`. The page renews the grant by itself. Revoke the grant, and the viewer is out.',
    curl: `curl -fsS "$LIVE/api/v1/streams" ${JSON_HEADERS} \\
  -d '{"title": "Members", "policy": "gated"}' -o gated.json
curl -fsS "$LIVE/api/v1/streams/$(field id gated.json)/grants" ${JSON_HEADERS} \\
  -d '{"viewer": "user-42"}' -o grant.json
field page grant.json`,
    node: `${CALL}
const { id } = await call('/streams', { title: 'Members', policy: 'gated' });
const { playback } = await call(\`/streams/\${id}/grants\`, { viewer: 'user-42' });
console.log(playback.page);`,
  },
  {
    id: 'guide-recordings',
    title: 'Recordings',
    words:
      'Every broadcast of a stream with `recording` is a recording, ready some seconds after the reconnect window. ' +
      '`playback.hls` plays as the stream does. A recording of a gated stream needs a grant.',
    curl: `curl -fsS "$LIVE/api/v1/streams/$STREAM/recordings" -H "Authorization: Bearer $KEY"`,
    node: `${CALL}
const { recordings } = await call(\`/streams/\${STREAM}/recordings\`);
for (const { id, state, playback } of recordings) console.log(id, state, playback?.hls);`,
  },
  {
    id: 'guide-webhooks',
    title: 'Webhooks',
    words:
      'Your server gets every event as a POST request, signed as Standard Webhooks has it. Verify the signature over ' +
      'the body as it came, answer 2xx within 10 s, and expect an event twice.',
    curl: `export RECEIVER=\${RECEIVER:-'<an https address of yours>'}
curl -fsS "$LIVE/api/v1/webhooks" ${JSON_HEADERS} \\
  -d "{\\"url\\": \\"$RECEIVER\\", \\"types\\": [\\"stream.live\\", \\"stream.ended\\"]}" -o webhook.json
curl -fsS "$LIVE/api/v1/webhooks/$(field id webhook.json)/deliveries" -H "Authorization: Bearer $KEY"`,
    node: `import { createHmac, timingSafeEqual } from 'node:crypto';

/** Returns whether a request is ours. body: its text as it came. nowSeconds: the time since 1970. */
export function isOurs({ headers, body, secret, nowSeconds }) {
  const signed = \`\${headers['webhook-id']}.\${headers['webhook-timestamp']}.\${body}\`;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const wanted = createHmac('sha256', key).update(signed).digest();
  const ageSeconds = nowSeconds - Number(headers['webhook-timestamp']);
  return Math.abs(ageSeconds) < 300 && headers['webhook-signature'].split(' ').some((each) => {
    const given = Buffer.from(each.replace(/^v1,/, ''), 'base64');
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  });
}`,
  },
  {
    id: 'guide-embed',
    title: 'Embed the player',
    words:
      'Put the player into a page of yours. For a gated stream, end the address with `#grant=` and the ' +
      '`renewalToken` of a grant. `/embed-code.html` makes this code too.',
    curl: `cat > player.html <<END
<iframe src="$LIVE/embed.html?id=$STREAM" title="Live video"
  allow="autoplay; fullscreen; picture-in-picture" allowfullscreen
  style="width: 100%; aspect-ratio: 16 / 9; border: 0"></iframe>
END
curl -fsS "$LIVE/embed.html?id=$STREAM" -o /dev/null`,
    node: `import { env } from 'node:process';
const { LIVE, STREAM } = env;
const url = \`\${LIVE}/embed.html?id=\${STREAM}\`;
console.log(\`<iframe src="\${url}" title="Live video" allow="autoplay; fullscreen" allowfullscreen></iframe>\`);`,
  },
];
