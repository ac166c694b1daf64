import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dockerMissing } from '../../support/platform/docker';
import { realPart } from '../../support/platform/real-part';

realPart('docker build', dockerMissing(), () => {
  it.each(['node', 'turn'])(
    'makes the image %s',
    (name) => {
      if (!existsSync('dist/agent/agent.js')) execFileSync('npm', ['run', 'build']);
      const args = [
        'build',
        '--quiet',
        '--file',
        `srs-image/image/${name}.Dockerfile`,
        '--tag',
        `srs-live-${name}:test`,
        '.',
      ];
      const env = { ...process.env, DOCKER_BUILDKIT: '1' };
      expect(execFileSync('docker', args, { encoding: 'utf8', env })).toMatch(/^sha256:/);
    },
    900_000,
  );
});
