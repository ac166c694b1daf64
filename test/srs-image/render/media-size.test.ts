import { machineMebibytes, mediaMebibytes } from '../../../srs-image/render/media-size';
import { ENVIRONMENTS } from '../../support/synth';

describe('the tmpfs of a node', () => {
  it.each([
    ['n2d-standard-2', 8192],
    ['n2d-standard-8', 32_768],
    ['n1-standard-4', 15_360],
    ['c2d-highcpu-8', 16_384],
    ['n2d-custom-4-8192', 8192],
    ['custom-2-6144', 6144],
  ])('knows the memory of %s', (machineType, mebibytes) => {
    expect(machineMebibytes(machineType)).toBe(mebibytes);
  });

  it.each([
    ['n2d-standard-2', 2048],
    ['n2d-standard-8', 14_336],
  ])('is half of what the machine has left: %s', (machineType, mebibytes) => {
    expect(mediaMebibytes(machineType)).toBe(mebibytes);
  });

  it.each(['m3-ultramem-32', 'n2d-standard', 'big'])('is not guessed for a machine nobody knows: %s', (machineType) => {
    expect(() => mediaMebibytes(machineType)).toThrow(`machine type '${machineType}': its memory is not known; use`);
  });

  it('is refused for a machine that has no memory to spare', () => {
    expect(() => mediaMebibytes('n2d-highcpu-4')).toThrow(
      "machine type 'n2d-highcpu-4': use one with at least 4.5 GiB of memory",
    );
  });

  it.each(Object.values(ENVIRONMENTS))('there is one for every node of $name', ({ origin, edge }) => {
    for (const { machineType } of [origin, edge]) expect(mediaMebibytes(machineType)).toBeGreaterThan(0);
  });
});
