import type { Latency } from '../../contract/latency';
import { CommonScheme, type Encryption, type EncryptionSettings } from '../../contract/objects/encryption';
import type { Packaging } from '../../contract/packaging';
import { defined } from '../defined';
import { DomainError } from '../errors';

/** The encryption of a stream, with what an absent field stands for. */
export interface ResolvedEncryption {
  encryption: Encryption;
  keyRotationSegments: number;
}

/** The encryption of a stream as it is stored. */
export const encryptionOf = ({ encryption = 'none', keyRotationSegments = 0 }: EncryptionSettings) => ({
  encryption,
  keyRotationSegments,
});

/** Settings of a stream that its encryption has to go with. */
interface Surroundings {
  packaging: Packaging;
  latency: Latency | undefined;
  /** Length of the live playlist. */
  dvrWindowSeconds: number;
}

/** An MPD has a Period for each key in the window: with keys that change more rarely than this it has 100 at most. */
const MAX_PERIODS = 100;
const SEGMENT_SECONDS = 2;
const fewestSegments = (dvrWindowSeconds: number): number =>
  Math.ceil(dvrWindowSeconds / (SEGMENT_SECONDS * MAX_PERIODS));

/** Encryptions of each packaging: whole segments, or samples of fragments. */
const POSSIBLE: Readonly<Record<Packaging, readonly Encryption[]>> = {
  ts: ['aes-128'],
  cmaf: CommonScheme.options,
};

/** Throws DomainError `invalid_field` for an encryption that the stream's other settings do not go with. */
export function assertEncryption(
  wanted: EncryptionSettings,
  { packaging, latency, dvrWindowSeconds }: Surroundings,
): void {
  const { encryption, keyRotationSegments } = encryptionOf(wanted);
  if (encryption === 'none' && keyRotationSegments > 0)
    refuse('keyRotationSegments', `${keyRotationSegments}`, "must be 0 because encryption is 'none'");
  if (encryption === 'none') return;
  const possible = POSSIBLE[packaging];
  if (!possible.includes(encryption)) {
    const allowed = ['none', ...possible].map((name) => `'${name}'`).join(', ');
    refuse('encryption', `'${encryption}'`, `must be one of ${allowed} because packaging is '${packaging}'`);
  }
  const fewest = fewestSegments(dvrWindowSeconds);
  if (packaging === 'cmaf' && keyRotationSegments > 0 && keyRotationSegments < fewest)
    refuse(
      'keyRotationSegments',
      `${keyRotationSegments}`,
      `must be 0 or at least ${fewest} because dvrWindowSeconds is ${dvrWindowSeconds}: an MPD names each key in it`,
    );
  if (latency === 'low')
    refuse('encryption', `'${encryption}'`, "must be 'none' because latency is 'low': its parts are not encrypted");
}

type StreamSettings = EncryptionSettings & {
  packaging?: Packaging | undefined;
  latency?: Latency | undefined;
  dvrWindowSeconds?: number | undefined;
};

/**
 * The patch of a stream, with what goes along with it: an encryption that is turned off takes its rotation with it.
 * Throws as `assertEncryption`, for the stream as it would be.
 */
export function patchedEncryption<P extends StreamSettings>(stream: StreamSettings, patch: P): P {
  const isTurnedOff = patch.encryption === 'none' && patch.keyRotationSegments === undefined;
  const whole = isTurnedOff && stream.keyRotationSegments !== undefined ? { ...patch, keyRotationSegments: 0 } : patch;
  const { packaging = 'ts', latency, dvrWindowSeconds = 0, ...encryption } = { ...stream, ...defined(whole) };
  assertEncryption(encryption, { packaging, latency, dvrWindowSeconds });
  return whole;
}

function refuse(field: keyof ResolvedEncryption, got: string, allowed: string): never {
  const message = `got ${got}, ${allowed}`;
  throw new DomainError('invalid_field', `${field}: ${message}`, { fields: [{ field, message }] });
}
