import { invalid } from './api/storage-error';

export interface ListQuery {
  readonly prefix: string;
  readonly delimiter: string;
  /** The first name of the list, and the first one beyond it. */
  readonly startOffset: string;
  readonly endOffset: string;
  readonly includeTrailingDelimiter: boolean;
  readonly maxResults: number;
  readonly pageToken: string;
}

const PAGE_LIMIT = 1000;

export function listQueryFrom(query: URLSearchParams): ListQuery {
  const text = (name: string) => query.get(name) ?? '';
  const maxResults = Number(query.get('maxResults') ?? PAGE_LIMIT);
  if (!Number.isInteger(maxResults) || maxResults < 0)
    throw invalid(`Invalid maxResults: '${text('maxResults')}'.`, 'maxResults');
  return {
    prefix: text('prefix'),
    delimiter: text('delimiter'),
    startOffset: text('startOffset'),
    endOffset: text('endOffset'),
    includeTrailingDelimiter: query.get('includeTrailingDelimiter') === 'true',
    maxResults: maxResults === 0 ? PAGE_LIMIT : Math.min(maxResults, PAGE_LIMIT),
    pageToken: text('pageToken'),
  };
}

export interface Page {
  readonly names: readonly string[];
  readonly prefixes: readonly string[];
  readonly nextPageToken?: string;
}

/**
 * Returns one page, by name; names with `delimiter` after `prefix` are folded into prefixes, which count as results.
 */
export function listPage(allNames: Iterable<string>, query: ListQuery): Page {
  const entries = foldedEntries(allNames, query);
  const after = query.pageToken === '' ? '' : Buffer.from(query.pageToken, 'base64url').toString('utf8');
  const rest = [...entries].filter(([entry]) => entry > after).sort(([a], [b]) => (a < b ? -1 : 1));
  const page = rest.slice(0, query.maxResults);
  const last = page.at(-1)?.[0];
  return {
    names: page.flatMap(([entry, kinds]) => (kinds.name ? [entry] : [])),
    prefixes: page.flatMap(([entry, kinds]) => (kinds.prefix ? [entry] : [])),
    ...(rest.length > page.length && last !== undefined
      ? { nextPageToken: Buffer.from(last).toString('base64url') }
      : {}),
  };
}

interface Kinds {
  name: boolean;
  prefix: boolean;
}

function foldedEntries(allNames: Iterable<string>, query: ListQuery): Map<string, Kinds> {
  const entries = new Map<string, Kinds>();
  for (const name of allNames) {
    if (!isWanted(name, query)) continue;
    const cut = query.delimiter === '' ? -1 : name.indexOf(query.delimiter, query.prefix.length);
    const entry = cut < 0 ? name : name.slice(0, cut + query.delimiter.length);
    const kinds = entries.get(entry) ?? { name: false, prefix: false };
    if (cut < 0 || (query.includeTrailingDelimiter && entry === name)) kinds.name = true;
    if (cut >= 0) kinds.prefix = true;
    entries.set(entry, kinds);
  }
  return entries;
}

const isWanted = (name: string, { prefix, startOffset, endOffset }: ListQuery): boolean =>
  name.startsWith(prefix) && name >= startOffset && (endOffset === '' || name < endOffset);
