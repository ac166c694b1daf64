import type { Stream } from '../../contract/state';
import { DomainError } from '../errors';

type Surroundings = {
  [Name in 'hotBackup' | 'packaging' | 'latency' | 'encryption' | 'edges']?: Stream[Name] | undefined;
};

/**
 * Throws DomainError `invalid_field` for hot backup with a setting that it does not go with: a session of the backup
 * would have packagers, parts, keys or copies of its own.
 */
export function assertHotBackup({ hotBackup, packaging, latency, encryption, edges }: Surroundings): void {
  if (hotBackup !== true) return;
  if (packaging === 'cmaf') refuse("packaging is 'cmaf'");
  if (latency === 'low') refuse("latency is 'low'");
  if (encryption !== undefined && encryption !== 'none') refuse(`encryption is '${encryption}'`);
  if (edges !== undefined && edges !== 'none') refuse(`edges is '${edges}'`);
}

function refuse(because: string): never {
  const message = `got true, must be false because ${because}`;
  throw new DomainError('invalid_field', `hotBackup: ${message}`, { fields: [{ field: 'hotBackup', message }] });
}
