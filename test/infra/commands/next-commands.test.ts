import { ENVIRONMENTS, synthBootstrap, synthEnvironment } from '../../support/synth';

describe('terraform apply by itself', () => {
  it.each(Object.values(ENVIRONMENTS))('ends with the commands that come next for $name', (environment) => {
    expect(synthEnvironment(environment).output).toEqual({
      next: expect.objectContaining({
        value: `'npm run keys -- ${environment.name} init', then 'npm run smoke -- ${environment.name}'`,
      }),
    });
  });

  it('of bootstrap ends with the images and the deploy', () => {
    expect(synthBootstrap().output).toMatchObject({ next: { value: expect.stringMatching(/images.*npm run deploy/) } });
  });
});
