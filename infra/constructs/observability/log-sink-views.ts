import { CDN_EGRESS, PRICES } from '../../../functions/contract/prices';

interface Column {
  readonly name: string;
  readonly type: 'TIMESTAMP' | 'STRING' | 'INTEGER' | 'BOOLEAN' | 'RECORD';
  readonly mode: 'NULLABLE';
  readonly fields?: readonly Column[];
}

const column = (name: string, type: Column['type'], fields?: readonly Column[]): Column => ({
  name,
  type,
  mode: 'NULLABLE',
  ...(fields && { fields }),
});

/**
 * The columns the views read, as Cloud Logging names and types them.
 * https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry
 */
export const REQUESTS_SCHEMA: readonly Column[] = [
  column('timestamp', 'TIMESTAMP'),
  column('insertId', 'STRING'),
  column('httpRequest', 'RECORD', [
    column('requestUrl', 'STRING'),
    column('status', 'INTEGER'),
    column('responseSize', 'INTEGER'),
    column('userAgent', 'STRING'),
    column('remoteIp', 'STRING'),
    column('cacheHit', 'BOOLEAN'),
    column('cacheLookup', 'BOOLEAN'),
  ]),
];

interface ViewInput {
  /** The table's full name, in backticks. */
  readonly table: string;
  /** Share of the requests that is in the table. */
  readonly sample: number;
}

/** One row for each request of a viewer; the CDN's own requests, which fill its caches, are left out. */
const requests = ({ table }: ViewInput): string => `
  SELECT
    timestamp,
    REGEXP_EXTRACT(httpRequest.requestUrl, r'^https?://[^/]+/(?:open|gated)/[ps]/([a-z0-9]+)/') AS stream,
    REGEXP_CONTAINS(httpRequest.requestUrl, r'/s/') AS segment,
    httpRequest.status AS status,
    IFNULL(httpRequest.responseSize, 0) AS bytes,
    IFNULL(httpRequest.cacheHit, FALSE) AS hit,
    CONCAT(IFNULL(httpRequest.remoteIp, ''), ' ', IFNULL(httpRequest.userAgent, '')) AS viewer
  FROM ${table}
  WHERE IFNULL(httpRequest.userAgent, '') != 'Cloud-CDN-Google'`;

/** Scales a number from the sample up to all requests. */
const whole = (number: string, { sample }: ViewInput): string => (sample === 1 ? number : `${number} / ${sample}`);

interface LogView {
  readonly id: string;
  readonly description: string;
  readonly query: (input: ViewInput) => string;
}

export const VIEWS: readonly LogView[] = [
  {
    id: 'viewers',
    description:
      'Viewers a minute and stream: addresses with a browser that asked for anything. ' +
      'One asks 60 times a minute, so a sample of a tenth misses hardly any.',
    query: (input) => `
SELECT TIMESTAMP_TRUNC(timestamp, MINUTE) AS minute, stream, COUNT(DISTINCT viewer) AS viewers
FROM (${requests(input)})
WHERE status < 400
GROUP BY minute, stream`,
  },
  {
    id: 'bandwidth',
    description: 'Bytes to viewers and their mean megabits a second, a minute and stream, counted up from the sample',
    query: (input) => `
SELECT TIMESTAMP_TRUNC(timestamp, MINUTE) AS minute, stream,
  ${whole('SUM(bytes)', input)} AS bytes,
  ${whole('SUM(bytes)', input)} * 8 / 60 / 1e6 AS megabits_per_second
FROM (${requests(input)})
GROUP BY minute, stream`,
  },
  {
    id: 'hit_ratio',
    description:
      'Share of requests, and of bytes, that the CDN answered from its caches, an hour; playlists and segments apart',
    query: (input) => `
SELECT TIMESTAMP_TRUNC(timestamp, HOUR) AS hour, IF(segment, 'segments', 'playlists') AS kind,
  SAFE_DIVIDE(COUNTIF(hit), COUNT(*)) AS requests_hit,
  SAFE_DIVIDE(SUM(IF(hit, bytes, 0)), SUM(bytes)) AS bytes_hit
FROM (${requests(input)})
WHERE status < 400
GROUP BY hour, kind`,
  },
  {
    id: 'cost',
    description:
      'Delivery a day and stream in US dollars at the list price of the first 10 TiB: ' +
      'egress and look-ups, counted up from the sample',
    query: (input) => `
SELECT DATE(timestamp) AS day, stream,
  ${whole('SUM(bytes)', input)} / POW(2, 30) AS gibibytes,
  ${whole('COUNT(*)', input)} AS requests,
  ${whole('SUM(bytes)', input)} / POW(2, 30) * ${CDN_EGRESS[0]?.price.dollars}
    + ${whole('COUNT(*)', input)} * ${PRICES.cdnLookup.dollars.toFixed(8)} AS dollars
FROM (${requests(input)})
GROUP BY day, stream`,
  },
];
