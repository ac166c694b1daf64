import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { type Bucket, type GetFilesOptions, Storage } from '@google-cloud/storage';
import { z } from 'zod';
import { type ObjectStoreServer, objectStoreServer } from '../../../../scripts/emulators/gcs';

/**
 * The client as anybody configures it, with its own retrying: what it expects of Cloud Storage is what the server has
 * to do.
 */
let server: ObjectStoreServer;
let storage: Storage;
let bucket: Bucket;
let prefix = '';
let runs = 0;
let now = Date.UTC(2026, 10, 20);
/** Each look at it is more than a second later, so that no write comes too soon. */
const hastyClock = { now: () => (now += 1001) };

beforeAll(async () => {
  server = objectStoreServer({ port: 0, clock: hastyClock, buckets: [{ name: 'media' }] });
  const { origin } = await server.start();
  storage = new Storage({ projectId: 'local', apiEndpoint: origin });
  bucket = storage.bucket('media');
});
afterAll(() => server.stop());
beforeEach(() => {
  runs += 1;
  prefix = `${runs}/`;
});

const file = (name: string) => bucket.file(`${prefix}${name}`);
const bytes = (size: number) => Buffer.from(Array.from({ length: size }, (_, index) => (index * 7) % 251));
const small = { resumable: false, contentType: 'video/mp2t' } as const;
const Prefixes = z.object({ prefixes: z.array(z.string()).optional() });
const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'resolved',
    (error: { code?: unknown }) => error.code,
  );

describe('buckets', () => {
  it('creates one, knows it, refuses it a second time, and deletes it when empty', async () => {
    const [created] = await storage.createBucket('made-here');
    expect(await created.exists()).toEqual([true]);
    expect(await codeOf(storage.createBucket('made-here'))).toBe(409);
    await created.file('a').save('x', small);
    expect(await codeOf(created.delete())).toBe(409);
    await created.file('a').delete();
    await created.delete();
    expect(await created.exists()).toEqual([false]);
  });

  it('lists them', async () => {
    const [buckets] = await storage.getBuckets();
    expect(buckets.map(({ name }) => name)).toContain('media');
  });

  it('answers 404 for an object in a bucket which is not there', async () => {
    expect(await codeOf(storage.bucket('nowhere').file('a').save('x', small))).toBe(404);
    expect(await codeOf(storage.bucket('nowhere').getFiles())).toBe(404);
  });

  it('refuses a name that is none', async () => {
    expect(await codeOf(storage.createBucket('UPPER'))).toBe(400);
  });
});

