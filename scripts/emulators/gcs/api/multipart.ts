import { invalid } from './storage-error';

export interface Part {
  readonly contentType: string | undefined;
  readonly body: Buffer;
}

const END_OF_HEADERS = '\r\n\r\n';

/** Parses the parts of a multipart/related body. RFC 2387, RFC 2046 section 5.1. */
export function parseMultipart(contentType: string, body: Buffer): Part[] {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (boundary === undefined) throw invalid('Missing multipart boundary.', 'Content-Type');
  const parts: Part[] = [];
  const marker = `--${boundary}`;
  let at = body.indexOf(marker);
  while (at >= 0 && body.toString('latin1', at + marker.length, at + marker.length + 2) !== '--') {
    const start = at + marker.length;
    const next = body.indexOf(`\r\n${marker}`, start);
    if (next < 0) throw invalid('Missing end boundary in multipart body.');
    parts.push(parsePart(body.subarray(start, next)));
    at = next + 2;
  }
  return parts;
}

function parsePart(bytes: Buffer): Part {
  const end = bytes.indexOf(END_OF_HEADERS);
  if (end < 0) throw invalid('Malformed multipart body.');
  const contentType = /^content-type:\s*(.+)$/im.exec(bytes.toString('latin1', 0, end))?.[1]?.trim();
  return { contentType, body: bytes.subarray(end + END_OF_HEADERS.length) };
}
