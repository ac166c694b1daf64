import { runProgram } from '../../../../scripts/tools/deploy/run-program';

describe('a command that another command runs', () => {
  it.each(['deploy', 'preflight', 'keys', 'smoke'])(
    'is there: %s',
    async (name) => {
      const { code, said } = await runProgram(name, ['--help']);
      expect([code, said.join('\n')]).toEqual([0, expect.stringContaining(`usage: npm run ${name}`)]);
    },
    60_000,
  );
});
