import { randomId } from '../../../../functions/adapters/system';
import { API_KEY, ApiKey } from '../../../../functions/contract/identity';
import { apiKeyPrefix, checkApiKey, mintApiKey, revoked, touched } from '../../../../functions/core/identity/api-key';
import { apiKeyOf } from '../../../suites/api-key-store';

const WANTED = { name: 'ci', role: 'publisher', subject: 'customer-1' } as const;
const mint = (more: object = {}) => mintApiKey({ ...WANTED, ...more }, { randomId, nowMs: 1000 });

describe('an API key', () => {
  it('shows its prefix and keeps its secret out of the document', () => {
    const { key, record } = mint();
    expect(key).toMatch(API_KEY);
    expect(apiKeyPrefix(key)).toBe(record.prefix);
    expect(ApiKey.parse(record)).toEqual({ ...WANTED, prefix: record.prefix, hash: record.hash, createdAt: 1000 });
    expect(JSON.stringify(record)).not.toContain(key.slice(-32));
  });

  it('is that of its document and no other', () => {
    const { key, record } = mint();
    expect(checkApiKey(key, record, 1000)).toBe(record);
    const refusals = [undefined, mint().record, apiKeyOf(1)].map((other) => () => checkApiKey(key, other, 1000));
    for (const refusal of refusals) expect(refusal).toThrow('the API key is unknown');
  });

  it('ends when it expires, and at once when it is revoked', () => {
    const { key, record } = mint({ expiresInDays: 1 });
    expect(checkApiKey(key, record, 86_400_999)).toBe(record);
    expect(() => checkApiKey(key, record, 86_401_000)).toThrow(`the API key '${record.prefix}' has expired`);
    const gone = revoked(record, 5000);
    expect(() => checkApiKey(key, gone, 5000)).toThrow(`the API key '${record.prefix}' was revoked`);
    expect(revoked(gone, 9000)).toBe(gone);
  });

  it('tells nobody but its holder that it was revoked', () => {
    const { key, record } = mint();
    const guess = `${key.slice(0, -1)}${key.endsWith('a') ? 'b' : 'a'}`;
    expect(() => checkApiKey(guess, revoked(record, 1), 2)).toThrow('is unknown');
  });

  it('is noted as used once a minute', () => {
    const { record } = mint();
    const first = touched(record, 100_000);
    expect(first?.lastUsedAt).toBe(100_000);
    expect([touched(first, 159_999), touched(first, 160_000)?.lastUsedAt]).toEqual([undefined, 160_000]);
  });

  it.each(['slk_', 'slk_short_x', `slk_${'a'.repeat(8)}_${'b'.repeat(33)}`, `SLK_${'a'.repeat(8)}_${'b'.repeat(32)}`])(
    '%s is none',
    (text) => expect(apiKeyPrefix(text)).toBeUndefined(),
  );
});
