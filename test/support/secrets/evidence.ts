import { SecretScan } from './secret-scan';

/**
 * The evidence of this test file: everything that its support reads or receives goes in here, and `startScanned` judges
 * it at the end.
 */
export const evidence = new SecretScan();

const SECRETS = /sk_[a-z2-7]{32}|slk_[a-z0-9]{8}_[a-z0-9]{32}|whsec_[\w+/]{20,}={0,2}/g;

/** Every key in an answer of the API: a creation shows it once. */
export function learnFrom(answer: string): void {
  for (const [secret] of answer.matchAll(SECRETS)) evidence.learn(`the ${secret.split('_')[0]} key of a test`, secret);
}
