import { seal, sealingKey, unseal } from '../../../../functions/core/signing/sealed-box';

const nonce = new Uint8Array(12).fill(7);
const key = sealingKey(['server', 'client'], 'test');

describe('seal', () => {
  it('gives back the text to the same key, and shows nothing of it', () => {
    const sealed = seal('sk_secret – ünïcode', key, nonce);
    expect(Buffer.from(sealed, 'base64').toString('latin1')).not.toContain('secret');
    expect(unseal(sealed, key)).toBe('sk_secret – ünïcode');
  });

  it.each([
    ['another server', sealingKey(['other', 'client'], 'test')],
    ['another client', sealingKey(['server', 'other'], 'test')],
    ['another purpose', sealingKey(['server', 'client'], 'other')],
    ['secrets that read the same when joined', sealingKey(['serverclient', ''], 'test')],
  ])('gives nothing to %s', (_name, other) => {
    expect(unseal(seal('text', key, nonce), other)).toBeUndefined();
  });

  it('gives nothing of what was changed', () => {
    const bytes = Buffer.from(seal('text', key, nonce), 'base64');
    for (const [at] of bytes.entries()) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8((bytes[at] ?? 0) ^ 1, at);
      expect(unseal(changed.toString('base64'), key)).toBeUndefined();
    }
    expect(unseal('', key)).toBeUndefined();
  });
});
