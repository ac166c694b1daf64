import { DEFAULT_PORT_BASE, portsFrom } from '../../../scripts/local/ports';

/** Functions of a whole deployment, with room for more. */
const FUNCTIONS = 10;

it('no two parts of a local platform share a port, and all lie within fifty of the base', () => {
  const ports = portsFrom(DEFAULT_PORT_BASE);
  const named = Object.entries(ports).flatMap(([name, port]) => (typeof port === 'number' ? [{ name, port }] : []));
  const functions = Array.from({ length: FUNCTIONS }, (_, at) => ({
    name: `function ${at}`,
    port: ports.functionAt(at),
  }));
  const { first, last } = ports.turnRelay;
  const relays = Array.from({ length: last - first + 1 }, (_, at) => ({ name: `relay ${at}`, port: first + at }));
  const all = [...named, ...functions, ...relays];
  const twice = all.filter(({ port }, at) => all.findIndex((one) => one.port === port) !== at);
  expect(twice).toEqual([]);
  expect(all.filter(({ port }) => port < DEFAULT_PORT_BASE || port >= DEFAULT_PORT_BASE + 50)).toEqual([]);
});
