import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { defined } from '../../../functions/core/defined';
import { close, listen } from '../server/listen';
import type { LocalService } from '../server/local-service';
import { Bodies } from './api/bodies';
import { type ApiRequest, jsonAnswer, readBody, type StorageAnswer, send, urlOf } from './api/http';
import { jsonRoutes } from './api/json-api';
import { errorHeaders } from './api/media';
import { publicCall, xmlErrorBody } from './api/public-api';
import { match, type StorageCall, type StorageRoute } from './api/routing';
import { errorBody, StorageError } from './api/storage-error';
import { uploadRoutes } from './api/upload-api';
import type { BucketSpec } from './bucket';
import { StorageFaults } from './faults';
import { type OperationCounts, OperationMeter } from './meter';
import type { ObjectResource } from './objects';
import { Store } from './store';

export interface ObjectStoreOptions {
  /** The port; 0: any free one. */
  readonly port: number;
  readonly buckets: readonly BucketSpec[];
  /** @default the system's time */
  readonly clock?: { now(): number };
  readonly faults?: StorageFaults;
  /** The folder for bodies that do not fit in memory. @default a new folder in the system's temp folder */
  readonly spillFolder?: string;
  /** @default 256 MiB */
  readonly memoryLimitBytes?: number;
  /** Answers 429 to a second write to a name within a second. @default true */
  readonly oneWritePerSecond?: boolean;
}

const MEBIBYTE = 1 << 20;
const MAX_BODY_BYTES = 256 * MEBIBYTE;
/** The interval at which lifecycle rules run; in the cloud it is about a day. */
const SWEEP_INTERVAL_MS = 60_000;

export function objectStoreServer(options: ObjectStoreOptions): ObjectStoreServer {
  return new ObjectStoreServer(options);
}

/** Cloud Storage on this machine: JSON API, uploads, public reads. Objects are in memory, and end with it. */
export class ObjectStoreServer implements LocalService {
  readonly name = 'object-store';
  readonly faults: StorageFaults;
  readonly #bodies: Bodies;
  readonly #store: Store;
  readonly #meter = new OperationMeter();
  readonly #routes: readonly StorageRoute[];
  readonly #server: Server;
  readonly #stopping = new AbortController();
  #sweeping: NodeJS.Timeout | undefined;

  constructor(private readonly options: ObjectStoreOptions) {
    const {
      clock = { now: Date.now },
      memoryLimitBytes = MAX_BODY_BYTES,
      spillFolder,
      oneWritePerSecond = true,
    } = options;
    this.faults = options.faults ?? new StorageFaults(clock);
    this.#bodies = new Bodies({ limitBytes: memoryLimitBytes, ...defined({ spillFolder }) });
    this.#store = new Store({ clock, bodies: this.#bodies, oneWritePerSecond });
    for (const bucket of options.buckets) this.#store.createBucket(bucket);
    this.#routes = [...uploadRoutes(this.#store), ...jsonRoutes(this.#store)];
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  async start(): Promise<URL> {
    const port = await listen(this.#server, this.options.port, this.name);
    this.#sweeping = setInterval(() => this.sweep(), SWEEP_INTERVAL_MS).unref();
    return new URL(`http://127.0.0.1:${port}`);
  }

  async stop(): Promise<void> {
    clearInterval(this.#sweeping);
    this.#stopping.abort();
    await close(this.#server);
    await this.#bodies.close();
  }

  /** Calls `listener` for every new generation in any bucket. Returns a function that stops it. */
  onFinalized(listener: (object: ObjectResource) => void): () => void {
    return this.#store.onFinalized(listener);
  }

  /** Returns the operations that Google would bill so far; over HTTP it is `GET /_ops`. */
  operations(): OperationCounts {
    return this.#meter.counts();
  }

  /** Applies the lifecycle rules now; returns the number of deleted objects. */
  sweep(): number {
    return this.#store.sweep();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      send(response, await this.#answer(request));
    } catch (error) {
      if (error instanceof AnswerLost || this.#stopping.signal.aborted) request.socket.destroy();
      else
        send(
          response,
          jsonError(new StorageError(500, 'internalError', error instanceof Error ? error.message : 'unknown')),
        );
    }
  }

  async #answer(message: IncomingMessage): Promise<StorageAnswer> {
    let sayError = jsonError;
    try {
      const body = await readBody(message, MAX_BODY_BYTES);
      const request = { method: message.method ?? 'GET', url: urlOf(message), headers: message.headers, body };
      if (request.url.pathname === '/_ops') return jsonAnswer(this.operations());
      if (!isJsonApi(request.url)) sayError = xmlError;
      return await this.#carryOut(this.#call(request));
    } catch (error) {
      if (error instanceof StorageError) return sayError(error);
      throw error;
    }
  }

  #call(request: ApiRequest): StorageCall {
    if (!isJsonApi(request.url)) return publicCall(this.#store, request);
    const call = match(this.#routes, request);
    if (call === undefined)
      throw new StorageError(404, 'notFound', `Not Found: ${request.method} ${request.url.pathname}`);
    return call;
  }

  async #carryOut(call: StorageCall): Promise<StorageAnswer> {
    const fault = this.faults.take(call);
    if (fault?.delayMs !== undefined) await sleep(fault.delayMs, undefined, { signal: this.#stopping.signal });
    if (fault?.reset === true) throw new AnswerLost();
    if (fault?.status !== undefined) throw faultError(fault.status, call);
    const answer = await this.#run(call);
    if (fault?.loseAnswer === true) throw new AnswerLost();
    return fault?.halfAnswer === true ? { ...answer, isCut: true } : answer;
  }

  async #run(call: StorageCall): Promise<StorageAnswer> {
    try {
      const answer = await call.run();
      this.#meter.count(call.operation, call.bucket);
      return answer;
    } catch (error) {
      if (error instanceof StorageError && error.status === 304) this.#meter.count(call.operation, call.bucket);
      throw error;
    }
  }
}

/** The connection breaks without an answer, whether the request was carried out or not. */
class AnswerLost extends Error {}

const isJsonApi = ({ pathname }: URL): boolean => /^(\/upload|\/download)?\/storage\/v1\//.test(pathname);

const FAULT_REASONS: Readonly<Record<number, string>> = {
  429: 'rateLimitExceeded',
  503: 'backendError',
  500: 'internalError',
};

const faultError = (status: number, { bucket, name }: StorageCall): StorageError =>
  new StorageError(status, FAULT_REASONS[status] ?? 'backendError', `Fault put in for ${bucket}/${name}.`);

const jsonError = (error: StorageError): StorageAnswer => ({
  status: error.status,
  headers: { ...errorHeaders(error), 'content-type': 'application/json; charset=UTF-8' },
  body: errorBody(error),
});

const xmlError = (error: StorageError): StorageAnswer => ({
  status: error.status,
  headers: { ...errorHeaders(error), 'content-type': 'application/xml; charset=UTF-8' },
  body: xmlErrorBody(error),
});
