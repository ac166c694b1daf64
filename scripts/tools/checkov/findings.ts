import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

/** The findings of checkov: by stack (or `images`, the Dockerfiles), each as `<check> <type>.<name>`, sorted. */
export type Findings = Readonly<Record<string, readonly string[]>>;

/** Reasons for findings that stay: the check, its resources, and the reason. */
export const Reasons = z.record(
  z.string().regex(/^CKV\w+$/),
  z
    .array(
      z.strictObject({
        resources: z.string(),
        verdict: z.enum(['reasoned', 'false', 'open']),
        why: z.string().min(20),
      }),
    )
    .min(1),
);
export type Reasons = z.infer<typeof Reasons>;

const Report = z.object({
  results: z.object({ failed_checks: z.array(z.object({ check_id: z.string(), resource: z.string() })) }),
});
const Stack = z.object({ resource: z.record(z.string(), z.record(z.string(), z.unknown())) });

const command = (): string => process.env.CHECKOV ?? 'checkov';

/**
 * Returns the version of checkov on this machine (`CHECKOV` names it, else the path is searched); `undefined` if there
 * is none.
 */
export function checkovVersion(): string | undefined {
  const ran = spawnSync(command(), ['--version'], { encoding: 'utf8' });
  return ran.status === 0 ? ran.stdout.trim() : undefined;
}

function run(folder: string, framework: 'terraform_json' | 'dockerfile'): { check_id: string; resource: string }[] {
  const options = ['-d', folder, '--framework', framework, '-o', 'json', '--quiet', '--compact', '--skip-download'];
  const ran = spawnSync(command(), options, { encoding: 'utf8', maxBuffer: 64 << 20 });
  return Report.parse(JSON.parse(ran.stdout)).results.failed_checks;
}

/**
 * Returns the findings in synthesised stacks: their JSON by name. Checkov reads neither cdktf's list of providers nor
 * its imports.
 */
export function findingsOfStacks(stacks: Readonly<Record<string, unknown>>): Findings {
  const found = Object.entries(stacks).map(([name, json]) => {
    const { resource } = Stack.parse(json);
    const types = new Map(Object.entries(resource).flatMap(([type, all]) => Object.keys(all).map((id) => [id, type])));
    const failed = inFolder(
      (folder) => writeFileSync(join(folder, 'main.tf.json'), JSON.stringify({ resource })),
      (folder) => run(folder, 'terraform_json'),
    );
    const named = failed.map(({ check_id, resource: told }) => {
      const id = told.replace(/^resource\./, '');
      return `${check_id} ${types.get(id) ?? 'unknown'}.${id}`;
    });
    return [name, [...new Set(named)].sort()] as const;
  });
  return Object.fromEntries(found);
}

/** Returns the findings in the Dockerfiles of a folder, as `<check> <file>`. */
export function findingsOfImages(images: string): readonly string[] {
  const failed = inFolder(
    (folder) => {
      for (const file of readdirSync(images).filter((name) => name.endsWith('.Dockerfile')))
        cpSync(join(images, file), join(folder, file));
    },
    (folder) => run(folder, 'dockerfile'),
  );
  return failed
    .map(({ check_id, resource }) => `${check_id} ${/\/([\w.-]+?Dockerfile)/.exec(resource)?.[1] ?? resource}`)
    .sort();
}

function inFolder<T>(fill: (folder: string) => void, use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'checkov-'));
  try {
    mkdirSync(folder, { recursive: true });
    fill(folder);
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Returns the findings without a reason. */
export function withoutReason(findings: Findings, reasons: Reasons): string[] {
  return Object.entries(findings).flatMap(([stack, all]) =>
    all.filter((finding) => !isReasoned(finding, reasons)).map((finding) => `${stack}: ${finding}`),
  );
}

/** Returns the reasons without a finding. */
export function unused(findings: Findings, reasons: Reasons): string[] {
  const all = Object.values(findings).flat();
  return Object.entries(reasons).flatMap(([check, each]) =>
    each
      .filter((reason) => !all.some((finding) => isReasoned(finding, { [check]: [reason] })))
      .map(({ resources }) => `${check} ${resources}`),
  );
}

function isReasoned(finding: string, reasons: Reasons): boolean {
  const [check = '', resource = ''] = finding.split(' ');
  return (reasons[check] ?? []).some(({ resources }) => new RegExp(`^(?:${resources})$`).test(resource));
}
