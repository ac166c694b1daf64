import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { pageCommands } from '../support/platform/page-commands';
import { realPart } from '../support/platform/real-part';
import { ENVIRONMENTS, eachText, synthBootstrap, synthEnvironment } from '../support/synth';

/** Pages an operator works from. What its commands do is `commands/page-commands.integration.test.ts`'s. */
const PAGES = ['infra/README.md', 'infra/RUNBOOK.md'];
const README = pageCommands('infra/README.md');
const STACKS = ['bootstrap', ...Object.keys(ENVIRONMENTS), '$ENV'];

describe('the way of a new operator', () => {
  it('is in order', () => {
    const steps = [...README.text.matchAll(/^(\d+)\. \*\*([^*]+)\*\*/gm)].map(
      ([, number, step]) => `${number} ${step}`,
    );
    expect(steps).toEqual([
      '1 Say what you want',
      '2 Sign in',
      '3 Bootstrap',
      '4 Images',
      '5 Preflight',
      '6 Keys',
      '7 Deploy',
      '8 CDN keys',
      '9 Smoke',
      '10 Rotate',
      '11 Destroy',
    ]);
  });

  it('names what the example config makes', () => {
    const literals: string[] = [];
    for (const json of [synthBootstrap(), synthEnvironment(ENVIRONMENTS.dev)])
      eachText(json, (text) => literals.push(text));
    const typed = README.usesOf('gcloud').join('\n');
    const named = [...typed.matchAll(/srs-live-(?:dev|ops)(?:-[a-z]+)*|(?<=_TAG=)[\w.-]+/g)].map(([name]) => name);
    expect(new Set(named).size).toBeGreaterThan(5);
    expect([...new Set(named)].filter((name) => !literals.some((text) => text.includes(name)))).toEqual([]);
  });
});

describe.each(PAGES)('%s', (page) => {
  const { text, usesOf } = pageCommands(page);

  it('has npm run what there is', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
    const used = usesOf('npm run').map((line) => line.split(/\s+/)[2] ?? '');
    expect(used.length).toBeGreaterThan(5);
    expect(used.filter((script) => !(script in scripts))).toEqual([]);
  });

  it('calls cdktf with what it has, on stacks there are', () => {
    const used = usesOf('npx')
      .map((line) => line.trim().split(/\s+/))
      // The runbook's table of where commands are tried names this one without arguments.
      .filter((words) => words.join(' ') !== 'npx cdktf-cli');
    expect(used.length).toBeGreaterThan(3);
    expect(
      used.filter(
        ([, cli, verb = '', stack]) =>
          cli !== 'cdktf-cli@0.21.0' ||
          !['synth', 'diff', 'deploy', 'destroy'].includes(verb) ||
          (verb !== 'synth' && !STACKS.includes(stack ?? '')),
      ),
    ).toEqual([]);
  });

  it('leads to files there are', () => {
    const files = [...text.matchAll(/\]\(([\w./-]+)(?:#[^)]*)?\)/g)].map(([, file = '']) => `infra/${file}`);
    const named = [...text.matchAll(/`((?:infra|srs-image|test|scripts)\/[\w./-]+)`/g)].map(([, file = '']) => file);
    expect([...files, ...named].filter((file) => !existsSync(file))).toEqual([]);
  });
});

const terraform = spawnSync('terraform', ['version']).error === undefined ? undefined : 'no terraform on this machine';
realPart('terraform', terraform, () => {
  const verbs = README.usesOf('terraform').map(
    (line) =>
      line
        .trim()
        .split(/\s+/)
        .find((word, index) => index > 0 && !word.startsWith('-')) ?? '',
  );

  it.each([...new Set(verbs)])('has %s', (verb) => {
    expect(spawnSync('terraform', [verb, '-help'], { encoding: 'utf8' }).stdout.trim()).toMatch(
      new RegExp(`^Usage: terraform .*\\b${verb}\\b`),
    );
  });
});

/** The completions of the installed gcloud: every command, with its flags. */
const TREE = '/usr/lib/google-cloud-sdk/data/cli';
const PRINT = 'import json, gcloud_completions as g; print(json.dumps(g.STATIC_COMPLETION_CLI_TREE))';

realPart('gcloud', existsSync(`${TREE}/gcloud_completions.py`) ? undefined : 'no gcloud on this machine', () => {
  interface Node {
    readonly commands?: Readonly<Record<string, Node>>;
    readonly flags?: Readonly<Record<string, unknown>>;
  }
  const text = execFileSync('python3', ['-c', PRINT], {
    cwd: TREE,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { PYTHONDONTWRITEBYTECODE: '1', PATH: process.env.PATH ?? '' },
  });
  const root: Node = JSON.parse(text);

  /** Returns the words of a command line that gcloud does not have. */
  function unknownIn(line: string): string[] {
    const words = line
      .replace(/'[^']*'|"[^"]*"/g, 'x')
      .split(/\s+/)
      .slice(1);
    let node = root;
    const flags = new Set(Object.keys(root.flags ?? {}));
    for (const word of words) {
      const next = node.commands?.[word];
      if (next === undefined) break;
      node = next;
      for (const flag of Object.keys(node.flags ?? {})) flags.add(flag);
    }
    const asked = words.flatMap((word) => /^(--[a-z-]+)/.exec(word)?.[1] ?? []);
    return [
      ...(node.commands === undefined || Object.keys(node.commands).length === 0 ? [] : [`${line}: no such command`]),
      ...asked.filter((flag) => !flags.has(flag) && !flags.has(flag.replace('--no-', '--'))),
    ];
  }

  it.each([...new Set(PAGES.flatMap((page) => pageCommands(page).usesOf('gcloud')))])('has %s', (line) => {
    expect(unknownIn(line)).toEqual([]);
  });

  it('is found to lack a command and a flag that do not exist', () => {
    expect(unknownIn('gcloud run services updat x')).toHaveLength(1);
    expect(unknownIn('gcloud run services update x --sideways=1')).toEqual(['--sideways']);
  });
});