describe('uploads', () => {
  it('takes a resumable one, the default', async () => {
    await file('a.ts').save(bytes(3000), {
      contentType: 'video/mp2t',
      metadata: { cacheControl: 'public, max-age=60' },
    });
    const [metadata] = await file('a.ts').getMetadata();
    expect(metadata).toMatchObject({
      size: '3000',
      contentType: 'video/mp2t',
      cacheControl: 'public, max-age=60',
      metageneration: '1',
    });
  });

  it('takes a resumable one in chunks', async () => {
    const content = bytes(1_500_000);
    const write = file('big').createWriteStream({ chunkSize: 512 * 1024, contentType: 'x/y' });
    await pipeline(Readable.from([content.subarray(0, 700_000), content.subarray(700_000)]), write);
    expect((await file('big').download())[0].equals(content)).toBe(true);
  });

  it('takes a resumable stream of unknown length', async () => {
    const write = file('stream').createWriteStream({ contentType: 'x/y' });
    await pipeline(Readable.from([bytes(100_000), bytes(100_000)]), write);
    expect((await file('stream').getMetadata())[0].size).toBe('200000');
  });

  it('takes one in one request, with metadata and custom time', async () => {
    const customTime = '2026-11-20T18:00:00.000Z';
    await file('b.ts').save(bytes(10), { ...small, metadata: { customTime, metadata: { durationMs: '2000' } } });
    const [metadata] = await file('b.ts').getMetadata();
    expect(metadata).toMatchObject({
      customTime,
      metadata: { durationMs: '2000' },
      contentType: 'video/mp2t',
      size: '10',
    });
  });

  it('takes a stream in one request', async () => {
    await pipeline(Readable.from([Buffer.from('abc'), Buffer.from('def')]), file('ws').createWriteStream(small));
    expect((await file('ws').download())[0].toString()).toBe('abcdef');
  });

  it('keeps line ends and boundaries that are content', async () => {
    const content = '\r\n--not-the-boundary--\r\n\r\n--\r\n';
    await file('tricky').save(content, small);
    expect((await file('tricky').download())[0].toString()).toBe(content);
  });

  it('makes checksums the client believes, and refuses wrong ones', async () => {
    await file('sum').save('123456789', { ...small, validation: 'md5' });
    const [{ crc32c, md5Hash }] = await file('sum').getMetadata();
    expect([crc32c, md5Hash]).toEqual(['4waSgw==', 'JfnnlDI7RTiF9RgfG2JNCw==']);
    expect(await codeOf(file('sum2').save('x', { ...small, metadata: { md5Hash: 'AAAA' } }))).toBe(400);
  });

  it('refuses names and metadata beyond the limits', async () => {
    expect(await codeOf(bucket.file('x'.repeat(1025)).save('x', small))).toBe(400);
    expect(await codeOf(bucket.file('a\nb').save('x', small))).toBe(400);
    expect(await codeOf(file('m').save('x', { ...small, metadata: { metadata: { k: 'x'.repeat(8192) } } }))).toBe(400);
    await file('m').save('x', { ...small, metadata: { metadata: { k: 'x'.repeat(8191) } } });
  });
});

describe('preconditions', () => {
  it('creates only once with ifGenerationMatch 0', async () => {
    const preconditionOpts = { ifGenerationMatch: 0 };
    await file('a').save('x', { ...small, preconditionOpts });
    expect(await codeOf(file('a').save('y', { ...small, preconditionOpts }))).toBe(412);
    expect(await codeOf(file('a').save('y', { contentType: 'a/b', preconditionOpts }))).toBe(412);
  });

  it('overwrites the generation that was seen and no other', async () => {
    await file('a').save('1', small);
    const [{ generation }] = await file('a').getMetadata();
    const preconditionOpts = { ifGenerationMatch: generation ?? 0 };
    await file('a').save('2', { ...small, preconditionOpts });
    expect(await codeOf(file('a').save('3', { ...small, preconditionOpts }))).toBe(412);
    expect((await file('a').download())[0].toString()).toBe('2');
  });

  it('answers 412 with the error body of Google', async () => {
    const { origin } = new URL(storage.apiEndpoint);
    await file('a').save('1', small);
    const url = `${origin}/storage/v1/b/media/o/${encodeURIComponent(file('a').name)}?ifGenerationMatch=1`;
    const message = 'At least one of the pre-conditions you specified did not hold.';
    const error = {
      domain: 'global',
      reason: 'conditionNotMet',
      message,
      locationType: 'header',
      location: 'If-Match',
    };
    expect(await (await fetch(url)).json()).toEqual({ error: { code: 412, message, errors: [error] } });
  });

  it('answers 304 to a reader who has this generation, and 412 to one who wants another', async () => {
    await file('a').save('1', small);
    const [{ generation, metageneration }] = await file('a').getMetadata();
    const { origin } = new URL(storage.apiEndpoint);
    const ask = async (query: string) =>
      (await fetch(`${origin}/storage/v1/b/media/o/${encodeURIComponent(file('a').name)}?${query}`)).status;
    expect(await ask(`ifGenerationNotMatch=${generation}`)).toBe(304);
    expect(await ask(`alt=media&ifGenerationNotMatch=${generation}`)).toBe(304);
    expect(await ask(`ifMetagenerationNotMatch=${metageneration}`)).toBe(304);
    expect(await ask('ifGenerationNotMatch=1')).toBe(200);
    expect(await ask('ifMetagenerationMatch=2')).toBe(412);
    expect(await ask('ifGenerationMatch=many')).toBe(400);
  });

  it('reads and deletes a generation that is there, not one that was', async () => {
    await file('a').save('1', small);
    const [{ generation: old = '' }] = await file('a').getMetadata();
    await file('a').save('2', small);
    expect(await codeOf(bucket.file(file('a').name, { generation: old }).download())).toBe(404);
    expect(await codeOf(file('a').delete({ ifGenerationMatch: Number(old) }))).toBe(412);
    await file('a').delete();
    expect(await codeOf(file('a').delete())).toBe(404);
    await file('a').delete({ ignoreNotFound: true });
  });
});

