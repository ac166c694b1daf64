import { existsSync, readFileSync } from 'node:fs';
import { API_DOCUMENT, apiDocument } from '../../../../scripts/tools/docs/api-document';

describe('docs/openapi.json', () => {
  it('is the document that the API answers (if not: npm run docs)', async () => {
    const committed = existsSync(API_DOCUMENT) ? readFileSync(API_DOCUMENT, 'utf8').split('\n') : [];
    const wanted = (await apiDocument()).split('\n');
    const differ = {
      missing: wanted.filter((line) => !committed.includes(line)),
      leftOver: committed.filter((line) => !wanted.includes(line)),
    };
    expect({ 'run: npm run docs': differ }).toEqual({ 'run: npm run docs': { missing: [], leftOver: [] } });
    expect(committed).toEqual(wanted);
  });
});
