/**
 * Characters of base64 that are the same whatever stands around the bytes, for each of the three places a byte can have
 * in it.
 */
function base64Forms(secret: Buffer): string[] {
  return [0, 1, 2].map((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), secret]);
    const first = Math.ceil((before * 8) / 6);
    const end = Math.floor((bytes.length * 8) / 6);
    return bytes.toString('base64').slice(first, end);
  });
}

const urlSafe = (base64: string): string => base64.replaceAll('+', '-').replaceAll('/', '_');

/**
 * Returns the forms of a secret in bytes (latin1 text here): as it is, in base64 and base64url wherever it begins, in
 * hex of both cases. Percent-encoding is undone before the search, by `viewsOf`: it may hit any of the characters.
 */
export function formsOf(secret: Buffer): string[] {
  const base64 = base64Forms(secret);
  const hex = secret.toString('hex');
  return [...new Set([secret.toString('latin1'), ...base64, ...base64.map(urlSafe), hex, hex.toUpperCase()])];
}

const decoded = (text: string): string =>
  text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
const unescaped = (text: string): string =>
  text.replace(/\\u00([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/**
 * `text` as it is, and without percent-encoding (twice, as a query within a query has it) and JSON's escapes where
 * there are any.
 */
export function viewsOf(text: string): string[] {
  const once = decoded(text);
  return [...new Set([text, once, decoded(once), unescaped(text)])];
}
