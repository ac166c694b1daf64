import type { SigningKey } from '../../functions/contract/signing-keys';

/** 16 bytes of 0x11, 0x22, 0x33. */
const keyOf = (name: string, byte: number): SigningKey => ({
  name,
  value: `${Buffer.alloc(16, byte).toString('base64url')}==`,
});

export const NEWEST = keyOf('key-2', 0x22);
export const OLDER = keyOf('key-1', 0x11);
/** A key that nobody trusts. */
export const FOREIGN = keyOf('key-3', 0x33);
/** Two live keys, newest first. */
export const KEYS = [NEWEST, OLDER];
