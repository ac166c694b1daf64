import type { Price } from '../../../functions/contract/prices';

export interface Item {
  readonly name: string;
  /** The unit by which it is charged: the month, hours of streams, or hours of viewers. */
  readonly of: 'month' | 'stream' | 'viewer';
  readonly dollars: number;
  /** False if a price in it is not verified. */
  readonly verified: boolean;
}

/** Makes an item of amounts with their prices. */
export const item = (
  name: string,
  of: Item['of'],
  ...parts: readonly (readonly [amount: number, price: Price])[]
): Item => ({
  name,
  of,
  dollars: parts.reduce((sum, [amount, { dollars }]) => sum + amount * dollars, 0),
  verified: parts.every(([amount, { verified }]) => verified || amount === 0),
});