describe('downloads', () => {
  it('answers 404 for what is not there', async () => {
    expect(await codeOf(file('none').download())).toBe(404);
    expect(await file('none').exists()).toEqual([false]);
  });

  it.each([
    [{ start: 10, end: 19 }, 10, 20],
    [{ start: 90 }, 90, 100],
    [{ end: -5 }, 95, 100],
    [{ start: 95, end: 200 }, 95, 100],
  ])('gives the range %j', async (range, from, to) => {
    await file('r').save(bytes(100), small);
    const part = await buffer(file('r').createReadStream(range));
    expect(part.equals(bytes(100).subarray(from, to))).toBe(true);
  });

  it('answers 416 for a range after the end', async () => {
    await file('r').save(bytes(100), small);
    expect(await codeOf(buffer(file('r').createReadStream({ start: 100 })))).toBe(416);
  });

  it('gives an empty object', async () => {
    await file('empty').save('', small);
    expect((await file('empty').download())[0]).toHaveLength(0);
  });

  it('unpacks gzip for a client that does not, and not for one that does', async () => {
    await file('z.txt').save('hello'.repeat(100), { resumable: false, gzip: true, contentType: 'text/plain' });
    expect((await file('z.txt').download())[0].toString()).toBe('hello'.repeat(100));
    expect((await file('z.txt').download({ decompress: false }))[0].length).toBeLessThan(100);
    const url = `${storage.apiEndpoint}/storage/v1/b/media/o/${encodeURIComponent(file('z.txt').name)}?alt=media`;
    const plain = await fetch(url, { headers: { 'accept-encoding': 'identity' } });
    expect([plain.headers.get('content-encoding'), await plain.text()]).toEqual([null, 'hello'.repeat(100)]);
  });
});

describe('metadata', () => {
  it('patches: null deletes a key, the metageneration counts up, the content stays', async () => {
    await file('p').save('x', { ...small, metadata: { metadata: { k: 'v' } } });
    const [{ generation }] = await file('p').getMetadata();
    await file('p').setMetadata({ cacheControl: 'public, max-age=31536000', metadata: { k2: 'v2', k: null } });
    const [patched] = await file('p').getMetadata();
    expect(patched).toMatchObject({
      cacheControl: 'public, max-age=31536000',
      generation,
      metageneration: '2',
      contentType: 'video/mp2t',
    });
    expect(patched.metadata).toEqual({ k2: 'v2' });
    expect((await file('p').download())[0].toString()).toBe('x');
  });

  it('patches on a condition', async () => {
    await file('p').save('x', small);
    expect(await codeOf(file('p').setMetadata({ cacheControl: 'a' }, { ifMetagenerationMatch: 7 }))).toBe(412);
    await file('p').setMetadata({ cacheControl: 'a' }, { ifMetagenerationMatch: 1 });
    expect(await codeOf(file('none').setMetadata({ cacheControl: 'a' }))).toBe(404);
  });

  it('sets a custom time once, later but never earlier', async () => {
    await file('t').save('x', small);
    await file('t').setMetadata({ customTime: '2026-11-20T10:00:00.000Z' });
    await file('t').setMetadata({ customTime: '2026-11-21T10:00:00.000Z' });
    expect(await codeOf(file('t').setMetadata({ customTime: '2026-11-20T10:00:00.000Z' }))).toBe(400);
    expect((await file('t').getMetadata())[0].customTime).toBe('2026-11-21T10:00:00.000Z');
  });
});

