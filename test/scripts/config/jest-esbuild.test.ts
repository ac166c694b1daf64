interface Transformer {
  getCacheKey(source: string, file: string, options: { configString: string; instrument: boolean }): string;
}
const transformer: Transformer = jest.requireActual('../../../scripts/config/jest-esbuild.cjs');

const keyOf = (configString: string, instrument: boolean): string =>
  transformer.getCacheKey('export const a = 1;', '/a.ts', { configString, instrument });

describe('the transformer of the tests', () => {
  it('keeps what it made for a run with another folder for its coverage', () => {
    const one = '{"coverageDirectory":"/tmp/a"}';
    const two = '{"coverageDirectory":"/tmp/b"}';
    expect(keyOf(one, true)).toBe(keyOf(two, true));
  });

  it('keeps code that is counted apart from code that is not', () => {
    expect(keyOf('{}', true)).not.toBe(keyOf('{}', false));
  });
});
