/** Tests whose playback or publishing is judged by time: two of them at most beside each other, and nothing else. */
const PLAYBACK = [
  '<rootDir>/test/e2e/watch.test.ts',
  '<rootDir>/test/web/publish-page.integration.test.ts',
  '<rootDir>/test/web/watch-page.integration.test.ts',
  '<rootDir>/test/web/watch-states.integration.test.ts',
];

/**
 * `fast` is what `npm run check` runs; `integration` starts servers of this project; `e2e` runs the whole platform on
 * real media, and `srs` on a real SRS.
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
  // A hanging test is ended; a slow one on a busy machine is not.
  testTimeout: 30_000,
  testSequencer: '<rootDir>/scripts/config/longest-first.cjs',
  projects: [
    project(
      'fast',
      ['<rootDir>/test/**/*.test.ts'],
      ['<rootDir>/test/e2e/', '<rootDir>/test/srs/', '\\.integration\\.test\\.ts$'],
    ),
    project('integration', ['<rootDir>/test/**/*.integration.test.ts'], ['<rootDir>/test/e2e/', ...PLAYBACK]),
    project('playback', PLAYBACK),
    project('e2e', ['<rootDir>/test/e2e/**/*.test.ts'], PLAYBACK),
    project('srs', ['<rootDir>/test/srs/**/*.test.ts']),
  ],
};
