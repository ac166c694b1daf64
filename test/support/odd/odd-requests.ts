import { createServer, type Server } from 'node:http';
import { z } from 'zod';
import type { CreatedStream } from '../platform/viewer';
import { callApi } from '../platform/viewer';
import { browserOffer } from './browser-offer';

type Platform = Parameters<typeof callApi>[0];

/** One odd request, and the statuses that may answer it. */
export interface OddRequest {
  readonly title: string;
  readonly allowed: readonly number[];
  send(platform: Platform, live: { playback: { flv: string } }, silent: CreatedStream): Promise<number>;
}

const status = async (answer: Promise<Response>): Promise<number> => {
  const { status, body } = await answer;
  await body?.cancel();
  return status;
};
const anonymous = (platform: Platform, path: string, body: BodyInit) => {
  const init: RequestInit & { duplex: 'half' } = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    duplex: 'half',
  };
  return fetch(`${platform.api}${path}`, init);
};

/** 30 MB, as long as anybody takes them, of a length that is not told. */
function bigBody(): ReadableStream<Uint8Array> {
  let left = 30;
  return new ReadableStream({
    pull(controller) {
      left -= 1;
      if (left < 0) controller.close();
      else controller.enqueue(new Uint8Array(1 << 20).fill(0x78));
    },
  });
}

const Key = z.object({ metadata: z.record(z.string(), z.string()) });

/** Odd requests from the internet to the HTTP face. */
export const ODD_REQUESTS: readonly OddRequest[] = [
  {
    title: 'HEAD of a live FLV, twenty times',
    allowed: [200],
    send: async (_, live) => {
      const all = await Promise.all(
        Array.from({ length: 20 }, () => status(fetch(live.playback.flv, { method: 'HEAD' }))),
      );
      return all.find((each) => each !== 200) ?? 200;
    },
  },
  {
    title: 'a path that is malformed',
    allowed: [400, 401, 404],
    send: async (platform) => {
      const answer = await fetch(`${platform.api}/api/v1/streams/%E0%A4%A`);
      const type = answer.headers.get('content-type');
      if (type?.startsWith('application/problem+json') !== true) throw new Error(`'${type}' is no problem`);
      return status(Promise.resolve(answer));
    },
  },
  {
    title: 'metadata named __proto__',
    allowed: [201, 422],
    send: async (platform) => {
      const answer = await callApi(platform, '/streams', {
        method: 'POST',
        body: '{"title":"m","metadata":{"__proto__":"a"}}',
      });
      const body: unknown = await answer.json();
      if (answer.status === 201 && !Object.hasOwn(Key.parse(body).metadata, '__proto__'))
        throw new Error('the key is gone');
      return answer.status;
    },
  },
  {
    title: 'a playlist before the first segment',
    allowed: [403, 404],
    send: (_, __, silent) => status(fetch(silent.playback.hls)),
  },
  {
    title: 'a WHIP offer that ends in an empty line, of a browser that then goes',
    allowed: [201],
    send: async (_, __, silent) => {
      const headers = { authorization: `Bearer ${silent.key}` };
      const body = `${browserOffer()}\r\n`;
      const { url } = silent.ingest.whip;
      const begun = await fetch(url, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/sdp' },
        body,
      });
      const answer = await begun.text();
      if (begun.status !== 201) return begun.status;
      if (!answer.startsWith('v=0')) throw new Error(`'${answer.slice(0, 60)}' is no SDP`);
      const ended = await fetch(new URL(begun.headers.get('location') ?? '', url), { method: 'DELETE', headers });
      return ended.status === 200 ? begun.status : ended.status;
    },
  },
  {
    title: 'what looks like very many tokens',
    allowed: [401, 404],
    send: (platform) => status(fetch(`${platform.api}/api/v1/${'eyJ'.repeat(4000)}`)),
  },
  {
    title: 'a field named like very many tokens',
    allowed: [422],
    send: (platform) =>
      status(callApi(platform, '/streams', { method: 'POST', body: `{"title":"m","${'eyJ'.repeat(20_000)}":1}` })),
  },
  {
    title: 'a body of 30 MB',
    allowed: [400, 401, 413],
    // A client that is refused early may find the connection closed before the answer.
    send: (platform) => status(anonymous(platform, '/rtc/v1/publish/', bigBody())).catch(() => 413),
  },
  {
    title: 'a budget override that is over',
    allowed: [422],
    send: (platform) =>
      status(
        callApi(platform, '/budget/override', {
          method: 'PUT',
          body: JSON.stringify({ until: '1969-01-01T00:00:00Z', reason: 'x' }),
        }),
      ),
  },
  {
    title: 'JSON nested 5,000 deep',
    allowed: [400],
    send: (platform) => status(anonymous(platform, '/rtc/v1/publish/', '['.repeat(5000))),
  },
];

/** A receiver of webhooks that switches protocols instead of answering. */
export async function switchingReceiver(): Promise<{ url: string; asked: () => number; stop(): void }> {
  let asked = 0;
  const server: Server = createServer((request) => {
    asked += 1;
    request.socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return {
    url: `http://127.0.0.1:${port}/hook`,
    asked: () => asked,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
