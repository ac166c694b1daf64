import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

/** The functions of GoogleSQL that DuckDB lacks, or has with another name. */
const MACROS = [
  "CREATE MACRO REGEXP_CONTAINS(text, pattern) AS regexp_matches(coalesce(text, ''), pattern)",
  "CREATE MACRO EXTRACTED(text, pattern) AS nullif(regexp_extract(coalesce(text, ''), pattern, 1), '')",
  'CREATE MACRO SAFE_DIVIDE(part, whole) AS CASE WHEN whole = 0 THEN NULL ELSE part / whole END',
  'CREATE MACRO COUNTIF(condition) AS count_if(condition)',
];

/** `query` in DuckDB's words: raw strings, back-quoted names, and truncation with a part that is no column. */
const inDuckDb = (query: string): string =>
  query
    .replaceAll(/\br'/g, "'")
    .replaceAll('`', '"')
    .replaceAll(/\bREGEXP_EXTRACT\(/g, 'EXTRACTED(')
    .replaceAll(/\bTIMESTAMP_TRUNC\((\w+), (\w+)\)/g, "date_trunc('$2', $1)")
    .replaceAll(/\bDATE\((\w+)\)/g, 'CAST($1 AS DATE)')
    .replaceAll(/\bIF\(/g, 'if(');

/** A line of the load balancer's log as a row of the reports' table.. */
export interface RequestRow {
  readonly timestamp: string;
  readonly requestUrl: string;
  readonly status: number;
  readonly responseSize?: number | undefined;
  readonly userAgent?: string | undefined;
  readonly remoteIp?: string | undefined;
  readonly cacheHit?: boolean | undefined;
}

/** Stands in for BigQuery: runs GoogleSQL over `rows` of the table `requests`. */
export async function bigQueryOver(rows: readonly RequestRow[]) {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  for (const macro of MACROS) await connection.run(macro);
  await connection.run(
    `CREATE TABLE requests (timestamp TIMESTAMP, insertId VARCHAR, httpRequest STRUCT(requestUrl VARCHAR, status BIGINT,
      responseSize BIGINT, userAgent VARCHAR, remoteIp VARCHAR, cacheHit BOOLEAN, cacheLookup BOOLEAN))`,
  );
  for (const row of rows) await insert(connection, row);
  return {
    query: async (query: string): Promise<Record<string, unknown>[]> =>
      (await connection.runAndReadAll(inDuckDb(query))).getRowObjectsJson(),
    close: () => connection.closeSync(),
  };
}

async function insert(connection: DuckDBConnection, { timestamp, ...request }: RequestRow): Promise<void> {
  const line = JSON.stringify({ timestamp, httpRequest: { ...request, cacheLookup: true } });
  await connection.run(
    `INSERT INTO requests SELECT CAST($1::JSON ->> '$.timestamp' AS TIMESTAMP), 'id', from_json($1::JSON -> '$.httpRequest',
      '{"requestUrl":"VARCHAR","status":"BIGINT","responseSize":"BIGINT","userAgent":"VARCHAR","remoteIp":"VARCHAR",
      "cacheHit":"BOOLEAN","cacheLookup":"BOOLEAN"}')`,
    [line],
  );
}
