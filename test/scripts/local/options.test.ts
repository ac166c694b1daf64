import { parseOptions } from '../../../scripts/local/options';
import { portsFrom } from '../../../scripts/local/ports';

describe('the command line', () => {
  it('has defaults: the demo on the default ports, for people', () => {
    expect(parseOptions([])).toEqual({
      json: false,
      demo: true,
      portBase: 18080,
      environment: 'dev',
      modelEventDelay: false,
      docker: false,
      help: false,
    });
  });

  it('takes every option', () => {
    const args = [
      '--json',
      '--no-demo',
      '--port-base',
      '20000',
      '--env=staging',
      '--model-event-delay',
      '--docker',
      '--second-cdn=30',
      '--record=said',
    ];
    expect(parseOptions(args)).toEqual({
      json: true,
      demo: false,
      portBase: 20000,
      environment: 'staging',
      modelEventDelay: true,
      docker: true,
      secondCdnWeight: 30,
      record: 'said',
      help: false,
    });
  });

  it.each([
    [['--sideways'], "Unknown option '--sideways'"],
    [['extra'], "Unexpected argument 'extra'"],
    [['--port-base', 'many'], "--port-base 'many': use a whole number"],
    [['--second-cdn=101'], "--second-cdn '101': use a whole number from 0 to 100"],
    [['--second-cdn', 'half'], "--second-cdn 'half': use a whole number from 0 to 100"],
    [['--port-base'], "Option '--port-base <value>' argument missing"],
  ])('refuses %p in one sentence', (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });
});

describe('ports', () => {
  it('follow from the base and do not collide', () => {
    const { functionAt, turnRelay, ...fixed } = portsFrom(20000);
    const relayed = Array.from({ length: turnRelay.last - turnRelay.first + 1 }, (_, index) => turnRelay.first + index);
    const all = [...Object.values(fixed), ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(functionAt), ...relayed];
    expect([fixed.edge, fixed.rtmp, fixed.storage, fixed.firestore, fixed.metadata]).toEqual([
      20000, 20001, 20002, 20003, 20004,
    ]);
    expect(new Set(all).size).toBe(all.length);
  });

  it.each([80, 65530, 20000.5])('refuse a base of %s', (base) => {
    expect(() => portsFrom(base)).toThrow(`--port-base ${base}: use a whole number from 1024 to 65485`);
  });
});