describe('copies', () => {
  it('copies with headers, moves, and tells of a source that is not there', async () => {
    await file('a').save(bytes(50), { ...small, metadata: { metadata: { k: 'v' } } });
    await file('a').copy(file('b'));
    expect((await file('b').getMetadata())[0]).toMatchObject({
      contentType: 'video/mp2t',
      metadata: { k: 'v' },
      size: '50',
    });
    await file('b').move(`${prefix}c`);
    expect([await file('b').exists(), await file('c').exists()]).toEqual([[false], [true]]);
    expect(await codeOf(file('none').copy(file('d')))).toBe(404);
    expect(await codeOf(file('a').copy(file('c'), { preconditionOpts: { ifGenerationMatch: 0 } }))).toBe(412);
  });

  it('copies with other headers', async () => {
    await file('a').save('x', small);
    await file('a').copy(file('b'), { contentType: 'text/plain', metadata: { is: 'new' } });
    expect((await file('b').getMetadata())[0]).toMatchObject({ contentType: 'text/plain', metadata: { is: 'new' } });
  });

  it('composes', async () => {
    await file('a').save('one', small);
    await file('b').save('two', small);
    await bucket.combine([file('a'), file('b')], file('c'));
    const [metadata] = await file('c').getMetadata();
    expect(metadata).toMatchObject({ size: '6', componentCount: 2 });
    expect(metadata.md5Hash).toBeUndefined();
    expect((await file('c').download())[0].toString()).toBe('onetwo');
  });
});

describe('listing', () => {
  const names = async (query: object) => (await bucket.getFiles(query))[0].map(({ name }) => name.slice(prefix.length));

  /** Names and folded names of each page. */
  async function pages(query: GetFilesOptions): Promise<string[][]> {
    const [files, next, answer] = await bucket.getFiles({ ...query, autoPaginate: false });
    const { prefixes = [] } = Prefixes.parse(answer);
    const page = [...files.map(({ name }) => name), ...prefixes].map((name) => name.slice(prefix.length));
    return next === null ? [page] : [page, ...(await pages(next))];
  }

  beforeEach(async () => {
    for (const name of ['live/b', 'live/a', 'vod/1', 'top']) await file(name).save('x', small);
  });

  it('lists by name what begins with a prefix', async () => {
    expect(await names({ prefix })).toEqual(['live/a', 'live/b', 'top', 'vod/1']);
    expect(await names({ prefix: `${prefix}live/` })).toEqual(['live/a', 'live/b']);
  });

  it('folds names at a delimiter', async () => {
    const [files, , answer] = await bucket.getFiles({ prefix, delimiter: '/', autoPaginate: false });
    expect(files.map(({ name }) => name)).toEqual([`${prefix}top`]);
    expect(answer).toMatchObject({ prefixes: [`${prefix}live/`, `${prefix}vod/`] });
  });

  it('pages, also through folded names, without loss or repetition', async () => {
    expect(await pages({ prefix, maxResults: 3 })).toEqual([['live/a', 'live/b', 'top'], ['vod/1']]);
    expect(await pages({ prefix, delimiter: '/', maxResults: 1 })).toEqual([['live/'], ['top'], ['vod/']]);
  });

  it('lists from one name up to another, without that one', async () => {
    expect(await names({ prefix, startOffset: `${prefix}live/b`, endOffset: `${prefix}vod/1` })).toEqual([
      'live/b',
      'top',
    ]);
  });
});
