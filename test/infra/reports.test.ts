import { CDN_EGRESS, PRICES } from '../../functions/contract/prices';
import { VIEWS } from '../../infra/constructs/observability/log-sink-views';
import { bigQueryOver, type RequestRow } from '../support/bigquery';

const HOST = 'https://live.example.com';
const OPEN = 'openaaaa11111111';
const GATED = 'gatedaaa22222222';
const SIGNED = 'URLPrefix=aHR0cHM&Expires=1790000000&KeyName=k1&Signature=c2ln';

/** A viewer's request at `second` of 10:00, as the load balancer logs it. */
const asked = (second: number, path: string, rest: Partial<RequestRow> = {}): RequestRow => ({
  timestamp: `2026-11-26T10:00:${String(second).padStart(2, '0')}.5Z`,
  requestUrl: HOST + path,
  status: 200,
  responseSize: 1000,
  userAgent: 'Mozilla/5.0',
  remoteIp: '198.51.100.1',
  cacheHit: true,
  ...rest,
});

const segment = (stream: string, index: number, policy = 'open') =>
  `/${policy}/s/${stream}/1790000000000-abcdef/source/${index}.ts`;
const playlist = (stream: string, policy = 'open') => `/${policy}/p/${stream}/1790000000000-abcdef/index.m3u8`;

const ROWS: readonly RequestRow[] = [
  asked(1, playlist(OPEN)),
  asked(2, segment(OPEN, 0), { responseSize: 500_000 }),
  // The same address with another browser is another viewer.
  asked(3, segment(OPEN, 0), { responseSize: 500_000, userAgent: 'VLC/3.0', cacheHit: false }),
  asked(4, segment(OPEN, 1), { status: 404, responseSize: 200, remoteIp: '198.51.100.9' }),
  // A line without a size, a browser and an address.
  asked(5, playlist(OPEN), { responseSize: undefined, userAgent: undefined, remoteIp: undefined, cacheHit: undefined }),
  // The CDN fills its own cache.
  asked(6, segment(OPEN, 0), { responseSize: 500_000, userAgent: 'Cloud-CDN-Google' }),
  asked(7, `${playlist(GATED, 'gated')}?${SIGNED}`, { remoteIp: '203.0.113.5' }),
  asked(8, `${segment(GATED, 7, 'gated')}?${SIGNED}`, { responseSize: 800_000, remoteIp: '203.0.113.5' }),
  { ...asked(9, segment(GATED, 8, 'gated')), timestamp: '2026-11-26T10:01:00Z', responseSize: 800_000 },
];

const bigQuery = bigQueryOver(ROWS);
afterAll(async () => (await bigQuery).close());

const report = async (id: string, sample = 1) => {
  const view = VIEWS.find((one) => one.id === id);
  const rows = await (await bigQuery).query(view?.query({ table: '`requests`', sample }) ?? '');
  return rows.sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
};

describe('the reports of finance', () => {
  it('count viewers a minute by address and browser, of open and of gated streams', async () => {
    expect(await report('viewers')).toEqual([
      { minute: '2026-11-26 10:00:00', stream: GATED, viewers: '1' },
      { minute: '2026-11-26 10:00:00', stream: OPEN, viewers: '3' },
      { minute: '2026-11-26 10:01:00', stream: GATED, viewers: '1' },
    ]);
  });

  it('add up the bytes of signed requests too, and none that the CDN sent to itself', async () => {
    expect(await report('bandwidth')).toMatchObject([
      { stream: GATED, bytes: '801000' },
      { stream: OPEN, bytes: '1001200' },
      { stream: GATED, bytes: '800000' },
    ]);
    const [row] = await report('bandwidth');
    expect(Number(row?.megabits_per_second)).toBeCloseTo((801_000 * 8) / 60 / 1e6);
  });

  it('show how much the CDN answered from its caches, playlists and segments apart', async () => {
    const rows = await report('hit_ratio');
    expect(rows).toMatchObject([{ kind: 'playlists' }, { kind: 'segments' }]);
    expect(Number(rows[0]?.requests_hit)).toBeCloseTo(2 / 3);
    expect(Number(rows[1]?.requests_hit)).toBeCloseTo(3 / 4);
    expect(Number(rows[1]?.bytes_hit)).toBeCloseTo(2_100_000 / 2_600_000);
  });

  it('price bytes and look-ups a day and stream by the price list', async () => {
    const rows = await report('cost');
    expect(rows).toMatchObject([
      { day: '2026-11-26', stream: GATED, requests: '3' },
      { day: '2026-11-26', stream: OPEN, requests: '5' },
    ]);
    const gibibytes = 1_601_000 / 2 ** 30;
    const dollars = gibibytes * (CDN_EGRESS[0]?.price.dollars ?? Number.NaN) + 3 * PRICES.cdnLookup.dollars;
    expect(Number(rows[0]?.dollars)).toBeCloseTo(dollars, 7);
  });

  it('count a tenth of all lines up to the whole', async () => {
    const whole = await report('cost');
    const sampled = await report('cost', 0.1);
    for (const [index, row] of sampled.entries())
      expect(Number(row.dollars)).toBeCloseTo(Number(whole[index]?.dollars) * 10, 6);
  });
});
