/** Counts a viewer's stalls: it has the machine to itself, beside others a browser stands still for want of a processor. */
const PLAYBACK = '<rootDir>/test/e2e/watch.test.ts';

/**
 * `fast` is what `npm run check` runs; `integration` starts servers of this project; `e2e` runs the whole platform on real media, and
 * `srs` on a real SRS.
 */
const project = (displayName, testMatch, testPathIgnorePatterns = []) => ({
  displayName,
  testEnvironment: 'node',
  testMatch,
  testPathIgnorePatterns: ['/node_modules/', ...testPathIgnorePatterns],
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/cdktf.out', '<rootDir>/.local'],
  transform: { '\\.(ts|m?js)$': '<rootDir>/scripts/config/jest-esbuild.cjs' },
  transformIgnorePatterns: ['/node_modules/(?!(jose|node-media-server)/)'],
});

module.exports = {
  // What hangs is ended; what is slow on a busy machine is not.
  testTimeout: 30_000,
  projects: [
    project(
      'fast',
      ['<rootDir>/test/**/*.test.ts'],
      ['<rootDir>/test/e2e/', '<rootDir>/test/srs/', '\\.integration\\.test\\.ts$'],
    ),
    project('integration', ['<rootDir>/test/**/*.integration.test.ts'], ['<rootDir>/test/e2e/']),
    project('playback', [PLAYBACK]),
    project('e2e', ['<rootDir>/test/e2e/**/*.test.ts'], [PLAYBACK]),
    project('srs', ['<rootDir>/test/srs/**/*.test.ts']),
  ],
};
