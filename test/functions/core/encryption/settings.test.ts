import { assertEncryption, patchedEncryption } from '../../../../functions/core/encryption/settings';
import { newStream } from '../../../../functions/core/streams/new-stream';

const TS = { packaging: 'ts', latency: undefined, dvrWindowSeconds: 30 } as const;
const field = (name: string) =>
  expect.objectContaining({ code: 'invalid_field', fields: [expect.objectContaining({ field: name })] });
const thrown = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return error;
  }
};

describe('the encryption of a stream', () => {
  it('goes with transport streams of normal latency', () => {
    for (const wanted of [{}, { encryption: 'none' }, { encryption: 'aes-128', keyRotationSegments: 3 }] as const)
      expect(() => assertEncryption(wanted, TS)).not.toThrow();
  });

  it('goes with CMAF of normal latency, by sample', () => {
    for (const wanted of [{}, { encryption: 'cbcs' }, { encryption: 'cenc', keyRotationSegments: 3 }] as const)
      expect(() => assertEncryption(wanted, { ...TS, packaging: 'cmaf' })).not.toThrow();
  });

  it('has keys that change rarely where an MPD names those of a long window', () => {
    const hour = { ...TS, packaging: 'cmaf', dvrWindowSeconds: 3600 } as const;
    const cbcs = (keyRotationSegments: number) => ({ encryption: 'cbcs', keyRotationSegments }) as const;
    for (const rotation of [0, 18, 10_000]) expect(() => assertEncryption(cbcs(rotation), hour)).not.toThrow();
    expect(thrown(() => assertEncryption(cbcs(17), hour))).toMatchObject({
      message:
        'keyRotationSegments: got 17, must be 0 or at least 18 because dvrWindowSeconds is 3600: an MPD names each key in it',
    });
    expect(() => assertEncryption(cbcs(1), { ...hour, dvrWindowSeconds: 200 })).not.toThrow();
    const stream = { packaging: 'cmaf', dvrWindowSeconds: 30, ...cbcs(3) } as const;
    expect(thrown(() => patchedEncryption(stream, { dvrWindowSeconds: 3600 }))).toEqual(field('keyRotationSegments'));
    expect(() =>
      assertEncryption({ encryption: 'aes-128', keyRotationSegments: 1 }, { ...TS, dvrWindowSeconds: 3600 }),
    ).not.toThrow();
  });

  it('says what is possible', () => {
    expect(thrown(() => assertEncryption({ encryption: 'cbcs' }, TS))).toMatchObject({
      message: "encryption: got 'cbcs', must be one of 'none', 'aes-128' because packaging is 'ts'",
    });
    expect(thrown(() => assertEncryption({ encryption: 'aes-128' }, { ...TS, packaging: 'cmaf' }))).toMatchObject({
      message: "encryption: got 'aes-128', must be one of 'none', 'cbcs', 'cenc' because packaging is 'cmaf'",
    });
  });

  it.each([
    [{ encryption: 'aes-128' }, { ...TS, packaging: 'cmaf' }, 'encryption'],
    [{ encryption: 'cbcs' }, TS, 'encryption'],
    [{ encryption: 'cenc' }, TS, 'encryption'],
    [{ encryption: 'cbcs' }, { ...TS, packaging: 'cmaf', latency: 'low' }, 'encryption'],
    [{ encryption: 'aes-128' }, { ...TS, latency: 'low' }, 'encryption'],
    [{ keyRotationSegments: 3 }, TS, 'keyRotationSegments'],
    [{ encryption: 'none', keyRotationSegments: 1 }, TS, 'keyRotationSegments'],
  ] as const)('is refused where settings do not go together: %j with %j names %s', (wanted, around, name) => {
    expect(thrown(() => assertEncryption(wanted, around))).toEqual(field(name));
  });

  it('takes its rotation with it when it is turned off, and is refused for what the stream would be', () => {
    const stream = { encryption: 'aes-128', keyRotationSegments: 3 } as const;
    expect(patchedEncryption(stream, { encryption: 'none' })).toEqual({ encryption: 'none', keyRotationSegments: 0 });
    expect(patchedEncryption(stream, {})).toEqual({});
    expect(patchedEncryption({}, { encryption: 'aes-128' })).toEqual({ encryption: 'aes-128' });
    expect(thrown(() => patchedEncryption(stream, { latency: 'low' }))).toEqual(field('encryption'));
    expect(thrown(() => patchedEncryption({ packaging: 'cmaf' }, { encryption: 'aes-128' }))).toEqual(
      field('encryption'),
    );
  });
});

describe('a new stream', () => {
  const made = {
    id: 'abcdefgh01234567',
    keyHash: 'a'.repeat(64),
    createdAt: 0,
    owner: undefined,
    reconnectWindowSeconds: 60,
    offer: { cmaf: true, ladders: true, default: { packaging: 'ts', ladder: 'none' } },
  } as const;
  const wanted = { title: 'a', policy: 'open', recording: true, dvrWindowSeconds: 30, metadata: {} } as const;

  it('keeps an encryption that was asked for, and no trace of one that was not', () => {
    expect(newStream({ ...wanted, encryption: 'aes-128', keyRotationSegments: 3 }, made)).toMatchObject({
      encryption: 'aes-128',
      keyRotationSegments: 3,
    });
    expect(newStream({ ...wanted, encryption: 'none' }, made)).not.toHaveProperty('encryption');
  });

  it('is not encrypted where the environment packages it in another way', () => {
    const offer = { cmaf: true, ladders: true, default: { packaging: 'cmaf', ladder: 'none' } } as const;
    expect(thrown(() => newStream({ ...wanted, encryption: 'aes-128' }, { ...made, offer }))).toEqual(
      field('encryption'),
    );
  });
});
