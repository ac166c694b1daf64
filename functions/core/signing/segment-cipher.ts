import { createCipheriv, hkdfSync } from 'node:crypto';

/** Bytes of a key of AES-128. */
const KEY_BYTES = 16;

/**
 * Derives a key of AES-128 (RFC 5869, SHA-256). It reveals nothing about the secret or the key of another `info`.
 */
export const derivedAesKey = (secret: string, info: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', secret, '', info, KEY_BYTES));

/** Encrypts by AES-128 in CBC mode with PKCS7 padding. `iv`: 16 bytes. */
export function encryptAesCbc(bytes: Uint8Array, key: Uint8Array, iv: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-128-cbc', key, iv);
  return Buffer.concat([cipher.update(bytes), cipher.final()]);
}
