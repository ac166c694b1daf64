import { api } from '../../../functions/contract/env/functions';
import { EnvironmentConfig } from '../../../infra/config/schema';
import { at, ENVIRONMENTS, resourcesOf, synthEnvironment } from '../../support/synth';

const { dev } = ENVIRONMENTS;
const PROVIDER = { issuer: 'https://id.example.com/', audience: 'srs-live', jwksUrl: 'https://id.example.com/keys' };
const withProvider = (identityProvider: unknown) => ({ ...dev, api: { ...dev.api, identityProvider } });

/** The variable as each function gets it. */
function variables(environment: Parameters<typeof synthEnvironment>[0]): unknown[] {
  const functions = resourcesOf(synthEnvironment(environment), /^google_cloudfunctions2_function$/);
  return functions
    .map(({ attributes }) => at(attributes, 'service_config.environment_variables.IDENTITY_PROVIDER'))
    .filter(Boolean);
}

describe('the identity provider of an environment', () => {
  it('is data of the environment, and reaches the API alone, as its contract has it', () => {
    const found = variables({ ...dev, api: { ...dev.api, identityProvider: PROVIDER } });
    expect(found).toHaveLength(1);
    expect(api.env.shape.IDENTITY_PROVIDER.parse(found[0])).toEqual(PROVIDER);
  });

  it("is nobody's where none is named", () => {
    expect(variables(dev)).toEqual([]);
    expect(api.env.shape.IDENTITY_PROVIDER.parse(undefined)).toBeUndefined();
  });

  it.each<[string, unknown, string]>([
    ['an issuer without TLS', { ...PROVIDER, issuer: 'http://id.example.com' }, 'use https://'],
    ['no audience', { ...PROVIDER, audience: '' }, 'Too small'],
    ['keys that are nowhere', { ...PROVIDER, jwksUrl: 'keys.json' }, 'Invalid URL'],
    ['a field nobody knows', { ...PROVIDER, secret: 'x' }, 'Unrecognized key'],
  ])('is refused with %s', (_name, provider, why) => {
    expect(EnvironmentConfig.safeParse(withProvider(provider)).error?.message).toContain(why);
  });

  it('is refused by the API when it is no JSON', () => {
    expect(api.env.shape.IDENTITY_PROVIDER.safeParse('id.example.com').error?.message).toContain('use JSON');
  });
});
