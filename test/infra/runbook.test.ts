import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { FUNCTIONS } from '../../functions/contract/env/functions';
import { ROUTES } from '../../functions/contract/routes';
import { anchorOf } from '../../infra/constructs/observability/alerts';
import { pageCommands } from '../support/platform/page-commands';
import { triedPrograms } from '../support/runbook/steps';
import { at, ENVIRONMENTS, eachText, resourcesOf, synthEnvironment } from '../support/synth';

const { text: RUNBOOK, usesOf } = pageCommands('infra/RUNBOOK.md');
const json = synthEnvironment(ENVIRONMENTS.prod);
const sections = RUNBOOK.split(/^## /m).slice(1);
const alerts = (sections.find((section) => section.startsWith('Alerts\n')) ?? '').split(/^### /m).slice(1);
const titleOf = (section: string): string => section.split('\n')[0] ?? '';
const headings = [...RUNBOOK.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
const policies = resourcesOf(json, /^google_monitoring_alert_policy$/);

describe('the runbook', () => {
  it.each(policies)('has the heading that $path names', ({ attributes }) => {
    const anchor = /RUNBOOK\.md#([a-z0-9-]+)/.exec(String(at(attributes, 'documentation.content')))?.[1];
    expect(headings.map(anchorOf)).toContain(anchor);
    expect(alerts.map((section) => anchorOf(titleOf(section)))).toContain(anchor);
  });

  it.each(alerts.map(titleOf))('has an alert for the heading "%s"', (title) => {
    expect(policies.map(({ attributes }) => attributes.display_name)).toContain(`prod: ${title}`);
  });

  it.each(alerts.map((section) => [titleOf(section), section]))(
    'says of "%s" what it means, how to look, what to do, when it is over',
    (_, section) => {
      expect([...section.matchAll(/^- \*\*(\w+)\*\* \S/gm)].map(([, word]) => word)).toEqual([
        'Means',
        'Look',
        'Do',
        'Over',
      ]);
    },
  );

  it('says how to do what an operator does', () => {
    const wanted = [
      'Deploy',
      'Roll back',
      'Rotate keys',
      'Restore Firestore',
      'Drain a node',
      'Edges',
      'Change a running node',
      'Take a stream down',
      'Move viewers to another CDN',
      'Budget stages',
      'When something large is lost',
      'Look into a node',
      'Where these commands are tried',
    ];
    expect(sections.map(titleOf)).toEqual(['Alerts', ...wanted]);
  });

  it('leads nowhere that is not there', () => {
    const links = [...RUNBOOK.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);
    expect(links.length).toBeGreaterThan(20);
    expect(links.filter((anchor) => !headings.map(anchorOf).includes(anchor ?? ''))).toEqual([]);
  });

  it('has no heading twice', () => {
    expect(new Set(headings.map(anchorOf)).size).toBe(headings.length);
  });
});

describe('the commands of the runbook', () => {
  it('of npm are there, with what they take', () => {
    const scripts = Object.keys(JSON.parse(readFileSync('package.json', 'utf8')).scripts);
    const used = usesOf('npm run').map((line) => line.split(/\s+/)[2] ?? '');
    expect(new Set(used)).toEqual(
      new Set([
        'cdns',
        'check-hls',
        'cost',
        'deploy:rehearsal',
        'drill',
        'keys',
        'preflight',
        'smoke',
        'synth',
        'take-down',
      ]),
    );
    expect(used.filter((script) => !scripts.includes(script))).toEqual([]);
  });

  it('are each tried, or have the reason why not', () => {
    const all = [...RUNBOOK.matchAll(/`((?:gcloud|bq|npm|npx|curl|api|events|docker|terraform|psql) [^`\n]+)`/g)];
    const inTable = (command: string) => triedPrograms.some(({ program }) => command.startsWith(program));
    expect(all.map(([, command = '']) => command).filter((command) => !inTable(command))).toEqual([]);
    const [page = ''] = RUNBOOK.split('## Where these commands are tried');
    expect(
      triedPrograms.filter(({ program }) => !page.includes(`\`${program}`) && program !== 'npm run deploy:rehearsal'),
    ).toEqual([]);
    const files = triedPrograms.flatMap(({ tried }) => [...tried.matchAll(/`(test\/[\w./-]+)`/g)]);
    expect(files.map(([, file = '']) => file).filter((file) => !existsSync(file))).toEqual([]);
    expect(triedPrograms.length).toBeGreaterThan(10);
  });

  it('ask for events that the product logs', () => {
    const asked = new Set(usesOf('events').flatMap((line) => /^events ([a-z_]+)/.exec(line)?.[1] ?? []));
    const missing = [...asked].filter((event) => {
      const grep = ['grep', '--untracked', '-lF', `'${event}'`, '--', 'functions/*.ts', 'srs-image/agent/*.ts'];
      try {
        return execFileSync('git', grep, { encoding: 'utf8' }) === '';
      } catch {
        return true;
      }
    });
    expect(asked.size).toBeGreaterThan(20);
    expect(missing).toEqual([]);
  });

  it('call paths that the API has', () => {
    const paths = [
      ...Object.values(ROUTES.api),
      ...Object.values(ROUTES.webhooks),
      ...Object.values(ROUTES.budget),
    ].map((path) => path.replace('/api/v1', '').replace(/\{\w+\}/g, '<>'));
    const called = usesOf('api').flatMap((line) => /^api (\/[^ `]*)/.exec(line)?.[1] ?? []);
    expect(called.length).toBeGreaterThan(10);
    expect(called.filter((path) => !paths.includes(path.replace(/<\w+>/g, '<>')))).toEqual([]);
  });

  it('name resources that an environment has', () => {
    const literals = new Set<string>();
    eachText(json, (text) => literals.add(text));
    const named = [...RUNBOOK.matchAll(/srs-live-\$ENV-[a-z0-9]+(?:-[a-z0-9]+)*(?:-\$PROJECT)?/g)].map(([name]) =>
      name.replace('$ENV', 'prod').replace('$PROJECT', ENVIRONMENTS.prod.projectId),
    );
    expect(new Set(named).size).toBeGreaterThan(8);
    expect([...new Set(named)].filter((name) => !literals.has(name))).toEqual([]);
  });

  it('restart every function that reads a secret which is rotated, in both regions', () => {
    const [line = ''] = RUNBOOK.match(/^- \*\*Restart a function\*\*.*$/m) ?? [];
    const rotated = ['ADMIN_KEY', 'SIGNING_KEYS', 'TOKEN_KEYS', 'TURN_SECRET'];
    const readers = Object.values(FUNCTIONS)
      .filter(({ secrets }) => rotated.some((secret) => secret in secrets.shape))
      .map(({ name }) => name);
    expect(readers).toEqual(['srs-hooks', 'api', 'chat']);
    expect(readers.filter((name) => !new RegExp(`[\`-]${name}[ \`]`).test(line))).toEqual([]);
    expect(line).toContain('`-b`');
  });

  it('name views that there are', () => {
    const views = resourcesOf(json, /^google_bigquery_table$/).map(({ attributes }) => attributes.table_id);
    const named = [...RUNBOOK.matchAll(/srs_live_\$\{ENV\}_reports\.(\w+)/g)].map(([, view]) => view);
    expect(named.length).toBeGreaterThan(1);
    expect(named.filter((view) => !views.includes(view))).toEqual([]);
  });

  it('lead to pages of this repository that there are', () => {
    const files = [...RUNBOOK.matchAll(/`(infra\/[\w./-]+)`/g)].map(([, file = '']) => file);
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
  });
});
