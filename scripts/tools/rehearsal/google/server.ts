import { createServer, type IncomingMessage, type Server } from 'node:http';
import {
  type ApiRequest,
  jsonAnswer,
  readBody,
  type StorageAnswer,
  send,
  urlOf,
} from '../../../emulators/gcs/api/http';
import { close, listen } from '../../../emulators/server/listen';
import { type Call, callOf, type GoogleReply } from './call';
import { ControlPlane } from './control-plane';
import { exchange, impersonate } from './identity/sign-in';
import { type Fields, fieldsOf } from './json';
import { answerObject, isObjectRequest } from './objects';
import { RehearsalRefusal } from './refusal';
import type { GoogleRule } from './rule';
import type { World } from './world';

const MAX_BODY_BYTES = 1 << 28;
/** A token that tests use to be refused. */
const EXPIRED_TOKEN = 'expired';

const STS = '/sts.googleapis.com/v1/token';
const GENERATE = /^\/iamcredentials\.googleapis\.com\/v1\/projects\/-\/serviceAccounts\/([^/]+):generateAccessToken$/;

export interface Told {
  readonly call: Call;
  readonly reply: GoogleReply;
}

/**
 * Google on 127.0.0.1, all hosts at one origin: `http://127.0.0.1:<port>/<host>/<path>`. `POST
 * /_clock?advance=<seconds>` lets time pass.
 */
export class GoogleServer {
  /** Every call so far, with its answer. */
  readonly told: Told[] = [];
  readonly #plane: ControlPlane;
  readonly #server: Server;

  constructor(
    readonly world: World,
    rules: readonly GoogleRule[],
  ) {
    this.#plane = new ControlPlane(world, rules);
    this.#server = createServer((request, response) => {
      this.#answer(request).then(
        (answer) => send(response, answer),
        (error: unknown) => send(response, jsonAnswer({ error: { code: 500, message: String(error) } }, 500)),
      );
    });
    this.#server.on('connect', (_request, socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'));
  }

  /**
   * Starts the server and returns its origin, which is also a proxy without a way out: a request without an endpoint of
   * its own fails at once.
   */
  async start(): Promise<string> {
    return `http://127.0.0.1:${await listen(this.#server, 0, 'the stand-in of Google')}`;
  }

  async stop(): Promise<void> {
    await close(this.#server);
    await this.world.close();
  }

  async #answer(message: IncomingMessage): Promise<StorageAnswer> {
    const body = await readBody(message, MAX_BODY_BYTES);
    const request = { method: message.method ?? 'GET', url: urlOf(message), headers: message.headers, body };
    if (request.url.pathname === '/_clock') return this.#pass(Number(request.url.searchParams.get('advance')));
    const refused = signedOut(request);
    if (refused !== undefined) return jsonAnswer(refused.body(), refused.status);
    try {
      return await this.#answerSignedIn(request);
    } catch (error) {
      if (!(error instanceof RehearsalRefusal)) throw error;
      const oauth = { error: 'unauthorized_client', error_description: error.message };
      return jsonAnswer(request.url.pathname === STS ? oauth : error.body(), error.status);
    }
  }

  async #answerSignedIn(request: ApiRequest): Promise<StorageAnswer> {
    if (isObjectRequest(request)) return answerObject(this.world, request);
    const token = this.#signsIn(request);
    if (token !== undefined) return jsonAnswer(token);
    const call = this.#understand(request);
    const reply = this.#plane.answer(call);
    this.told.push({ call, reply });
    return jsonAnswer(reply.body, reply.status);
  }

  /** Answers the exchange of one token for another; `undefined` to any other request. */
  #signsIn({ url, headers: { authorization = '' }, body }: ApiRequest): Fields | undefined {
    if (url.pathname === STS) return exchange(this.world, new URLSearchParams(body.toString('utf8')));
    const [, account] = GENERATE.exec(decodeURIComponent(url.pathname)) ?? [];
    return account === undefined ? undefined : impersonate(this.world, authorization.replace(/^Bearer /, ''), account);
  }

  #pass(seconds: number): StorageAnswer {
    this.world.advance(seconds * 1000);
    return jsonAnswer({ now: this.world.now() });
  }

  /** Replaces a template's number by its name, because clients may use either. */
  #templatesByName(text: string): string {
    return text.replace(/(?<=\/instanceTemplates\/)\d+(?![\w-])/g, (id) => {
      const template = this.world.in('compute.googleapis.com', 'instanceTemplates').find(({ body }) => body.id === id);
      return template?.path.split('/').at(-1) ?? id;
    });
  }

  #understand({ method, url, headers, body }: ApiRequest): Call {
    const target = decodeURIComponent(url.pathname.slice(1))
      .replace(/^(?=storage\/v1\/)/, 'storage.googleapis.com/')
      // The provider leaves in the version of an endpoint without TLS, and adds it again.
      .replace(/^([^/]+\/(?:\w+\/)?v\w+\/)v\w+\//, '$1');
    const named = this.#templatesByName(target).replace(/(?<=^|\/)projects\/(\d+)(?=\/|:|$)/, (all, number: string) => {
      const project = this.world.projectNumbered(number);
      return project === undefined ? all : `projects/${project}`;
    });
    const quotaProject = headers['x-goog-user-project'];
    return callOf({
      method,
      target: named,
      query: new URLSearchParams(this.#templatesByName(decodeURIComponent(url.search))),
      body: fieldsOf(jsonOf(this.#templatesByName(body.toString('utf8')))),
      quotaProject: typeof quotaProject === 'string' ? quotaProject : '',
    });
  }
}

/** Google ignores a null in a list. */
const withoutHoles = (_name: string, value: unknown): unknown =>
  Array.isArray(value) ? value.filter((item) => item !== null) : value;

function jsonOf(body: string): unknown {
  try {
    return body === '' ? undefined : JSON.parse(body, withoutHoles);
  } catch {
    return undefined;
  }
}

/** Returns Google's refusal of a caller without a token, or with an expired one. */
function signedOut({ url, headers }: ApiRequest): RehearsalRefusal | undefined {
  const { authorization = '' } = headers;
  if (/^\/(dns\.google|sts\.googleapis\.com)\//.test(url.pathname)) return undefined;
  if (authorization !== '' && authorization !== `Bearer ${EXPIRED_TOKEN}`) return undefined;
  const message =
    'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid ' +
    'authentication credential.';
  return new RehearsalRefusal(401, message, { reason: 'ACCESS_TOKEN_EXPIRED' });
}
