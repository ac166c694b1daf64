import { path, ROUTES, routerPattern } from '../../../functions/contract/routes';

describe('the route table', () => {
  it('fills in every parameter of a route', () => {
    const params = { id: 'l0123456789', grantId: 'g1', broadcastId: 'b1', playlist: 'source.m3u8' };
    expect(path(ROUTES.grants.playlist, params)).toBe('/api/v1/streams/l0123456789/grants/g1/b1/source.m3u8');
  });

  it('leaves the prefix of a route when its last parameter is empty', () => {
    expect(path(ROUTES.gate.client, { source: '' })).toBe('/clients/');
  });

  it('spells a parameter as the router does', () => {
    expect(routerPattern(ROUTES.hooks.action)).toBe('/hooks/:action');
  });

  it('has no path of the API twice', () => {
    const { api, media, access, webhooks, budget, grants, chat } = ROUTES;
    const all = [api, media, access, webhooks, budget, grants, chat].flatMap((group) => Object.values(group));
    expect(all.filter((route, index) => all.indexOf(route) !== index)).toEqual([]);
  });
});
