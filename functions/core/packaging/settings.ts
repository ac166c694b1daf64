import type { Ladder, Packaging, PackagingOffer, PackagingSettings } from '../../contract/packaging';
import { DomainError } from '../errors';

/** A stream's settings, with what an absent field stands for. */
export interface ResolvedSettings {
  packaging: Packaging;
  ladder: Ladder;
}

/** The settings of a stream as it is stored. */
export const settingsOf = ({ packaging = 'ts', ladder = 'none' }: PackagingSettings): ResolvedSettings => ({
  packaging,
  ladder,
});

function refuse(field: 'packaging' | 'ladder', got: string, allowed: string): never {
  const message = `got '${got}', ${allowed}`;
  throw new DomainError('invalid_field', `${field}: ${message}`, { fields: [{ field, message }] });
}

/**
 * Chooses the settings of a new stream: its own wishes, else the environment's. A stream that names its packaging but
 * no ladder does not take the environment's ladder if that does not fit. Throws DomainError `invalid_field` for
 * settings that do not fit together, or that no node of this environment can make.
 */
export function chosenSettings(wanted: PackagingSettings, offer: PackagingOffer): ResolvedSettings {
  const packaging = wanted.packaging ?? (wanted.ladder && wanted.ladder !== 'none' ? 'cmaf' : offer.default.packaging);
  const ladder = wanted.ladder ?? (packaging === 'cmaf' ? offer.default.ladder : 'none');
  assertPossible({ packaging, ladder }, offer);
  return { packaging, ladder };
}

/**
 * DomainError `invalid_field` for settings that do not go together, or that the nodes of this environment cannot make.
 */
export function assertPossible({ packaging, ladder }: ResolvedSettings, offer: PackagingOffer): void {
  if (packaging === 'ts' && ladder !== 'none')
    refuse('ladder', ladder, "must be 'none' because packaging is 'ts': use 'cmaf'");
  if (packaging === 'cmaf' && !offer.cmaf)
    refuse('packaging', packaging, "must be 'ts': the nodes of this environment have no packager (shaka-packager)");
  if (ladder !== 'none' && !offer.ladders)
    refuse('ladder', ladder, "must be 'none': the nodes of this environment have no encoder (ffmpeg)");
}
