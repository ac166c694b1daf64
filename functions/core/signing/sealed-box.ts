import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';

/**
 * AES-256-GCM with a key made of several secrets. The nonce is part of what `seal` is given: it must never be used
 * twice with one key.
 */
export interface SealingKey {
  readonly bytes: Uint8Array;
}

/** RFC 5869 over the secrets; `purpose` keeps keys of different uses apart. */
export const sealingKey = (secrets: readonly string[], purpose: string): SealingKey => ({
  bytes: new Uint8Array(hkdfSync('sha256', JSON.stringify(secrets), '', purpose, 32)),
});

/** Seals `text`, so that only a holder of the key reads it. `nonce`: 12 bytes. */
export function seal(text: string, key: SealingKey, nonce: Uint8Array): string {
  const cipher = createCipheriv('aes-256-gcm', key.bytes, nonce);
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
}

/** Opens what was sealed; `undefined` with another key, or when a byte was changed. */
export function unseal(text: string, key: SealingKey): string | undefined {
  const bytes = Buffer.from(text, 'base64');
  try {
    const decipher = createDecipheriv('aes-256-gcm', key.bytes, bytes.subarray(0, 12));
    decipher.setAuthTag(bytes.subarray(12, 28));
    return decipher.update(bytes.subarray(28), undefined, 'utf8') + decipher.final('utf8');
  } catch {
    return undefined;
  }
}
